"""An override opens a network that the base file keeps internal.

## What is wrong

The base declares a network `internal: true`, so that what is on it (a database, a cache) neither
reaches the internet nor is reached through a published port. An override sets `internal: false`,
mostly so that a developer can reach the database, and with that opens the network for every service
on it, on every address of the host.

## What dockfix does

It removes the override's `internal: false`, and binds the ports that the network's services publish
to `127.0.0.1`, so that they are offered to the developer's own machine at most.

## Fix safety

Unsafe: containers on the network lose their way to the internet. Docker publishes no port of a
container that is on internal networks alone: to reach such a service from the host, put it on one
of the stack's other networks in the override as well, or use `docker compose exec`.

## References

Docker documentation, docker network create (internal) and Packet filtering and firewalls.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import Change, EditYaml
from fixer.documents.yaml import Delete, Mapping, Scalar, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Port, Stack

fix = Fix(
    summary="An override opens a network that its base keeps internal.",
    severity=Severity.WARNING,
    safety=Safety.UNSAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find `internal: false` where a file merged before says true."""
    for file in stack.files[1:]:
        section = file.root.get("networks") if file.root else None
        for entry in section.entries if isinstance(section, Mapping) else []:
            name = entry.name or ""
            if _internal(file, name) == "false" and any(
                _internal(base, name) == "true" for base in stack.bases(file)
            ):
                yield _finding(stack, file, name)


def _internal(file: ComposeFile, network: str) -> str | None:
    node = file.document.node(("networks", network, "internal"))
    return node.value.lower() if isinstance(node, Scalar) else None


def _finding(stack: Stack, file: ComposeFile, network: str) -> Finding:
    route = ("networks", network, "internal")
    node = file.document.node(route)
    assert node is not None
    changes: list[Change] = [EditYaml(file.path, (Delete(route),))]
    for service in stack.services.values():
        if network in service.networks:
            changes += [_bound(port) for port in service.ports if not port.host_ip]
    message = (
        f"The network {network} is internal in the base, and opened here for every service on it;"
        " their published ports are offered on every address of the host."
    )
    return Finding(Place(file.path, file.document.position(node)), message, tuple(changes))


def _bound(port: Port) -> EditYaml:
    """The port, offered on the loopback address only."""
    if port.form == "long":
        operation = Set((*port.at.route, "host_ip"), "127.0.0.1", port.at.node.document)
    elif ":" in port.at.text:
        operation = Set(port.at.route, f"127.0.0.1:{port.at.text}", port.at.node.document)
    else:
        operation = Set(port.at.route, f"127.0.0.1::{port.at.text}", port.at.node.document)
    return EditYaml(port.at.file.path, (operation,))
