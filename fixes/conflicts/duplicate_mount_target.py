"""A service mounts two things at one path.

## What is wrong

Compose refuses a service in which a volume and a `tmpfs` entry have one target:
`services.app.volumes[0]: target /tmp already mounted as services.app.tmpfs[0]`. It happens most when
the `tmpfs` list comes in through a merge key and the service also lists an anonymous volume.

## What dockfix does

An anonymous volume (a bare path) beside a `tmpfs` at the same target is removed: both give the
container an empty writable folder, and the `tmpfs` is what the shared settings ask for. Where the
volume is named or a bind mount it holds data, so the choice is left to a person.

## Fix safety

Safe: Compose refuses the stack as it is, and the folder stays writable and empty at start.

## References

Compose specification, tmpfs; compose-go, validation of mount targets.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Mount, Service, Stack

fix = Fix(
    summary="A volume and a tmpfs of one service have the same target.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find volumes whose target is a tmpfs of the same service too."""
    for service in stack.services.values():
        temporary = {mount.target: mount for mount in service.mounts if mount.kind == "tmpfs"}
        for mount in service.mounts:
            if mount.kind != "tmpfs" and mount.target in temporary:
                yield _finding(service, mount)


def _finding(service: Service, mount: Mount) -> Finding:
    message = (
        f"Compose refuses the stack: {service.name} mounts {mount.target} as a volume and as"
        " tmpfs (target already mounted)."
    )
    if mount.kind != "anonymous":
        steps = (
            f"Keep the volume if {mount.target} must outlive the container, and take the path out"
            " of tmpfs; else remove the volume."
        )
        return Finding(mount.at.at, message, steps=steps)
    removal = EditYaml(mount.at.file.path, (Delete(mount.at.route, mount.at.node.document),))
    return Finding(mount.at.at, message, (removal,))
