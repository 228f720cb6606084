"""Services depend on one another in a circle.

## What is wrong

`depends_on`, `links`, `volumes_from` and a `network_mode`, `ipc`, `pid` or `uts` of another service say
what starts first. In a circle nothing can, and Compose refuses the stack: `dependency cycle detected:
web -> api -> web`.

## What dockfix does

- A service that depends on itself loses that entry.
- A database or queue that waits for a program, and a program that waits for the proxy before it, have
  the order upside down: where the circle has one such entry, it is removed.
- Else a person has to say which of the services can start without the other.

## Fix safety

A dependency on itself is safe: Compose refuses the stack as it is, and there is nothing to wait for. The
other removal is unsafe, since it decides on the order.

## References

Compose specification, depends_on, links, volumes_from and network_mode.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.images import ImageFacts
from fixer.stack import Service, Stack, Use

fix = Fix(
    summary="Services depend on one another in a circle.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

REMOVABLE = ("depends_on", "links", "volumes_from")
NO_ORDER = ("extends", "additional_contexts")


def detect(stack: Stack) -> Iterator[Finding]:
    """Find circles, each once."""
    seen: set[frozenset[str]] = set()
    for service in stack.services.values():
        circle = _circle(stack, service)
        if circle and frozenset(circle) not in seen:
            seen.add(frozenset(circle))
            yield _finding(stack, circle)


def _waits_for(stack: Stack, name: str) -> dict[str, list[Use]]:
    """What a service names, by the service that has to start before it."""
    found: dict[str, list[Use]] = {}
    for use in stack.services[name].services_named:
        if use.name in stack.services and use.kind not in NO_ORDER:
            found.setdefault(use.name, []).append(use)
    return found


def _circle(stack: Stack, service: Service) -> list[str]:
    """The shortest circle through a service, without its end; empty where there is none."""
    ways = deque([[service.name]])
    seen: set[str] = set()
    while ways:
        way = ways.popleft()
        for name in _waits_for(stack, way[-1]):
            if name == service.name:
                return way
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def _finding(stack: Stack, circle: list[str]) -> Finding:
    steps = list(zip(circle, [*circle[1:], circle[0]], strict=True))
    told = " -> ".join([*circle, circle[0]])
    message = f"Compose refuses the stack: dependency cycle detected: {told}."
    wrong = [each for each in steps if _is_upside_down(stack, *each)]
    first, second = wrong[0] if len(wrong) == 1 else steps[0]
    uses = _waits_for(stack, first)[second]
    place = uses[0].at.at
    if len(wrong) == 1 and all(use.kind in REMOVABLE and not use.at.shared for use in uses):
        edits = tuple(
            EditYaml(use.at.file.path, (Delete(use.at.route, use.at.node.document),)) for use in uses
        )
        return Finding(place, message, edits, safety=None if first == second else Safety.UNSAFE)
    entries = [
        f"{use.kind} of {name} ({use.at.at})"
        for name, other in steps
        for use in _waits_for(stack, name)[other]
    ]
    return Finding(place, message, steps=f"Take one of these away: {', '.join(entries)}.")


def _is_upside_down(stack: Stack, first: str, second: str) -> bool:
    """Whether a service has no reason to wait for another one: for itself, a store for a program, a
    program for its proxy."""
    own, other = _facts(stack.services[first]), _facts(stack.services[second])
    if first == second or (own and own.is_store and not (other and other.is_store)):
        return True
    return bool(other and other.is_proxy and not (own and own.is_proxy))


def _facts(service: Service) -> ImageFacts | None:
    """What is known of the image that is pulled; a built one is a program of one's own."""
    return service.facts if not service.build else None
