"""A named volume binds a folder by a relative path.

## What is wrong

A volume with `driver_opts: {type: none, o: bind, device: ./data}` is made by Docker's daemon, which
knows nothing of the project's folder: `failed to mount local volume: mount
./data:/var/lib/docker/volumes/...: no such file or directory`. Compose makes the path absolute only
where `driver: local` is written and `o` is exactly `bind`; `config` accepts all of it.

## What dockfix does

It writes `driver: local`, which is the driver already, where that is all that Compose lacks. With other
options (`o: bind,ro`, `o: rbind`) the path gets `${PWD}` before it, which Compose fills with the folder
that it is started in.

## Fix safety

Safe: `up` fails as it is, and nothing but the device's path changes.

## References

Docker documentation, docker volume create (local driver options); Compose specification, volumes.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Operation, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Stack, Value

fix = Fix(
    summary="A named volume binds a folder by a relative path.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

BINDING = {"bind", "rbind"}


def detect(stack: Stack) -> Iterator[Finding]:
    """Find local volumes whose device is a relative path."""
    for name, declaration in stack.declarations("volume").items():
        volume = declaration.value
        options, driver = volume.get("driver_opts"), volume.get("driver")
        device, mount = (options.get(key) if options else None for key in ("device", "o"))
        if device is None or mount is None or declaration.external:
            continue
        is_local = driver is None or driver.data in (None, "local")
        is_bind = bool(BINDING & set(mount.text.split(",")))
        is_completed = driver is not None and driver.data == "local" and mount.text == "bind"
        if is_local and is_bind and not is_completed and device.text.startswith(("./", "../")):
            yield _finding(name, volume, device, mount)


def _finding(name: str, volume: Value, device: Value, mount: Value) -> Finding:
    message = (
        f"The volume {name} binds {device.text}, which Docker does not find (failed to mount local"
        f" volume: mount {device.text}: no such file or directory): Compose leaves this path relative."
    )
    operation: Operation = Set((*volume.route, "driver"), "local", volume.node.document)
    path, shared = volume.file.path, volume.shared
    if mount.text != "bind":
        text = f"${{PWD}}/{device.text.removeprefix('./')}"
        operation = Set(device.route, text, device.node.document)
        path, shared = device.file.path, device.shared
    if shared:
        return Finding(device.at, message, steps="Write the whole path, as ${PWD}/data.")
    return Finding(device.at, message, (EditYaml(path, (operation,)),))
