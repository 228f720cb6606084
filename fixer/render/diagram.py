"""A stack as a Mermaid diagram, which GitHub and GitLab draw where it stands in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from fixer.stack import Port, Service, Stack

MOST_SERVICES = 40
"""More than that nobody can read."""

MOST_LINES = 120
"""Lines between the boxes; Mermaid itself draws none at all above 500."""

LONGEST_LABEL = 60
CONDITIONS = {"service_healthy": "healthy", "service_completed_successfully": "done"}
SPECIAL = re.compile(r"[^\w ./:,()-]|(?<!\w)_|_(?!\w)")
"""What may mean something to Mermaid, or to the Markdown that it reads in labels."""


class Diagram(NamedTuple):
    """The text that Mermaid draws, and how it is to be read."""

    text: str
    caption: str


def diagram(stack: Stack) -> Diagram:
    """Draw the services of a stack, what they wait for, their volumes, networks and published ports."""
    services = _shown(stack)
    names = {service.name: f"s{index}" for index, service in enumerate(services)}
    nodes, has_networks = _nodes(services, names)
    ports, waits, volumes = _published(services, names), _waits(services, names), _kept(stack, names)
    lines = [*ports, *waits, *volumes]
    text = "\n".join(["flowchart LR", *(f"    {line}" for line in [*nodes, *lines[:MOST_LINES]])])
    told = [
        "An arrow goes from a service to one that it starts after"
        + (", with what it waits for there." if any("|" in line for line in waits) else "."),
        "A dashed line leads to a volume." if volumes else "",
        "A frame holds the services of the same networks." if has_networks else "",
        f"{len(services)} of {len(stack.services)} services are shown, those with the most connections."
        if len(services) < len(stack.services)
        else "",
        f"{len(lines) - MOST_LINES} lines are left out." if len(lines) > MOST_LINES else "",
    ]
    return Diagram(text, " ".join(filter(None, told)))


def _shown(stack: Stack) -> list[Service]:
    """The services, in their order; of too many those that have the most to do with others."""
    services = list(stack.services.values())
    if len(services) <= MOST_SERVICES:
        return services
    connections = {
        service.name: len(service.depends_on)
        + len(service.ports)
        + sum(service.name in each.depends_on for each in services)
        for service in services
    }
    kept = sorted(services, key=lambda service: -connections[service.name])[:MOST_SERVICES]
    return [service for service in services if service in kept]


def _nodes(services: Sequence[Service], names: Mapping[str, str]) -> tuple[list[str], bool]:
    """The boxes of the services, and whether frames say which networks they are on. Where hardly two
    services are on the same networks, frames would only be in the way."""
    groups: dict[tuple[str, ...], list[Service]] = {}
    for service in services:
        groups.setdefault(tuple(sorted(service.networks)), []).append(service)
    if not 1 < len(groups) <= len(services) / 2:
        return [_node(service, names) for service in services], False
    lines: list[str] = []
    for index, (networks, members) in enumerate(groups.items()):
        boxes = [_node(service, names) for service in members]
        if networks:
            title = _label(", ".join(networks))
            lines += [f"subgraph n{index}[{title}]", *(f"    {box}" for box in boxes), "end"]
        else:
            lines += boxes
    return lines, True


def _node(service: Service, names: Mapping[str, str]) -> str:
    is_store = service.build is None and service.facts is not None and service.facts.is_store
    start, end = ("[(", ")]") if is_store else ("[", "]")
    return f"{names[service.name]}{start}{_label(service.name)}{end}"


def _published(services: Sequence[Service], names: Mapping[str, str]) -> list[str]:
    found: dict[str, list[str]] = {}
    for service in services:
        ports = dict.fromkeys(map(_address, service.ports))
        if ports:
            found[names[service.name]] = list(ports)
    arrows = [f"outside -->|{_label(', '.join(ports))}| {name}" for name, ports in found.items()]
    return ['outside(("outside"))', *arrows] if arrows else []


def _address(port: Port) -> str:
    """Where the host answers for a port: on all of its addresses where none is told."""
    if not re.fullmatch(r"[\d-]+", port.published):
        # Docker chooses one, or a variable that has no default does.
        return "a port"
    return f"{port.host_ip}:{port.published}" if re.fullmatch(r"[\d.]+", port.host_ip) else port.published


def _waits(services: Sequence[Service], names: Mapping[str, str]) -> list[str]:
    arrows: list[str] = []
    for service in services:
        for name, condition in service.depends_on.items():
            if name in names:
                label = f'|"{CONDITIONS[condition]}"|' if condition in CONDITIONS else ""
                arrows.append(f"{names[service.name]} -->{label} {names[name]}")
    return arrows


def _kept(stack: Stack, names: Mapping[str, str]) -> list[str]:
    """The volumes that services of the diagram use."""
    declared = list(stack.declarations("volume"))
    users = {
        volume: [
            name
            for service, name in names.items()
            if volume in {mount.source for mount in stack.services[service].named_mounts}
        ]
        for volume in declared
    }
    return list(_volume_lines(users))


def _volume_lines(users: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for index, (volume, names) in enumerate(users.items()):
        for count, name in enumerate(names):
            box = f"[/{_label(volume)}/]" if count == 0 else ""
            yield f"{name} -.- v{index}{box}"


def _label(text: str) -> str:
    """A text in quotes, with Mermaid's own entities for what could end it or mean something."""
    shown = text if len(text) <= LONGEST_LABEL else f"{text[:LONGEST_LABEL]}…"
    return '"' + SPECIAL.sub(lambda found: f"#{ord(found[0])};", shown) + '"'
