"""An override's short `depends_on` drops the condition that its base waits for.

## What is wrong

The base waits until a service is healthy or has ended (`condition: service_healthy`), and an override,
or a service that extends another, lists the same service in the short form. Compose merges both by name,
and the short form means `service_started`: the service no longer waits, and fails now and then when it
finds its database not ready. Nothing is printed.

## What dockfix does

It removes the name from the short list, since the base has it already, with its condition. Where the
list is shared through an anchor, or has a tag of its own, nothing is changed. An override that writes
`condition: service_started` out means it.

## Fix safety

Unsafe: the service starts later, when what it waits for is ready, and not at all if that never is.

## References

Compose specification, depends_on and Merge and override.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Service, Stack, Value

fix = Fix(
    summary="A short depends_on in an override drops its base's condition.",
    severity=Severity.WARNING,
    safety=Safety.UNSAFE,
)

STARTED = "service_started"


def detect(stack: Stack) -> Iterator[Finding]:
    """Find names in short lists for which a base sets another condition."""
    for service in stack.services.values():
        conditions: dict[str, str] = {}
        for file in service.files:
            written = service.value_in(file)
            conditions |= _extended(service, written)
            named = written.get("depends_on") if written else None
            if named is None or named.node.tag is not None:
                continue
            for item in named.items():
                condition = conditions.get(item.text, STARTED)
                if condition != STARTED and service.depends_on.get(item.text) == STARTED:
                    yield _finding(service, item, condition)
            conditions |= {name: _condition(each) for name, each in named.entries()}


def _extended(service: Service, written: Value | None) -> dict[str, str]:
    """The conditions of the service of this file that is extended."""
    extends = written.get("extends") if written else None
    if extends is None or extends.get("file") is not None:
        return {}
    name = extends.get("service") or extends
    base = service.stack.services.get(name.text)
    return base.depends_on if base is not None and base is not service else {}


def _condition(dependency: Value) -> str:
    condition = dependency.get("condition")
    return condition.text if condition else STARTED


def _finding(service: Service, item: Value, condition: str) -> Finding:
    message = (
        f"{service.name} no longer waits for {item.text}: this short depends_on makes the base's"
        f" {condition} {STARTED}."
    )
    if item.shared or item.node.parent is None or item.route[:2] != ("services", service.name):
        steps = f"Give {service.name} a depends_on of its own, with `condition: {condition}`."
        return Finding(item.at, message, steps=steps)
    deletion = Delete(item.route, item.node.document)
    return Finding(item.at, message, (EditYaml(item.file.path, (deletion,)),))
