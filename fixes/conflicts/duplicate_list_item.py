"""A list holds one item twice.

## What is wrong

Compose refuses some lists in which two items are equal: `services.web.security_opt items at 0 and 1 are
equal`, and the same for `group_add`, `external_links`, `volumes_from`, `device_cgroup_rules`,
`depends_on`, `networks` and `models`; of `extra_hosts` it says `services.web.extra_hosts must be a
mapping`. It appends an override's list to the base's, and a service's to the one it extends, so that an
item that both write is there twice: a hardening repeated in an override stops the stack. From other
lists (`ports`, `volumes`, `cap_drop`, `dns`) it drops the second without a word.

## What dockfix does

It removes the second: the override's, or the extending service's. Where the list is shared through an
anchor and the first is not in it, this is for a person. Of the lists from which Compose drops an item,
only those in which one file writes it twice are reported; an override may repeat what its base says.
Where a third item has the same target, Compose takes the last, and that is `duplicate-mount-target`.

## Fix safety

Safe: Compose refuses the stack as it is, or ignores the item that goes.

## References

Compose specification, Merge and override; the schema's `uniqueItems`.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Alias, Delete
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Service, Stack, Value
from fixer.stack.merging import identity
from fixes.conflicts._items import may_go

fix = Fix(
    summary="A list holds one item twice.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

APPENDED = ("device_cgroup_rules", "external_links", "group_add", "security_opt", "volumes_from")
"""Lists that must hold an item once when everything is merged."""

NAMES = ("depends_on", "models", "networks", "extra_hosts")
"""Lists that must hold an item once in one file, and become a mapping when merged."""

DROPPED = (
    "cap_add", "cap_drop", "configs", "devices", "dns", "dns_opt", "dns_search", "env_file", "expose",
    "links", "ports", "profiles", "secrets", "tmpfs", "volumes",
)  # fmt: skip
"""Lists from which Compose drops an item that is there before."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find items that are equal to an earlier one of their list."""
    for service in stack.services.values():
        for setting in APPENDED:
            value = service.value.get(setting)
            for first, again, places in _pairs(value):
                yield _refused(service, setting, first, again, places)
        for file in service.files:
            written = service.value_in(file)
            for setting in (*NAMES, *DROPPED):
                for first, again, places in _pairs(written.get(setting) if written else None):
                    if setting in NAMES:
                        yield _refused(service, setting, first, again, places)
                    elif not _is_replaced(written, setting, again):
                        message = f"`{setting}` of {service.name} has an item twice; Compose drops it."
                        yield _removal(again, message)._replace(severity=Severity.NOTE)


def _pairs(value: Value | None) -> Iterator[tuple[Value, Value, tuple[int, int]]]:
    """The items that are equal to an earlier one, after that one, and where both stand."""
    seen: list[object] = []
    items = list(value.items()) if value else []
    for index, item in enumerate(items):
        plain = item.plain()
        if plain in seen:
            first = seen.index(plain)
            yield items[first], item, (first, index)
        seen.append(plain)


def _is_replaced(written: Value | None, setting: str, again: Value) -> bool:
    """Whether another item stands for the same thing (a mount's target): the last of them counts."""
    key, items = identity(setting), written.get(setting) if written else None
    return key is not None and any(
        key(item) == key(again) and item.plain() != again.plain()
        for item in (items.items() if items else ())
    )


def _refused(
    service: Service, setting: str, first: Value, again: Value, places: tuple[int, int]
) -> Finding:
    name = f"services.{service.name}.{setting}"
    reason = f"{name} items at {places[0]} and {places[1]} are equal"
    if setting == "extra_hosts":
        reason = f"{name} must be a mapping, as it says of a list with two equal items"
    message = f"Compose refuses the stack: {reason}."
    if may_go(service, again, first):
        return _removal(again, message)
    written = service.written_in(again.file)
    entry = written.entry(setting) if written else None
    if entry is not None and isinstance(entry.value, Alias) and first.node is again.node:
        # The same list in both, by its alias.
        deletion = Delete(entry.value.route, entry.value.document)
        return Finding(again.at, message, (EditYaml(again.file.path, (deletion,)),))
    steps = f"Write {again.text} once for {service.name}: here it comes from a list that others share."
    return Finding(again.at, message, steps=steps)


def _removal(item: Value, message: str) -> Finding:
    deletion = Delete(item.route, item.node.document)
    return Finding(item.at, message, (EditYaml(item.file.path, (deletion,)),))
