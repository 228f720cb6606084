"""Which ports of the host a stack's services take."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import NamedTuple

from fixer.changes import EditYaml
from fixer.stack import Port, Service
from fixes.conflicts._items import overriding

OWN_NETWORK = ("", "bridge", "default")
"""The modes in which a container's ports are published."""

EVERYWHERE = ("0.0.0.0", "::")

LONGEST_RANGE = 100
"""Longer ranges are for media streams, and are not compared port by port."""


class Binding(NamedTuple):
    """A port of the host that a container takes, and what it is published by."""

    number: int
    port: Port

    @property
    def where(self) -> str:
        """The address and port as Docker names them."""
        return f"{self.port.host_ip or '0.0.0.0'}:{self.number}"

    def clashes_with(self, other: Binding) -> bool:
        """Say whether both cannot be taken at once."""
        is_same = self.number == other.number and self.port.protocol == other.port.protocol
        return is_same and _overlap(self.port.host_ip, other.port.host_ip)


def _overlap(one: str, other: str) -> bool:
    if not one or not other or one == other:
        return True
    try:
        families = ip_address(one).version, ip_address(other).version
    except ValueError:
        return False
    return families[0] == families[1] and (one in EVERYWHERE or other in EVERYWHERE)


def covers(one: Port, other: Port) -> bool:
    """Say whether a port is published wherever another one is, for the same port of the container."""
    is_everywhere = not one.host_ip or one.host_ip in EVERYWHERE
    is_same = (one.published, one.target, one.protocol) == (
        other.published,
        other.target,
        other.protocol,
    )
    return is_everywhere and is_same


def bindings(service: Service) -> Iterator[Binding]:
    """Yield the ports of the host that a service takes for certain. Of a range for one port of the
    container Docker takes any."""
    mode = service.value.get("network_mode")
    if service.replicas == 0 or (mode is not None and mode.text not in OWN_NETWORK):
        return
    for port in service.ports:
        texts = [port.at.text, *(each.text for _, each in port.at.entries())]
        published = _numbers(port.published)
        if len(published) == len(_numbers(port.target)) and all(map(service.stack.is_known, texts)):
            yield from (Binding(number, port) for number in published)


def _numbers(text: str) -> range:
    first, _, last = text.partition("-")
    last = last or first
    if not first.isdecimal() or not last.isdecimal() or not len(first) == len(last) <= 5:
        return range(0)
    numbers = range(int(first), int(last) + 1)
    return numbers if len(numbers) <= LONGEST_RANGE else range(0)


def overriding_ports(service: Service) -> EditYaml | None:
    """Give the change by which an override's ports replace those of its base that it publishes anew,
    for the same port of the container or on the same one of the host."""
    value = service.value.data["ports"]
    own = [port for port in service.ports if port.at.node.parent is value.node]
    taken = [binding for binding in bindings(service) if binding.port in own]
    targets = {(port.target, port.protocol) for port in own}
    replaced = [
        binding.port.at
        for binding in bindings(service)
        if binding.port not in own
        and (
            (binding.port.target, binding.port.protocol) in targets
            or any(binding.clashes_with(each) for each in taken)
        )
    ]
    return overriding(service, "ports", replaced)
