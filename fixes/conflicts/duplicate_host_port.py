"""Two containers of a stack take the same port of the host.

## What is wrong

A port of the host can be taken once. `docker compose config` accepts a stack in which two services
publish the same one, and `up` fails: `Bind for 0.0.0.0:8080 failed: port is already allocated`. An
override's ports are added to the base's, so `127.0.0.1:8080:80` over `8080:80` is published twice too.

## What dockfix does

- An override that publishes a port of its base anew gets `ports: !override`, with the base's other
  ports repeated, so that its own count.
- Where one list publishes a port on every address and on one of them, the second is in the first, and
  goes.
- Of two services, the later one gets the next free port: 8081 for 8080, 8443 for 443.

A port that a URL of the stack names, one that is shared through an anchor or comes from a variable, and
a range are for a person.

Services that never run together are no conflict: those in different profiles, one that has a profile
while the other has none (they are often alternatives), and one that waits for the other's end.

## Fix safety

Unsafe: whoever used the port must know of the new one. `!override` needs Compose 2.24.4.

## References

Compose specification, ports, and Merge and override (replace value).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Service, Stack
from fixes.conflicts._ports import Binding, bindings, covers, overriding_ports

fix = Fix(
    summary="Two containers take the same port of the host.",
    severity=Severity.ERROR,
    safety=Safety.UNSAFE,
)

URL = r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|host\.docker\.internal):%d\b(?!:)"
COMPLETED = "service_completed_successfully"


def detect(stack: Stack) -> Iterator[Finding]:
    """Find ports of the host that are taken again."""
    related = stack.related_services
    taken = {binding.number for service in related for binding in bindings(service)}
    found: dict[int, list[tuple[Service, Binding]]] = {}
    for service in stack.services.values():
        for binding in bindings(service):
            owners = found.setdefault(binding.number, [])
            owner = next((each for each in owners if _is_conflict(service, binding, *each)), None)
            if owner is None:
                owners.append((service, binding))
            elif owner[0] is service:
                yield _within(service, owner[1], binding)
            else:
                yield _between(stack, service, binding, *owner, taken)


def _is_conflict(service: Service, binding: Binding, owner: Service, other: Binding) -> bool:
    if not binding.clashes_with(other):
        return False
    if service is owner:
        # Compose takes one of two that say the same, and Docker counts no address as every one.
        is_same = covers(binding.port, other.port) and covers(other.port, binding.port)
        return not is_same and binding.port is not other.port
    profiles = service.profiles & owner.profiles
    is_beside = bool(profiles) or not (service.profiles or owner.profiles)
    return is_beside and not _ends_before(service, owner) and not _ends_before(owner, service)


def _ends_before(one: Service, other: Service) -> bool:
    """Whether a service ends before another one starts."""
    services, seen, pending = one.stack.services, set[str](), [other.name]
    while pending:
        service = services.get(name := pending.pop())
        if service is not None and name not in seen:
            seen.add(name)
            if service.depends_on.get(one.name) == COMPLETED:
                return True
            pending += service.depends_on
    return False


def _within(service: Service, first: Binding, again: Binding) -> Finding:
    message = (
        f"{service.name} publishes port {again.number} of the host twice, so `up` fails: Bind for"
        f" {again.where} failed: port is already allocated."
    )
    if first.port.at.node.parent is not again.port.at.node.parent:
        change = overriding_ports(service)
        steps = f"Write `ports: !override` for {service.name}, with all the ports that it shall have."
        return Finding(again.port.at.at, message, (change,) if change else (), steps=steps)
    for one, other in ((first.port, again.port), (again.port, first.port)):
        if covers(one, other):
            deletion = Delete(other.at.route, other.at.node.document)
            return Finding(other.at.at, message, (EditYaml(other.at.file.path, (deletion,)),))
    return Finding(again.port.at.at, message, steps="Publish one of the two on another port.")


def _between(
    stack: Stack, service: Service, binding: Binding, owner: Service, other: Binding, taken: set[int]
) -> Finding:
    port, number = binding.port, binding.number
    message = (
        f"{service.name} publishes port {number} of the host, as {owner.name} does, so `up` fails: Bind"
        f" for {binding.where} failed: port is already allocated."
    )
    free = number + 1 if number > 1023 else number + 8000
    while free in taken:
        free += 1
    published = port.at.get("published")
    written = published or port.at
    texts = [file.document.text for file in stack.related_files]
    is_named = any(re.search(URL % number, text) for text in texts)
    # A service that extends the other one has its very port.
    is_shared = port.at.shared or port.at.node is other.port.at.node
    if is_shared or "$" in written.text or port.published != str(number) or is_named:
        steps = f"Publish one of the two on another port, as {free}, wherever {number} is used."
        return Finding(port.at.at, message, steps=steps)
    taken.add(free)
    if published is not None:
        text: str | int = free if isinstance(published.data, int) else str(free)
    else:
        text = re.sub(rf"(^|:){number}:", rf"\g<1>{free}:", port.at.text, count=1)
    edit = Set(written.route, text, written.node.document)
    return Finding(port.at.at, message, (EditYaml(written.file.path, (edit,)),))
