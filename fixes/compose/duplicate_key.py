"""One mapping has a key twice.

## What is wrong

YAML allows a key once in a mapping. Compose refuses the file: `mapping key "image" already defined at
line 3`, at the top of a file after `yaml: unmarshal errors`. Loaders that accept it keep the last one
and drop what stands under the first.

## What dockfix does

Where both say the same, or one says nothing, one goes. Two mappings or two lists become one: what stands
below the second is moved below the first, with its comments, and what is there already is dropped. Where
both set something differently, the later counts, since lenient loaders keep the last. Two services of
one name that disagree, a mapping beside a list, and values that aliases stand for are for a person.

## Fix safety

Safe where both say the same or go together; unsafe where one value must go, or where an alias stands for
the first part, which then holds more.

## References

YAML 1.2.2, 3.2.1.1 Nodes (mappings).
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import (
    Delete,
    Entry,
    Join,
    Mapping,
    Node,
    Nth,
    Operation,
    Scalar,
    Sequence,
    disagreements,
    same,
)
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack

fix = Fix(
    summary="A mapping has a key twice.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

WHOLE = ("command", "entrypoint", "test")
"""Lists that are one thing: two of them make no longer one."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find keys that were written before in their mapping; `<<` has a fix of its own."""
    for file in stack.files:
        # Settings of several services that stand among the services are no duplicates.
        misplaced = [each.node for each in file.complaints if each.problem == "misplaced"]
        for node in file.document.walk():
            if isinstance(node, Mapping):
                seen: dict[str, Entry] = {}
                for entry in node.entries:
                    name = entry.name if entry.value not in misplaced else None
                    if name is not None and name != "<<" and seen.setdefault(name, entry) is not entry:
                        yield _finding(file, node, name, seen[name], entry)


def _finding(file: ComposeFile, mapping: Mapping, name: str, first: Entry, again: Entry) -> Finding:
    source = file.document.source
    place = Place(file.path, source.position(again.key.start))
    line = source.position(first.key.start).line
    message = f'Compose refuses the file: mapping key "{name}" already defined at line {line}.'
    steps = f"Join what stands under {name} here with line {line}."
    found = _repair(file, mapping, name, first.value, again.value)
    if found is None:
        return Finding(place, message, steps=steps)
    operation, safety = found
    return Finding(place, message, (EditYaml(file.path, (operation,)),), safety=safety, steps=steps)


def _repair(
    file: ComposeFile, mapping: Mapping, name: str, first: Node, again: Node
) -> tuple[Operation, Safety] | None:
    """What makes the two entries one, or None where that needs a person."""
    occurrence = [each.value for each in mapping.entries if each.name == name].index(again)
    there, route = (*mapping.route, name), (*mapping.route, Nth(name, occurrence))
    is_free = not file.document.is_used_outside(again)
    if is_free and (same(first, again) or _is_nothing(again)):
        return Delete(route, mapping.document), Safety.SAFE
    if _is_nothing(first):
        return Delete(there, mapping.document), Safety.SAFE
    is_anchored = file.document.is_used_outside(first)
    if _can_be_joined(name, first, again) and is_free:
        differing = disagreements(first, again)
        if not differing and not is_anchored:
            return Join(route, there, mapping.document), Safety.SAFE
        is_service = mapping.route == ("services",)
        if not is_service and all(_is_plain(again, each) for each in differing):
            return Join(route, there, mapping.document), Safety.UNSAFE
    elif _is_one_thing(name, first, again) and not is_anchored:
        return Delete(there, mapping.document), Safety.UNSAFE
    return None


def _is_nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_null and node.anchor is None


def _is_one_thing(name: str, first: Node, again: Node) -> bool:
    """Whether one of two values must go, since they cannot be put together."""
    return name in WHOLE or (isinstance(first, Scalar) and isinstance(again, Scalar))


def _can_be_joined(name: str, first: Node, again: Node) -> bool:
    """Whether two collections are of one kind and have no key twice themselves."""
    if isinstance(first, Sequence) and isinstance(again, Sequence):
        return name not in WHOLE
    if not isinstance(first, Mapping) or not isinstance(again, Mapping):
        return False
    names = [[entry.name for entry in each.entries] for each in (first, again)]
    nested = [(first.entry(each.name or ""), each) for each in again.entries]
    return all(len(set(each)) == len(each) for each in names) and all(
        there is None or same(there.value, each.value) or not _is_collection(each.value)
        or _can_be_joined(each.name or "", there.value, each.value)
        for there, each in nested
    )  # fmt: skip


def _is_collection(node: Node) -> bool:
    return isinstance(node, Mapping | Sequence)


def _is_plain(node: Node, route: tuple[object, ...]) -> bool:
    """Whether the value at a route below a node is a single one."""
    for step in route:
        found = node.entry(str(step)) if isinstance(node, Mapping) else None
        if found is None:
            return False
        node = found.value
    return isinstance(node, Scalar)
