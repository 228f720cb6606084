"""A service mounts two things at one path.

## What is wrong

Compose refuses a service in which a volume and a `tmpfs` entry have one target:
`services.app.volumes[0]: target /tmp already mounted as services.app.tmpfs[0]`. It happens most when
the `tmpfs` list comes in through a merge key and the service also lists an anonymous volume. Two `tmpfs`
entries with one target are refused as well: `services.app.tmpfs[1]: target /tmp already mounted as
services.app.tmpfs[0]`. Of two `volumes` with one target Compose takes the last and says nothing.

## What dockfix does

An anonymous volume (a bare path) beside a `tmpfs` at the same target is removed: both give the
container an empty writable folder, and the `tmpfs` is what the shared settings ask for. Where a file
below brings the volume, the `tmpfs` goes in its place. Where the volume is named or a bind mount it
holds data, so the choice is left to a person. Of two `tmpfs` entries the one without options goes; of
two volumes the one that Compose ignores.

## Fix safety

Safe where Compose refuses the stack as it is and the folder stays writable and empty at start, or where
the ignored volume is the other one with other options: the resolved configuration stays the same.
Unsafe where a `tmpfs` gives way to a volume, and where the ignored volume is another one, since it may
be what the container lacks.

## References

Compose specification, tmpfs and volumes; compose-go, validation of mount targets.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Mount, Service, Stack, Value
from fixes.conflicts._items import may_go

fix = Fix(
    summary="Two mounts of one service have the same target.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find mounts of a service whose target another one has."""
    for service in stack.services.values():
        mounts = [each for each in service.mounts if each.target and stack.is_known(each.at.text)]
        temporary = [each for each in mounts if _setting(each.at) == "tmpfs"]
        volumes = [each for each in mounts if _setting(each.at) == "volumes"]
        for index, mount in enumerate(temporary):
            for other in temporary[:index]:
                if other.target == mount.target and _key(other) != _key(mount):
                    yield _temporary_twice(service, other, mount)
        for index, mount in enumerate(volumes):
            for tmpfs in temporary:
                if tmpfs.target == mount.target:
                    yield _volume_and_temporary(service, mount, tmpfs)
            for other in volumes[:index]:
                # Of an override and its base, Compose takes the override's on purpose.
                is_one_list = other.at.node.parent is mount.at.node.parent
                if other.target == mount.target and is_one_list and not _is_same(other, mount):
                    yield _ignored(service, other, mount)


def _setting(item: Value) -> str:
    route = item.route
    return next(str(step) for step in reversed(route) if not isinstance(step, int))


def _key(mount: Mount) -> str:
    """What tells Compose one `tmpfs` entry from another; of equal ones it takes the last."""
    return mount.at.text.partition("=")[0]


def _is_same(one: Mount, other: Mount) -> bool:
    return bool(one.at.plain() == other.at.plain())


def _volume_and_temporary(service: Service, mount: Mount, tmpfs: Mount) -> Finding:
    message = (
        f"Compose refuses the stack: {service.name} mounts {mount.target} as a volume and as"
        f" tmpfs (target {mount.target} already mounted)."
    )
    if mount.kind == "anonymous" and may_go(service, mount.at, tmpfs.at):
        return _removal(mount, message, mount)
    if mount.kind == "anonymous" and may_go(service, tmpfs.at, mount.at):
        return _removal(tmpfs, message, mount)._replace(safety=Safety.UNSAFE)
    steps = (
        f"Keep the volume if {mount.target} must outlive the container, and take the path out"
        " of tmpfs; else remove the volume."
    )
    return Finding(mount.at.at, message, steps=steps)


def _temporary_twice(service: Service, one: Mount, other: Mount) -> Finding:
    message = (
        f"Compose refuses the stack: {service.name} has two tmpfs entries for {one.target} (target"
        f" {one.target} already mounted)."
    )
    for mount, kept in ((one, other), (other, one)):
        if ":" not in mount.at.text and may_go(service, mount.at, kept.at):
            return _removal(mount, message, other)
    return Finding(other.at.at, message, steps=f"Write one entry for {one.target} with all options.")


def _ignored(service: Service, ignored: Mount, taken: Mount) -> Finding:
    message = f"{service.name} mounts two things at {taken.target}, and Compose ignores this one."
    is_other = ignored.source != taken.source
    safety = Safety.UNSAFE if is_other else Safety.SAFE
    return _removal(ignored, message, ignored)._replace(severity=Severity.WARNING, safety=safety)


def _removal(mount: Mount, message: str, place: Mount) -> Finding:
    deletion = Delete(mount.at.route, mount.at.node.document)
    return Finding(place.at.at, message, (EditYaml(mount.at.file.path, (deletion,)),))
