"""The services stand at the top of the file, without `services`.

## What is wrong

In version 1 of the Compose file the services were the file. Today everything that Compose does not know
at the top is refused: `additional properties 'web' not allowed`. The same happens to a newer file
that has lost its `services:` line.

## What dockfix does

It writes `services:` above the first service and moves all of them below it, with their comments. What
belongs at the top (`version`, `volumes`, `networks`, `secrets`, `configs`, `name`, `include`, `x-`
keys) stays there. Settings that today's Compose does not know are the business of
[version-1-key](version-1-key.md).

## Fix safety

Safe: Compose refuses the file as it is, and an entry counts as a service only if it has an image or a
build, or nothing but settings of a service.

## References

Compose file reference, Legacy versions; Compose specification, Services top-level element.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Move
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack

fix = Fix(
    summary="The services stand at the top of the file, without `services`.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find files whose services are at the root."""
    for file in stack.files:
        if file.unwrapped_services:
            yield _finding(file)


def _finding(file: ComposeFile) -> Finding:
    strays = file.unwrapped_services
    names = ", ".join(f"'{each.node.route[-1]}'" for each in strays)
    message = f"Compose refuses the file: additional properties {names} not allowed."
    place = Place(file.path, file.document.position(strays[0].node))
    operations = tuple(
        Move(each.node.route, each.to, document=each.node.document) for each in strays if each.to
    )
    if len(operations) < len(strays):
        return Finding(place, message, steps=f"Put {names} below a services key.")
    return Finding(place, message, (EditYaml(file.path, operations),))
