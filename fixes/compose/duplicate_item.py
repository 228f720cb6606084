"""A list holds an item twice that it may hold once.

## What is wrong

The items of `depends_on`, `networks`, `security_opt`, `group_add` and a few other lists must differ.
Compose stops: `services.web.security_opt items at 0 and 1 are equal`. It counts what an override or the
extended service brings along.

## What dockfix does

It removes the later one of two equal items.

## Fix safety

Safe where both stand in one file: Compose refuses the stack as it is. Where the later one stands in
another file, which may be used without the first, the removal is unsafe.

## References

Compose specification.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Service, Stack, Value

fix = Fix(
    summary="A list holds an item twice that it may hold once.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

APPENDED = ("security_opt", "group_add", "external_links", "volumes_from", "device_cgroup_rules")
"""Lists to which an override appends."""

OF_ONE_FILE = ("depends_on", "networks", "extra_hosts")
"""Lists that are merged by name, so that only one file's own items can be equal."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find equal items."""
    for service in stack.services.values():
        for key in APPENDED:
            yield from _repeated(service, key, service.value.get(key))
        for file in service.files:
            own = service.value_in(file)
            for key in OF_ONE_FILE:
                yield from _repeated(service, key, own.get(key) if own else None)


def _repeated(service: Service, key: str, value: Value | None) -> Iterator[Finding]:
    seen: list[Value] = []
    for index, item in enumerate(value.items() if value else ()):
        first = next((each for each in seen if each.data == item.data), None)
        if first is None or isinstance(item.data, list | dict):
            seen.append(item)
            continue
        message = (
            f"Compose refuses the stack: services.{service.name}.{key} items at {seen.index(first)} and"
            f" {index} are equal."
        )
        removal = EditYaml(item.file.path, (Delete(item.route, item.node.document),))
        safety = Safety.SAFE if item.file is first.file else Safety.UNSAFE
        yield Finding(item.at, message, (removal,), safety=safety)
