"""Two networks of a stack have subnets that overlap.

## What is wrong

Docker gives an address to one network. `docker compose config` accepts two networks with one subnet, or
with one that lies in the other's, and `up` fails: `failed to create network: invalid pool request: Pool
overlaps with other one on this address space`.

## What dockfix does

The later network gets the next subnet of the same size that is free in the stack. Where a service has a
static address in it, its entry names a gateway or a range, or the subnet is named elsewhere in the
stack (as a trusted proxy's, for instance), this is for a person, since those addresses move as well.

## Fix safety

Unsafe: what lies outside the stack, a firewall for instance, may know the subnet, and the new one may be
taken on the host.

## References

Compose specification, networks, ipam; Docker documentation, docker network create.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Stack
from fixes.conflicts._subnets import IPNetwork, Subnet, made_networks, static_addresses, subnets

fix = Fix(
    summary="Two networks of the stack have subnets that overlap.",
    severity=Severity.ERROR,
    safety=Safety.UNSAFE,
)

MAXIMUM_TRIES = 1000


def detect(stack: Stack) -> Iterator[Finding]:
    """Find subnets that overlap one of another network."""
    found: list[Subnet] = []
    taken = [
        subnet.addresses
        for each in stack.related
        for network in made_networks(each)
        for subnet in subnets(each, network)
    ]
    for network in made_networks(stack):
        for subnet in subnets(stack, network):
            other = next((each for each in found if _overlap(each, subnet)), None)
            if other is not None:
                yield _finding(stack, subnet, other, taken)
            found.append(subnet)


def _overlap(one: Subnet, other: Subnet) -> bool:
    is_same_family = one.addresses.version == other.addresses.version
    is_other = one.network.name != other.network.name
    return is_same_family and is_other and _meet(one.addresses, other.addresses)


def _meet(one: IPNetwork, other: IPNetwork) -> bool:
    if one.version != other.version:
        return False
    return int(one[0]) <= int(other[-1]) and int(other[0]) <= int(one[-1])


def _finding(stack: Stack, subnet: Subnet, other: Subnet, taken: list[IPNetwork]) -> Finding:
    message = (
        f"`up` fails: the subnet {subnet.addresses} of {subnet.network.name} overlaps {other.addresses}"
        f" of {other.network.name} (Pool overlaps with other one on this address space)."
    )
    free = _next_free(subnet.addresses, taken)
    names = {key for key, _ in subnet.config.entries()}
    addresses = [each for each in static_addresses(stack) if each.network == subnet.network.name]
    is_written_plainly = subnet.value.text == str(subnet.addresses) and not subnet.value.shared
    if (
        free is None
        or addresses
        or names != {"subnet"}
        or not is_written_plainly
        or _named(stack, subnet)
    ):
        steps = (
            f"Give {subnet.network.name} a subnet of its own{f', as {free}' if free else ''}, and"
            " whatever names one of its addresses."
        )
        return Finding(subnet.value.at, message, steps=steps)
    taken.append(free)
    operation = Set(subnet.value.route, str(free), subnet.value.node.document)
    return Finding(subnet.value.at, message, (EditYaml(subnet.value.file.path, (operation,)),))


def _next_free(subnet: IPNetwork, taken: list[IPNetwork]) -> IPNetwork | None:
    """The first subnet of the same size behind this one that is private and free in the stack."""
    size = subnet.num_addresses
    for step in range(1, MAXIMUM_TRIES):
        start = int(subnet[0]) + step * size
        if start + size > 1 << subnet.max_prefixlen:
            return None
        free = type(subnet)((start, subnet.prefixlen))
        if not free.is_private:
            return None
        if not any(_meet(free, each) for each in taken):
            return free
    return None


def _named(stack: Stack, subnet: Subnet) -> bool:
    """Whether the stack names the subnet or an address of it elsewhere."""
    prefix = str(subnet.addresses[0]).rpartition("." if subnet.addresses.version == 4 else ":")[0]
    texts = [file.document.text for file in stack.related_files]
    declared = [
        each.value.text
        for network in made_networks(stack)
        for each in subnets(stack, network)
        if each.value.text.startswith(prefix)
    ]
    return sum(text.count(prefix) for text in texts) > len(declared)
