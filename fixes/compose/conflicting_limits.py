"""A limit of a service is set in two ways that do not agree.

## What is wrong

`mem_limit`, `cpus`, `pids_limit` and `mem_reservation` say what `deploy.resources` says too, and `scale`
what `deploy.replicas` says. Compose stops where they differ: `services.web: can't set distinct values on
'mem_limit' and 'deploy.resources.limits.memory'`. It also stops where `deploy.resources.limits` only has
something else, as `cpus`, since it takes the memory as unlimited there.

## What dockfix does

Where `deploy` does not have the limit, it gets the value of the short form. Where both have one, the
short form goes: in another file than `deploy`, by `!reset null` beside it.

## Fix safety

The first is safe: Compose refuses the stack as it is, and there is one value. The second is unsafe, for
which of the two is meant is a guess.

## References

Compose specification, mem_limit, cpus and scale; Compose Deploy Specification, resources.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete, Operation, Quoted, Reset, Scalar, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Service, Stack, Value

fix = Fix(
    summary="A limit of a service is set in two ways that do not agree.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

PAIRS = (
    ("mem_limit", ("deploy", "resources", "limits"), "memory"),
    ("cpus", ("deploy", "resources", "limits"), "cpus"),
    ("pids_limit", ("deploy", "resources", "limits"), "pids"),
    ("mem_reservation", ("deploy", "resources", "reservations"), "memory"),
)

UNITS = {"k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4, "p": 1024**5}


def detect(stack: Stack) -> Iterator[Finding]:
    """Find limits whose two forms differ. One that cannot be read is another fix's."""
    for service in stack.services.values():
        for short, path, key in PAIRS:
            one, section = service.value.get(short), _at(service.value, path)
            amount = _amount(one)
            # Zero is no limit, and so is a section without a word of its own.
            if one is None or section is None or not amount or not isinstance(section.data, dict):
                continue
            other = section.get(key)
            if not section.data or (other is not None and _amount(other) in (amount, None)):
                continue
            yield _finding(service, one, ".".join((*path, key)), section, other)
        scale, deploy = service.value.get("scale"), service.value.get("deploy")
        replicas = deploy.get("replicas") if deploy is not None else None
        if scale is None or deploy is None or replicas is None:
            continue
        amounts = (_amount(scale), _amount(replicas))
        if None not in amounts and amounts[0] != amounts[1]:
            yield _finding(service, scale, "deploy.replicas", deploy, replicas)


def _at(value: Value, path: tuple[str, ...]) -> Value | None:
    found: Value | None = value
    for key in path:
        found = found.get(key) if found is not None else None
    return found


def _amount(value: Value | None) -> float | None:
    """A number or a size in bytes, None where it cannot be read."""
    text = value.text.lower() if value is not None else ""
    match = re.fullmatch(r"(\d+\.?\d*|\.\d+) ?([kmgtp])?i?b?", text)
    return float(match[1]) * UNITS.get(match[2] or "", 1) if match else None


def _finding(service: Service, one: Value, name: str, section: Value, other: Value | None) -> Finding:
    short = str(one.route[-1])
    message = (
        f"Compose refuses the stack: services.{service.name}: can't set distinct values on '{short}' and"
        f" '{name}'."
    )
    if other is None and isinstance(one.node, Scalar):
        if section.shared:
            steps = f"Write {name} as {one.text} too, or take {short} away."
            return Finding(one.at, message, steps=steps)
        route = (*section.route, name.rpartition(".")[2])
        is_number = name.endswith("pids")
        added = int(one.text) if is_number else Quoted(one.text) if one.node.style else one.text
        operation: Operation = Set(route, added, section.node.document)
        return Finding(one.at, message, (EditYaml(section.file.path, (operation,)),))
    assert other is not None
    if one.file is other.file and not one.shared:
        change = EditYaml(one.file.path, (Delete(one.route, one.node.document),))
    else:
        operation = Set(("services", service.name, short), Reset(), other.node.document)
        change = EditYaml(other.file.path, (operation,))
    return Finding(one.at, message, (change,), safety=Safety.UNSAFE)
