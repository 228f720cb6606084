"""A service has no body.

## What is wrong

`web:` with nothing below it is no service. Compose stops: `services.web must be a mapping`.

## What dockfix does

It tells which service that is. What it should run is for a person to say; where a folder of the
service's name has a Dockerfile, the finding names it.

## Fix safety

Nothing is changed. Where another file of the stack says what the service is, and comes first, Compose
takes that, and dockfix is silent.

## References

Compose specification, Services top-level element.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.documents.yaml import Mapping, Node
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack
from fixer.stack.specification import Complaint, kind_of

fix = Fix(
    summary="A service has no body.",
    severity=Severity.ERROR,
    safety=Safety.MANUAL,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find services without a body. One whose settings follow a level too far left is
    `misplaced-setting`."""
    for file in stack.files:
        misplaced = [each.node for each in file.complaints if each.problem == "misplaced"]
        for complaint in file.complaints:
            is_service = complaint.path[:-1] == ("services",) and complaint.problem == "kind"
            if not is_service or kind_of(complaint.node) != "null":
                continue
            value = stack.value_at(complaint.path)
            is_left = value is not None and value.node is complaint.node
            if is_left and _following(complaint.node) not in misplaced:
                yield _finding(stack, file, complaint)


def _following(node: Node) -> Node | None:
    """What stands behind a service among the services."""
    services = node.parent
    values = [entry.value for entry in services.entries] if isinstance(services, Mapping) else []
    index = values.index(node) + 1
    return values[index] if index < len(values) else None


def _finding(stack: Stack, file: ComposeFile, complaint: Complaint) -> Finding:
    name = complaint.key
    place = Place(file.path, file.document.position(complaint.node))
    message = f"Compose refuses the file: {complaint.refusal}."
    folder = stack.resolve(f"./{name}", file)
    steps = f"Give {name} an image or a build, or remove it."
    if folder and stack.repository.is_file(f"{folder}/Dockerfile"):
        steps = f"Write `build: ./{name}` below {name}, whose Dockerfile is there, or remove it."
    return Finding(place, message, steps=steps)
