"""One mapping has a key twice.

## What is wrong

YAML allows a key once in a mapping. Compose refuses the file: `mapping key "image" already defined at
line 3`. Loaders that accept it keep the last one and drop what stands under the first.

## What dockfix does

Where both say the same, the second goes. Where they differ, the first goes, since lenient loaders keep
the last. Collections that differ are for a person: both parts are mostly meant; so is a first value
with an anchor, which is used elsewhere.

## Fix safety

Safe where both say the same; unsafe where they differ.

## References

YAML 1.2.2, 3.2.1.1 Nodes (mappings).
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete, Entry, Mapping, Nth, Scalar, same
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack

fix = Fix(
    summary="A mapping has a key twice.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


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
    if same(first.value, again.value):
        occurrence = [entry for entry in mapping.entries if entry.name == name].index(again)
        operation = Delete((*mapping.route, Nth(name, occurrence)), mapping.document)
        return Finding(place, message, (EditYaml(file.path, (operation,)),))
    are_scalars = isinstance(first.value, Scalar) and isinstance(again.value, Scalar)
    if are_scalars and first.value.anchor is None:
        operation = Delete((*mapping.route, name), mapping.document)
        changes = (EditYaml(file.path, (operation,)),)
        return Finding(place, message, changes, safety=Safety.UNSAFE)
    return Finding(place, message, steps=f"Join what stands under {name} here with line {line}.")
