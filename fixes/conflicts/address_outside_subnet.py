"""A service's static address is not one that its network can give.

## What is wrong

`docker compose config` does not look at a service's `ipv4_address`. `up` fails where its network has no
subnet (`user specified IP address is supported only when connecting to networks with user configured
subnets`), where the subnets do not hold it (`no configured subnet or ip-range contain the IP address`),
and where another service, or the gateway, has it (`Address already in use`).

## What dockfix does

A network without a subnet gets the one of 256 addresses (64 bits of them with IPv6) that holds its
services' addresses, where one holds all of them. Which of an address and a subnet is wrong, or which of
two services keeps an address, is for a person.

## Fix safety

Unsafe: the subnet may be taken by another network of the host.

## References

Compose specification, networks (ipv4_address, ipv6_address) and ipam.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from fixer.changes import EditYaml
from fixer.documents.yaml import Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Declaration, Stack
from fixes.conflicts._subnets import IPAddress, StaticAddress, made_networks, static_addresses, subnets

fix = Fix(
    summary="A service's static address is not one of its network's.",
    severity=Severity.ERROR,
    safety=Safety.UNSAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find static addresses that Docker cannot give."""
    addresses = list(static_addresses(stack))
    for network in made_networks(stack):
        own = [each for each in addresses if each.network == network.name]
        owners: dict[IPAddress, StaticAddress] = {}
        for each in own:
            finding = _outside(stack, network, each, own)
            owner = owners.get(each.address)
            if finding is not None:
                yield finding
            elif owner is not None and _may_meet(owner, each):
                message = (
                    f"`up` fails: {each.service.name} has the address {each.address} in"
                    f" {network.name}, as {owner.service.name} does (Address already in use)."
                )
                steps = f"Give {each.service.name} another address, and whatever names it."
                yield Finding(each.value.at, message, steps=steps)
            owners.setdefault(each.address, each)


def _outside(
    stack: Stack, network: Declaration, static: StaticAddress, own: list[StaticAddress]
) -> Finding | None:
    """What is wrong with an address by itself."""
    address, name = static.address, static.service.name
    ipam = network.value.get("ipam")
    if ipam is None or ipam.is_empty:
        message = (
            f"`up` fails: {name} asks for the address {address} in {network.name} (user specified IP"
            " address is supported only when connecting to networks with user configured subnets)."
        )
        return _without_subnet(network, static, own, message)
    known = [each for each in subnets(stack, network) if each.addresses.version == address.version]
    if not known:
        # The subnet of a variable or of several files.
        return None
    gateways = [each.config.get("gateway") for each in known]
    # Docker takes the first address where no gateway is named.
    taken = [
        each.text if each else str(subnet[1]) for each, (subnet, *_) in zip(gateways, known, strict=True)
    ]
    if address in [each.addresses[0] for each in known]:
        reason = "Address already in use: it is the network's own"
    elif str(address) in taken and network.value.get("driver_opts") is None:
        reason = "Address already in use: it is the gateway's"
    elif any(address in each.addresses for each in known):
        return None
    else:
        reason = f"no configured subnet or ip-range contain the IP address {address}"
    message = f"`up` fails: {name} asks for the address {address} in {network.name} ({reason})."
    steps = f"Give {name} an address of {known[0].addresses}, or the network another subnet."
    return Finding(static.value.at, message, steps=steps)


def _without_subnet(
    network: Declaration, static: StaticAddress, own: list[StaticAddress], message: str
) -> Finding:
    """The network gets a subnet, where one holds all its addresses."""
    length = 24 if static.address.version == 4 else 64
    subnet = ip_network((static.address, length), strict=False)
    value = network.value
    is_safe = all(each.address in subnet and each.address != subnet[1] for each in own)
    if not is_safe or value.shared or value.file.path != static.value.file.path:
        steps = f"Give {network.name} a subnet that holds its services' addresses, under ipam."
        return Finding(static.value.at, message, steps=steps)
    ipam = {"config": [{"subnet": str(subnet)}]}
    operation = Set((*value.route, "ipam"), ipam, value.node.document)
    return Finding(static.value.at, message, (EditYaml(value.file.path, (operation,)),))


def _may_meet(one: StaticAddress, other: StaticAddress) -> bool:
    """Whether two services may run at once."""
    profiles = one.service.profiles, other.service.profiles
    return bool(profiles[0] & profiles[1]) or not (profiles[0] or profiles[1])
