"""An override means to change an entry of a list, and adds one.

## What is wrong

Compose replaces an override's values, but appends its lists. Where the base publishes `8080:80` and the
override `9090:80`, the container is published on both ports; where both give a host in `extra_hosts` an
address, both lines are written, the base's first.

## What dockfix does

The override's list gets the tag `!override`, so that it stands alone, and the base's other items are
repeated in it. Reported are only entries for the same port of the container, or the same host name, that
differ. A list that has a tag, is shared through an anchor, or lies over several bases is left alone.

## Fix safety

Unsafe: the container is no longer reached by the base's port. `!override` needs Compose 2.24.4.

## References

Compose specification, Merge and override (replace value).
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import Change, EditYaml
from fixer.documents.yaml import Append, Tag
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Service, Stack, Value
from fixes.conflicts._items import as_written
from fixes.conflicts._ports import bindings, overriding_ports

fix = Fix(
    summary="An override adds to a list of its base what it means to replace.",
    severity=Severity.WARNING,
    safety=Safety.UNSAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find ports and hosts that an override gives another value than its base."""
    for service in stack.services.values():
        yield from _ports(service)
        yield from _hosts(service)


def _ports(service: Service) -> Iterator[Finding]:
    taken = list(bindings(service))
    lists = {id(binding.port.at.node.parent) for binding in taken}
    if len(lists) < 2:
        return
    value = service.value.data["ports"]
    for binding in taken:
        port = binding.port
        if port.at.node.parent is value.node:
            below = [
                each
                for each in taken
                if each.port.at.node.parent is not value.node
                and (each.port.target, each.port.protocol) == (port.target, port.protocol)
                and not each.clashes_with(binding)
            ]
            change = overriding_ports(service) if below else None
            if change is not None:
                message = (
                    f"{service.name} publishes its port {port.target} on {binding.where} here, and on"
                    f" {below[0].where} by its base: an override's ports are added."
                )
                yield Finding(port.at.at, message, (change,))


def _hosts(service: Service) -> Iterator[Finding]:
    below: list[Value] = []
    for file in service.files:
        written = service.value_in(file)
        value = written.get("extra_hosts") if written else None
        own = list(value.items()) if value else []
        changed = [item for item in own if _differs(item, below)]
        if value is not None and value.node.tag is None and changed:
            message = (
                f"{service.name} gets {_host(changed[0])} twice in its hosts, and the base's address"
                " stands first: an override's extra_hosts are added."
            )
            steps = f"Write all hosts of {service.name} under `extra_hosts: !override`."
            changes = _replacing(service, value, own, below)
            yield Finding(changed[0].at, message, changes, steps=steps)
        below += own


def _host(item: Value) -> str:
    return item.text.partition("=" if "=" in item.text else ":")[0]


def _differs(item: Value, below: list[Value]) -> bool:
    """Whether the lists below give an item's host addresses, and not its one."""
    name = _host(item)
    addresses = [each.text.removeprefix(name)[1:] for each in below if _host(each) == name]
    address = item.text.removeprefix(name)[1:]
    is_written = all("$" not in each for each in (address, *addresses))
    return is_written and bool(addresses) and address not in addresses


def _replacing(
    service: Service, value: Value, own: list[Value], below: list[Value]
) -> tuple[Change, ...]:
    """The override's list made to stand alone."""
    if value.shared or value.node.parent is not service.written_in(value.file):
        return ()
    document, names = value.node.document, [_host(item) for item in own]
    kept = [item for item in below if _host(item) not in names]
    appended = [Append(value.route, as_written(item), document) for item in kept]
    tag = Tag(value.route, "!override", document)
    return (EditYaml(value.file.path, (tag, *appended)),)
