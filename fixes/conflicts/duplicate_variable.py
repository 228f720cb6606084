"""A list sets one variable, label or argument twice.

## What is wrong

In a list such as `environment: [MODE=a, MODE=b]` Compose takes the last entry of a name and says nothing
of the first. What stands first looks as if it counted; whoever changes it changes nothing. As a mapping
the same is refused: `mapping key "MODE" already defined`.

## What dockfix does

It removes the entry that does not count: the earlier one, or the later one where both are equal.

## Fix safety

Safe: the resolved configuration stays the same.

## References

Compose specification, environment, labels, build args.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete, Scalar, Sequence
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack

fix = Fix(
    summary="A list sets a variable, label or argument twice.",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
)

LISTS = (
    ("annotations",), ("build", "args"), ("build", "labels"), ("deploy", "labels"), ("environment",),
    ("labels",), ("sysctls",),
)  # fmt: skip


def detect(stack: Stack) -> Iterator[Finding]:
    """Find entries of a name that a later entry of the list has as well."""
    for file in stack.files:
        for service in file.services.values():
            for path in LISTS:
                found = file.document.node((*service.route, *path), service.document)
                if isinstance(found, Sequence):
                    yield from _twice(file, path[-1], found)


def _twice(file: ComposeFile, setting: str, items: Sequence) -> Iterator[Finding]:
    seen: dict[str, Scalar] = {}
    for item in items.items:
        name = item.value.partition("=")[0] if isinstance(item, Scalar) else ""
        if not isinstance(item, Scalar) or not name or "$" in name:
            continue
        before = seen.get(name)
        if before is not None and before.value == item.value:
            yield _finding(file, item, f"`{setting}` has {name} twice.")
            continue
        if before is not None:
            line = file.document.source.position(item.start).line
            yield _finding(
                file,
                before,
                f"`{setting}` has {name} twice, and Compose takes the later one, of line {line}.",
            )
        seen[name] = item


def _finding(file: ComposeFile, item: Scalar, message: str) -> Finding:
    place = Place(file.path, file.document.position(item))
    deletion = Delete(item.route, item.document)
    return Finding(place, message, (EditYaml(file.path, (deletion,)),))
