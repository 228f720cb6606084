"""A limit is set twice, in its old place and under `deploy`, to two values.

## What is wrong

Compose knows some settings by two names: `mem_limit`, `mem_reservation`, `cpus` and `pids_limit` of a
service stand under `deploy.resources` too, and `scale` is `deploy.replicas`. It refuses a stack in which
the two differ: `can't set distinct values on 'mem_limit' and 'deploy.resources.limits.memory'`. The one
under `deploy` counts as zero where `limits` has anything else, so that `mem_limit` beside a `cpus` limit
is refused as well.

## What dockfix does

Where an override brings one of them, that one is meant: the old name gets `!reset null` there, or its
value moves to `deploy`. Where `deploy` only lacks the value, it gets it. Two values in one file are for
a person.

## Fix safety

Safe: Compose refuses the stack as it is. `!reset` needs Compose 2.18.0.

## References

Compose Deploy specification, resources and replicas; compose-go, validation.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete, Operation, Quoted, Reset, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Service, Stack, Value
from fixer.stack.values import scalar_text

fix = Fix(
    summary="A limit has two values, one of them under deploy.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

TWINS = {
    "mem_limit": ("deploy", "resources", "limits", "memory"),
    "mem_reservation": ("deploy", "resources", "reservations", "memory"),
    "cpus": ("deploy", "resources", "limits", "cpus"),
    "pids_limit": ("deploy", "resources", "limits", "pids"),
    "scale": ("deploy", "replicas"),
}

WHOLE_NUMBERS = ("pids", "replicas")

UNITS = {"": 1, "b": 1, "k": 1 << 10, "kb": 1 << 10, "m": 1 << 20, "mb": 1 << 20, "g": 1 << 30,
         "gb": 1 << 30}  # fmt: skip


def detect(stack: Stack) -> Iterator[Finding]:
    """Find settings whose twin under `deploy` says another thing."""
    for service in stack.services.values():
        for key, path in TWINS.items():
            old, group = service.value.get(key), _at(service.value, path[:-1])
            new = group.get(path[-1]) if group is not None else None
            if old is None or group is None or old.data is None or not old.text:
                continue
            if new is None and key == "scale":
                continue
            one = _number(stack.interpolate(old.text, old.file))
            other = _number(stack.interpolate(new.text, new.file)) if new else 0
            if one is not None and other is not None and one != other and (one or key == "scale"):
                yield _finding(service, key, path, old, group, new)


def _at(value: Value, path: tuple[str, ...]) -> Value | None:
    found: Value | None = value
    for key in path:
        found = found.get(key) if found is not None else None
    return found if found is not None and isinstance(found.data, dict) else None


def _number(text: str) -> float | None:
    """A quantity as a number, None where it is none."""
    digits = text.lower().rstrip("bkmg")
    try:
        return float(digits) * UNITS[text.lower()[len(digits) :]]
    except (ValueError, KeyError):
        return None


def _finding(
    service: Service, key: str, path: tuple[str, ...], old: Value, group: Value, new: Value | None
) -> Finding:
    message = (
        f"Compose refuses the stack: services.{service.name}: can't set distinct values on '{key}' and"
        f" '{'.'.join(path)}'."
    )
    place = service.stack.files.index
    file = max((old.file, (new or group).file), key=place)
    written = service.written_in(file)
    shared = [each for each in (old, group, new) if each and each.file is file and each.shared]
    if written is None or shared or (new is not None and new.file is old.file):
        return Finding(old.at, message, steps=f"Keep one of `{key}` and `{'.'.join(path)}`.")
    operations: list[Operation]
    if new is not None and new.file is file:
        operations = [Set((*written.route, key), Reset(), written.document)]
    else:
        is_text = isinstance(old.data, str) or path[-1] in WHOLE_NUMBERS
        value = old.data if is_text else Quoted(scalar_text(old.data))
        operations = [Set((*written.route, *path), value, written.document)]
        if old.file is file:
            operations.append(Delete(old.route, old.node.document))
    return Finding(old.at, message, (EditYaml(file.path, tuple(operations)),))
