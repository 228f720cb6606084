"""A setting has no value, as where all that stood below it is commented out.

## What is wrong

A key without a value is null, which few settings take. Compose stops: `services.web.ports must be a
array`, `services.web.environment must be a mapping`, `volumes must be a mapping`. An item of a list
without a value reads `services.web.environment.[0]: unexpected type <nil>`.

## What dockfix does

A list gets `[]` and a mapping `{}`, so that what is commented out below it stays in its place. A
setting that is a text, a number or a boolean goes, and so does an item without a value. A service
under `depends_on` gets `condition: service_started`, which is what the short form means.

Where the value cannot be missing, as an image's name without a `build`, the finding says what to do.

## Fix safety

Safe: Compose refuses the file as it is, and a setting that is empty says what one that is missing says.
Where another file or the extended service has a value, Compose takes that one, and dockfix is silent.

## References

Compose specification.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete, Operation, Sequence, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack
from fixer.stack.specification import Complaint, expectation, kind_of

fix = Fix(
    summary="A setting has no value, where Compose takes none for an answer.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find settings without a value. A service without one is `empty-service`, a secret or config
    `missing-source`."""
    for file in stack.files:
        for complaint in file.complaints:
            is_null = complaint.problem == "kind" and kind_of(complaint.node) == "null"
            is_own = complaint.path[:-1] not in (("services",), ("secrets",), ("configs",))
            if is_null and is_own and _counts(stack, complaint):
                yield _finding(stack, file, complaint)


def _counts(stack: Stack, complaint: Complaint) -> bool:
    """Whether no other file has a value in place of the missing one."""
    if isinstance(complaint.node.parent, Sequence):
        return True
    value = stack.value_at(complaint.path)
    return value is not None and value.node is complaint.node


def _finding(stack: Stack, file: ComposeFile, complaint: Complaint) -> Finding:
    place = Place(file.path, file.document.position(complaint.node))
    message = f"Compose refuses the file: {complaint.refusal}."
    operation = _filled(stack, complaint)
    if operation is None:
        steps = f"Write {expectation(complaint)} behind {complaint.key}, or remove it."
        return Finding(place, message, steps=steps)
    return Finding(place, message, (EditYaml(file.path, (operation,)),))


def _filled(stack: Stack, complaint: Complaint) -> Operation | None:
    node, path = complaint.node, complaint.path
    if path == ("services",) or complaint.key == "external" or node.anchor is not None:
        return None
    if complaint.key in ("image", "build") and len(path) == 3:
        service = stack.value_at(path[:2])
        other = service.get("build" if complaint.key == "image" else "image") if service else None
        return Delete(node.route, node.document) if other is not None and other.data else None
    if path[2:3] == ("depends_on",) and len(path) == 4:
        return Set(node.route, {"condition": "service_started"}, node.document)
    if complaint.shape.words == "array":
        return Set(node.route, [], node.document)
    if complaint.shape.words == "mapping":
        return Set(node.route, {}, node.document)
    return Delete(node.route, node.document)
