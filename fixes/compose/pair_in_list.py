"""An item of a list is written as a mapping, `- KEY: value`.

## What is wrong

In a list, `environment`, `labels` and their like take texts, `- KEY=value`, and in a mapping entries,
`KEY: value`. The two forms do not mix. Compose stops at `- KEY: value`:
`services.web.environment.[0]: unexpected type map[string]interface {}`. The same slip in `volumes`
(`- ./html: /srv`) reads `service volume services.web.volumes.[0] is missing a mount target`, in `ports`
`non-string key in services.web.ports[0]: 80`, elsewhere `services.web.command.1 must be a string`.

## What dockfix does

Where all items of the list are written so, and a mapping may stand there, it takes the dashes away.
Else it makes each such item the text that the setting takes: `KEY=value`, or `a:b` where a colon
belongs, or in a command the text as it is written, in quotes.

## Fix safety

Safe: Compose refuses the file as it is, and nothing else can be meant.

## References

Compose specification, environment, labels, volumes and ports.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Mapping, Operation, Quoted, Scalar, Sequence, Set, Unlist
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack
from fixer.stack.specification import Complaint, expectation, is_used_alike, kind_of, shape_at

fix = Fix(
    summary="An item of a list is written as a mapping.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

WITH_COLON = ("ports", "volumes", "devices", "extra_hosts", "security_opt", "links", "tmpfs")
WITH_EQUALS = (
    "annotations", "environment", "labels", "args", "sysctls", "additional_contexts", "ssh",
)  # fmt: skip
COMMANDS = ("command", "entrypoint", "test", "constraints")


def detect(stack: Stack) -> Iterator[Finding]:
    """Find mappings in lists of texts. They are told of once a list where the list can be a mapping."""
    for file in stack.files:
        told: list[Sequence] = []
        for complaint in file.complaints:
            items = complaint.node.parent
            is_item = isinstance(items, Sequence) and complaint.key.isdigit()
            if complaint.problem != "kind" or not is_item or not isinstance(complaint.node, Mapping):
                continue
            assert isinstance(items, Sequence)
            if "text" not in complaint.shape.kinds or any(items is each for each in told):
                continue
            can_be_mapping = _can_be_mapping(file, items, complaint)
            if can_be_mapping:
                told.append(items)
            operation = Unlist(items.route, items.document) if can_be_mapping else _as_text(complaint)
            yield _finding(file, complaint, operation)


def _finding(file: ComposeFile, complaint: Complaint, operation: Operation | None) -> Finding:
    place = Place(file.path, file.document.position(complaint.node))
    message = f"Compose refuses the file: {complaint.refusal}."
    if operation is None:
        steps = (
            f"Write item {int(complaint.key) + 1} of {complaint.path[-2]} as {expectation(complaint)}."
        )
        return Finding(place, message, steps=steps)
    return Finding(place, message, (EditYaml(file.path, (operation,)),))


def _can_be_mapping(file: ComposeFile, items: Sequence, complaint: Complaint) -> bool:
    """Whether a list's items are the entries of a mapping that may stand in its place."""
    shape = shape_at(complaint.path[:-1])
    is_alike = items.anchor is None or is_used_alike(file.document, items)
    if shape is None or shape.values is None or "map" not in shape.kinds or not is_alike:
        return False
    names: list[str | None] = []
    for item in items.items:
        if isinstance(item, Mapping):
            names += [entry.name for entry in item.entries]
        elif isinstance(item, Scalar) and "=" not in item.value and shape.values.keys is not None:
            names.append(item.value)
        else:
            return False
    values = [entry.value for item in items.items if isinstance(item, Mapping) for entry in item.entries]
    takes_text = "map" in shape.values.kinds
    fits = all(kind_of(value) in shape.values.kinds or takes_text for value in values)
    return fits and None not in names and "<<" not in names and len(set(names)) == len(names)


def _as_text(complaint: Complaint) -> Operation | None:
    node, key = complaint.node, complaint.path[-2]
    assert isinstance(node, Mapping)
    entry = node.entries[0] if len(node.entries) == 1 else None
    if entry is None or entry.name is None or not isinstance(entry.value, Scalar):
        return None
    name, value = entry.name, entry.value
    if key in COMMANDS and not value.is_null:
        return Set(node.route, Quoted(f"{name}: {value.value}"), node.document)
    separator = ":" if key in WITH_COLON else "=" if key in WITH_EQUALS else None
    if separator is None:
        return None
    text = name if value.is_null else f"{name}{separator}{value.value}"
    return Set(node.route, Quoted(text) if value.style else text, node.document)
