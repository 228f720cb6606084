"""A stack as a Mermaid diagram, which GitHub and GitLab draw where it stands in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from fixer.stack import Port, Service, Stack

FEW = 12
"""Services up to which each has a box of its own."""

MOST_BOXES = 40
"""More than that nobody can read."""

MOST_LINES = 120
"""Lines between the boxes; Mermaid itself draws none at all above 500."""

MOST_NAMES = 5
"""Services that are named in one box."""

LONGEST_NAME = 60
CONDITIONS = {"service_healthy": "healthy", "service_completed_successfully": "done"}
SPECIAL = re.compile(r"[^\w ./:,()-]|(?<!\w)_|_(?!\w)")
"""What may mean something to Mermaid, or to the Markdown that it reads in labels."""

Box = Sequence[Service]
"""The services of one box: one, or several that are alike."""


class Diagram(NamedTuple):
    """The text that Mermaid draws, and how it is to be read."""

    text: str
    caption: str


def diagram(stack: Stack) -> Diagram:
    """Draw the services of a stack, what they wait for, their volumes, networks and published ports."""
    everything = _boxes(stack)
    boxes = _most_connected(everything, stack)
    names = {service.name: f"s{index}" for index, box in enumerate(boxes) for service in box}
    nodes, has_frames = _nodes(boxes)
    ports, waits, volumes = _published(boxes, names), _waits(boxes, names), _kept(stack, names)
    lines = [*ports, *waits, *volumes]
    shown = lines[:MOST_LINES]
    text = "\n".join(["flowchart LR", *(f"    {line}" for line in [*nodes, *shown])])
    arrow = "An arrow goes from a service to one that it starts after"
    is_labelled = any("|" in line for line in waits)
    told = [f"{arrow}, with what it waits for there." if is_labelled else f"{arrow}."] if waits else []
    told += ["A dashed line leads to a volume."] if volumes else []
    told += ["A frame holds the services of the same networks."] if has_frames else []
    if len(everything) < len(stack.services):
        told.append("Services that wait for the same ones share a box.")
    if len(boxes) < len(everything):
        told.append(
            f"Of {len(stack.services)} services {len(names)} are shown, those with the most arrows."
        )
    if len(shown) < len(lines):
        told.append(f"{len(lines) - len(shown)} lines are left out.")
    return Diagram(text, " ".join(told))


def _boxes(stack: Stack) -> list[Box]:
    """The services, each in a box of its own. Of many services those share one that are alike and that
    nobody else has to do with."""
    services = list(stack.services.values())
    if len(services) <= FEW:
        return [[service] for service in services]
    waited_for = {name for service in services for name in service.depends_on}
    alike: dict[object, list[Service]] = {}
    for service in services:
        key: object = service.name
        if service.name not in waited_for and not service.ports:
            volumes = frozenset(mount.source for mount in service.named_mounts)
            key = (frozenset(service.depends_on.items()), frozenset(service.networks), volumes)
        alike.setdefault(key, []).append(service)
    return list(alike.values())


def _most_connected(boxes: Sequence[Box], stack: Stack) -> list[Box]:
    """The boxes, in their order; of too many those that have the most to do with others."""
    waiting = [name for service in stack.services.values() for name in service.depends_on]

    def connections(box: Box) -> int:
        first = box[0]
        return len(first.depends_on) + len(first.ports) + waiting.count(first.name)

    kept = sorted(boxes, key=connections, reverse=True)[:MOST_BOXES]
    return [box for box in boxes if box in kept]


def _nodes(boxes: Sequence[Box]) -> tuple[list[str], bool]:
    """The boxes, and whether frames say which networks they are on. Where hardly two services are on the
    same networks, frames would only be in the way."""
    frames: dict[tuple[str, ...], list[str]] = {}
    for index, box in enumerate(boxes):
        frames.setdefault(tuple(sorted(box[0].networks)), []).append(_node(f"s{index}", box))
    if not 1 < len(frames) <= len(boxes) / 2:
        return [_node(f"s{index}", box) for index, box in enumerate(boxes)], False
    lines: list[str] = []
    for index, (networks, nodes) in enumerate(frames.items()):
        title = _label([", ".join(networks)])
        inside = [f"subgraph n{index}[{title}]", *(f"    {node}" for node in nodes), "end"]
        lines += inside if networks else nodes
    return lines, True


def _node(name: str, box: Box) -> str:
    first = box[0]
    is_store = first.build is None and first.facts is not None and first.facts.is_store
    start, end = ("[(", ")]") if is_store else ("[", "]")
    named = [service.name for service in box[:MOST_NAMES]]
    more = len(box) - len(named)
    return f"{name}{start}{_label([*named, *([f'and {more} more'] if more else [])])}{end}"


def _published(boxes: Iterable[Box], names: Mapping[str, str]) -> list[str]:
    arrows: list[str] = []
    for service in (service for box in boxes for service in box):
        if service.ports:
            ports = ", ".join(dict.fromkeys(filter(None, map(_address, service.ports))))
            label = f"|{_label([ports])}|" if ports else ""
            arrows.append(f"outside -->{label} {names[service.name]}")
    return ['outside(("outside"))', *arrows] if arrows else []


def _address(port: Port) -> str:
    """Where the host answers for a port, on all of its addresses where none is told; empty where Docker
    chooses or it is not known."""
    if not re.fullmatch(r"[\d-]+", port.published):
        return ""
    return (
        f"{port.host_ip}:{port.published}" if re.fullmatch(r"[\d.]+", port.host_ip) else port.published
    )


def _waits(boxes: Iterable[Box], names: Mapping[str, str]) -> list[str]:
    arrows: list[str] = []
    for box in boxes:
        for name, condition in box[0].depends_on.items():
            if name in names:
                label = f'|"{CONDITIONS[condition]}"|' if condition in CONDITIONS else ""
                arrows.append(f"{names[box[0].name]} -->{label} {names[name]}")
    return arrows


def _kept(stack: Stack, names: Mapping[str, str]) -> list[str]:
    """Lines from services to the volumes that they use."""
    lines: list[str] = []
    for index, volume in enumerate(stack.declarations("volume")):
        users = dict.fromkeys(
            names[service.name]
            for service in stack.services.values()
            if service.name in names and volume in (mount.source for mount in service.named_mounts)
        )
        for count, user in enumerate(users):
            shape = f"[/{_label([volume])}/]" if count == 0 else ""
            lines.append(f"{user} -.- v{index}{shape}")
    return lines


def _label(texts: Iterable[str]) -> str:
    """Texts, one below the other, with Mermaid's own entities for what could mean something there."""
    return (
        '"'
        + "<br>".join(SPECIAL.sub(lambda each: f"#{ord(each[0])};", _clipped(text)) for text in texts)
        + '"'
    )


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}…"
