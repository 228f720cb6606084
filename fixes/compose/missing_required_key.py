"""A mapping lacks a key that Compose asks for.

## What is wrong

Some mappings have keys that must be there: a dependency's `condition`, a GPU's `capabilities`, the
`action` of a watched path, the `target` of a port or device in long form. Compose stops:
`services.web.depends_on.db missing property 'condition'`,
`services.a.deploy.resources.reservations.devices.0 missing property 'capabilities'`.

## What dockfix does

A dependency gets `condition: service_started`, which is what the short form means, and a device of the
driver `nvidia` gets `capabilities: [gpu]`. Else the finding names the key.

## Fix safety

Safe: Compose refuses the file as it is. Where another file of the stack has the key, and comes first,
nothing is missing.

## References

Compose specification, depends_on; Compose Deploy Specification, devices.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Flow, Mapping, Operation, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack
from fixer.stack.specification import Complaint

fix = Fix(
    summary="A mapping lacks a key that Compose asks for.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find mappings without a key that must be there. A mount without `type` is `invalid-mount`."""
    for file in stack.files:
        for complaint in file.complaints:
            is_mount_type = complaint.key == "type" and complaint.path[2:3] == ("volumes",)
            if complaint.problem == "missing" and not is_mount_type and _is_left(stack, complaint):
                yield _finding(file, complaint)


def _is_left(stack: Stack, complaint: Complaint) -> bool:
    """Whether no other file of the stack has the key."""
    value = stack.value_at(complaint.path)
    return value is None or value.get(complaint.key) is None


def _finding(file: ComposeFile, complaint: Complaint) -> Finding:
    place = Place(file.path, file.document.position(complaint.node))
    message = f"Compose refuses the file: {complaint.refusal}."
    operation = _added(complaint)
    if operation is None:
        steps = f"Write {complaint.key} into {complaint.location}."
        return Finding(place, message, steps=steps)
    return Finding(place, message, (EditYaml(file.path, (operation,)),))


def _added(complaint: Complaint) -> Operation | None:
    node = complaint.node
    route = (*node.route, complaint.key)
    if complaint.key == "condition":
        return Set(route, "service_started", node.document)
    driver = node.get("driver") if isinstance(node, Mapping) else None
    if complaint.key == "capabilities" and getattr(driver, "value", None) == "nvidia":
        return Set(route, Flow(["gpu"]), node.document)
    return None
