"""A service publishes ports although it has no network of its own.

## What is wrong

A container that uses the network of another (`network_mode: service:vpn` or `container:...`) has no
address to publish a port of. `config` accepts the stack, and `up` fails:
`conflicting options: port publishing and the container type network mode`. With `network_mode: host` the
process listens on the host itself: `Published ports are discarded when using host network mode`, and
older versions refused it: `"host" network_mode is incompatible with port_bindings`.

## What dockfix does

The ports of a service that uses another service's network move to that service, which is the one that
can publish them. Where the network is the host's, the ports go, since they do nothing. Both are done
where one file writes the mode and the ports; what is shared or comes from several files is for a person,
as is a list that a service which extends this one, or another stack, uses on another network.

## Fix safety

Moving ports is unsafe: another container is created anew with them. Removing those that Docker discards
is safe.

## References

Compose specification, network_mode; Docker documentation, Host network driver.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Append, Delete, Operation, Sequence, resolve_alias
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Service, Stack, Value
from fixes.conflicts._items import as_written

fix = Fix(
    summary="A service publishes ports although it has no network of its own.",
    severity=Severity.ERROR,
    safety=Safety.UNSAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find services with ports on the host's or another container's network."""
    for service in stack.services.values():
        mode, ports = service.value.get("network_mode"), service.value.get("ports")
        if mode is None or ports is None or ports.is_empty or not stack.is_known(mode.text):
            continue
        network = stack.interpolate(mode.text, mode.file)
        is_together = mode.node.parent is ports.node.parent
        if network == "host" and is_together and not ports.shared:
            yield _discarded(service, ports)
        elif network.startswith(("service:", "container:")):
            yield _moved(service, ports, stack.services.get(network.removeprefix("service:")))


def _discarded(service: Service, ports: Value) -> Finding:
    message = (
        f"{service.name} runs on the host's network, where Docker says: Published ports are discarded"
        " when using host network mode."
    )
    if not _is_always(service.stack, ports, "host"):
        steps = "Move the ports to the services and files that use them on a network of their own."
        return Finding(ports.at, message, severity=Severity.WARNING, steps=steps)
    removal = EditYaml(ports.file.path, (Delete(ports.route, ports.node.document),))
    return Finding(ports.at, message, (removal,), Severity.WARNING, Safety.SAFE)


def _is_always(stack: Stack, ports: Value, network: str) -> bool:
    """Whether every service that has a list of ports, in whichever stack, is on that network."""
    listed = ports.node.items if isinstance(ports.node, Sequence) else []
    nodes = {id(each) for each in [ports.node, *map(resolve_alias, listed)]}
    for other in stack.related:
        for service in other.services.values():
            mode, its = service.value.get("network_mode"), service.value.get("ports")
            found = [its, *its.items()] if its is not None else []
            if any(id(each.node) in nodes for each in found) and (
                mode is None or other.interpolate(mode.text, mode.file) != network
            ):
                return False
    return True


def _moved(service: Service, ports: Value, owner: Service | None) -> Finding:
    message = (
        f"{service.name} uses another container's network, so `up` fails: conflicting options: port"
        " publishing and the container type network mode."
    )
    file = ports.file
    written = owner.written_in(file) if owner else None
    target = (*written.route, "ports") if written else ()
    is_whole = all(item.node.parent is ports.node for item in ports.items())
    listed = file.document.node(target) if written else None
    is_own = ports.node.parent is service.written_in(file) and not ports.shared
    is_own = is_own and _is_always(service.stack, ports, f"service:{owner.name if owner else ''}")
    can_take = listed is None or (isinstance(listed, Sequence) and listed.anchor is None)
    if owner is None or written is None or written.anchor or not (is_own and is_whole and can_take):
        name = owner.name if owner else "the container that owns the network"
        steps = f"Publish the ports of {service.name} at {name}, and remove them here."
        return Finding(ports.at, message, steps=steps)
    known = [port.at.plain() for port in owner.ports]
    operations: list[Operation] = [
        Append(target, as_written(item), written.document)
        for item in ports.items()
        if item.plain() not in known
    ]
    operations.append(Delete(ports.route, ports.node.document))
    return Finding(ports.at, message, (EditYaml(file.path, tuple(operations)),))
