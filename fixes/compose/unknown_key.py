"""A key is one that Compose does not know, with a known one beside it in spelling.

## What is wrong

The specification lists the keys that may stand in a service, a build, a network and so on. On any
other Compose stops: `services.web additional properties 'enviroment' not allowed`.

## What dockfix does

Where exactly one key of that place is spelled nearly so and is not there already, it renames the key.
Otherwise the finding says what to do.

## Fix safety

Safe: Compose refuses the file as it is.

## References

Compose specification.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Mapping, Rename
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.spelling import nearest
from fixer.stack import ComposeFile, Stack
from fixer.stack.specification import Complaint

fix = Fix(
    summary="A key is one that Compose does not know.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find keys that the specification does not list."""
    for file in stack.files:
        for complaint in file.complaints:
            if complaint.problem == "unknown":
                yield _finding(file, complaint)


def _finding(file: ComposeFile, complaint: Complaint) -> Finding:
    place = Place(file.path, file.document.position(complaint.node))
    where = f"{'.'.join(complaint.path)} " if complaint.path else ""
    message = f"Compose refuses the file: {where}additional properties '{complaint.key}' not allowed."
    near = _near(complaint)
    if near is None:
        steps = f"Remove {complaint.key}, move it to where it belongs, or name it x-{complaint.key}."
        return Finding(place, message, steps=steps)
    operation = Rename(complaint.node.route, near, complaint.node.document)
    return Finding(place, message, (EditYaml(file.path, (operation,)),))


def _near(complaint: Complaint) -> str | None:
    """The one key of the place that is spelled nearly so and not written there."""
    parent = complaint.node.parent
    written = {entry.name for entry in parent.entries} if isinstance(parent, Mapping) else set()
    return nearest(complaint.key, [key for key in complaint.shape.keys or () if key not in written])
