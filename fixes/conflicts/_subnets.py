"""The addresses that the stack's own networks have."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from fixer.stack import Declaration, Service, Stack, Value

IPNetwork = IPv4Network | IPv6Network
IPAddress = IPv4Address | IPv6Address


class Subnet(NamedTuple):
    """A subnet that a network of the stack is made with; `config` is the entry that says so."""

    addresses: IPNetwork
    network: Declaration
    config: Value
    value: Value


class StaticAddress(NamedTuple):
    """An address that a service has in a network."""

    address: IPAddress
    service: Service
    network: str
    value: Value


def made_networks(stack: Stack) -> Iterator[Declaration]:
    """Yield the bridge networks that Compose makes for the stack's services."""
    used = {name for service in stack.services.values() for name in service.networks}
    for name, declaration in stack.declarations("network").items():
        driver = declaration.value.get("driver")
        is_bridge = driver is None or driver.data in (None, "bridge")
        if name in used and is_bridge and not declaration.external:
            yield declaration


def subnets(stack: Stack, network: Declaration) -> Iterator[Subnet]:
    """Yield a network's subnets. Of several files' lists the last counts here."""
    ipam = network.value.get("ipam")
    configs = ipam.get("config") if ipam else None
    for config in configs.items() if configs else ():
        value = config.get("subnet")
        if (
            configs is None
            or value is None
            or config.node.parent is not configs.node
            or not stack.is_known(value.text)
        ):
            continue
        try:
            addresses = ip_network(stack.interpolate(value.text, value.file), strict=False)
        except ValueError:
            continue
        yield Subnet(addresses, network, config, value)


def static_addresses(stack: Stack) -> Iterator[StaticAddress]:
    """Yield the addresses that services have by themselves."""
    for service in stack.services.values():
        for network, attachment in service.networks.items():
            for key in ("ipv4_address", "ipv6_address"):
                value = attachment.get(key)
                if value is None or not stack.is_known(value.text):
                    continue
                try:
                    address = ip_address(stack.interpolate(value.text, value.file))
                except ValueError:
                    continue
                yield StaticAddress(address, service, network, value)
