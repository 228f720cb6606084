"""A service has a setting of version 1 of the Compose file.

## What is wrong

Version 1 had `net`, `log_driver`, `log_opt` and `volume_driver`. Compose refuses them today:
`services.web additional properties 'net' not allowed`.

## What dockfix does

`net` becomes `network_mode` (`container:db` becomes `service:db` where `db` is a service, since version
1 meant both by it), `log_driver` and `log_opt` become `logging` with `driver` and `options`. A
`volume_driver` is for a person: it belongs to the volumes that the service names. `dockerfile` beside
`build` goes into it ([misplaced-setting](misplaced-setting.md)).

## Fix safety

Safe: Compose refuses the file as it is, and the new settings mean what the old ones did.

## References

Compose file reference, Legacy versions: Upgrading from version 1.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Mapping, Move, Operation, Rename, Rewrite, Scalar
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack
from fixer.stack.placement import VERSION_1
from fixer.stack.specification import Complaint

fix = Fix(
    summary="A service has a setting of version 1 of the Compose file.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

STEPS = {
    "dockerfile": "Write it below build, beside context.",
    "volume_driver": "Write driver at the top level, in each volume that the service names.",
    "net": "Write network_mode in its place.",
}
LOGGING = {"log_driver": "driver", "log_opt": "options"}


def detect(stack: Stack) -> Iterator[Finding]:
    """Find settings that today's services do not have any more."""
    for file in stack.files:
        for complaint in file.complaints:
            is_service = complaint.path[:1] == ("services",) and len(complaint.path) == 2
            is_old = complaint.problem == "unknown" and complaint.key in VERSION_1
            if is_service and is_old and not file.is_stray(complaint.node):
                yield _finding(stack, file, complaint)


def _finding(stack: Stack, file: ComposeFile, complaint: Complaint) -> Finding:
    place = Place(file.path, file.document.position(complaint.node))
    where, key = ".".join(complaint.path), complaint.key
    message = f"Compose refuses the file: {where} additional properties '{key}' not allowed."
    operations = tuple(_operations(stack, complaint))
    if not operations:
        steps = STEPS.get(key, f"Write it below logging, as {LOGGING.get(key)}.")
        return Finding(place, message, steps=steps)
    return Finding(place, message, (EditYaml(file.path, operations),))


def _operations(stack: Stack, complaint: Complaint) -> Iterator[Operation]:
    node, owner = complaint.node, complaint.node.parent
    route, number = node.route, node.document
    if not isinstance(owner, Mapping) or owner.flow:
        return
    if complaint.key in LOGGING and owner.get("logging") is None:
        to = (*route[:-1], "logging", LOGGING[complaint.key])
        yield Move(route, to, document=number)
    elif complaint.key == "net" and isinstance(node, Scalar) and owner.get("network_mode") is None:
        if node.value.removeprefix("container:") in stack.services and ":" in node.value:
            yield Rewrite(route, "container:", "service:", number)
        yield Rename(route, "network_mode", number)
