"""An override opens a network that the base file keeps internal.

## What is wrong

The base declares a network `internal: true`, so that what is on it (a database, a cache) neither
reaches the internet nor is reached through a published port. An override sets `internal: false`,
mostly so that a developer can reach the database, and with that opens the network for every service
on it, and the ports that they publish on every address of the host.

## What dockfix does

It removes the override's `internal: false`. Docker publishes no port of a container that is on
internal networks alone, so a service that was reachable only through the opened network joins the
project's `default` network in the override as well, and its ports are bound to `127.0.0.1`: the
developer's own machine still reaches the database, nobody else does, and what publishes nothing is
closed again. A service that is on another open network too, such as a proxy, was reachable without
the override, and stays as it is.

Where `default` is internal itself, the override has no services, or what would change is shared
through an anchor, this is for a person.

## Fix safety

Unsafe: containers that publish nothing lose their way to the internet, other machines lose theirs to
the ports, and a service that joins `default` is seen by whatever else is on that network.

## References

Docker documentation, docker network create (internal) and Port publishing; moby/moby#36174 (ports
on internal networks).
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import Change, EditYaml
from fixer.documents.yaml import Append, Delete, Insert, Mapping, Operation, Scalar, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Port, Service, Stack

fix = Fix(
    summary="An override opens a network that its base keeps internal.",
    severity=Severity.WARNING,
    safety=Safety.UNSAFE,
)

LOOPBACK = "127.0.0.1"
EVERY_ADDRESS = ("0.0.0.0:", "[::]:")


def detect(stack: Stack) -> Iterator[Finding]:
    """Find `internal: false` where a file merged before says true."""
    opened = list(_opened(stack))
    closed = {network for _, network, _ in opened} | _internal_networks(stack)
    for file, network, node in opened:
        yield _finding(stack, file, network, node, closed)


def _opened(stack: Stack) -> Iterator[tuple[ComposeFile, str, Scalar]]:
    """The networks that a file opens and one merged before keeps internal, and where."""
    files = [file for file in stack.files if stack.contributes(file)]
    for index, file in enumerate(files):
        section = file.root.get("networks") if file.root else None
        for entry in section.entries if isinstance(section, Mapping) else []:
            name = entry.name or ""
            node = _internal(file, name)
            if node is not None and node.value.lower() == "false":
                below = [_internal(base, name) for base in files[:index]]
                if any(each is not None and each.value.lower() == "true" for each in below):
                    yield file, name, node


def _internal(file: ComposeFile, network: str) -> Scalar | None:
    node = file.document.node(("networks", network, "internal"))
    return node if isinstance(node, Scalar) else None


def _internal_networks(stack: Stack) -> set[str]:
    declared = {name: each.value.get("internal") for name, each in stack.declarations("network").items()}
    return {name for name, value in declared.items() if value is not None and value.data is True}


def _finding(stack: Stack, file: ComposeFile, network: str, node: Scalar, closed: set[str]) -> Finding:
    reachable = [
        service
        for service in stack.services.values()
        if service.ports and network in service.networks and closed.issuperset(service.networks)
    ]
    message = f"The network {network} is internal in the base, and opened here for every service on it"
    offered = [service.name for service in reachable if any(map(_is_offered, service.ports))]
    if offered:
        message += f"; the ports of {', '.join(offered)} are offered on every address of the host"
    place = Place(file.path, file.document.position(node))
    edits: list[Change] = [EditYaml(file.path, (Delete(node.route),))]
    for service in reachable:
        joined = _joined(service, file)
        is_shared = any(port.at.shared for port in service.ports)
        if joined is None or is_shared or "default" in closed:
            steps = (
                f"Remove `internal: false`, put {service.name} on a network of the override that is"
                f" not internal, and publish its ports on {LOOPBACK}."
            )
            return Finding(place, f"{message}.", steps=steps)
        edits += [EditYaml(file.path, (joined,)), *map(_bound, filter(_is_offered, service.ports))]
    return Finding(place, f"{message}.", tuple(edits))


def _is_offered(port: Port) -> bool:
    """Whether a port is offered on every address; one whose address is a variable is the user's."""
    is_written = port.form == "long" or port.at.text.startswith(EVERY_ADDRESS)
    return not port.host_ip or (port.host_ip in ("0.0.0.0", "::") and is_written)


def _joined(service: Service, file: ComposeFile) -> Operation | None:
    """What puts the service on the project's default network, beside those it is on; None where
    the override has no services or writes this one's networks elsewhere."""
    route = ("services", service.name, "networks")
    written, value = file.document.node(route), service.value_in(file)
    networks = value.get("networks") if value is not None else None
    is_elsewhere = networks is not None and (written is None or networks.shared)
    if not file.services or is_elsewhere or (value is not None and value.route != route[:2]):
        return None
    if isinstance(written, Mapping) and written.entries:
        return Set((*route, "default"), None)
    if written is None and file.document.node((*route[:2], "ports")) is not None:
        return Insert(route, ["default"], "ports")
    return Append(route, "default")


def _bound(port: Port) -> EditYaml:
    """The port, offered on the loopback address only."""
    route, document = port.at.route, port.at.node.document
    if port.form == "long":
        operation = Set((*route, "host_ip"), LOOPBACK, document)
    else:
        numbers = port.at.text
        for address in EVERY_ADDRESS:
            numbers = numbers.removeprefix(address)
        gap = ":" if port.published else "::"
        operation = Set(route, f"{LOOPBACK}{gap}{numbers}", document)
    return EditYaml(port.at.file.path, (operation,))
