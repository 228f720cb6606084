"""A merge key gets something else than mappings.

## What is wrong

`<<` takes a mapping, mostly an alias, or a list of them. On a name without its `*`, on a list of other
things, or on nothing Compose stops: `yaml: map merge requires map or sequence of maps as the value`.

## What dockfix does

A name (`<<: base`, `<<: [base, log]`, `<<: "*base"`) that a mapping's anchor has, further up in the
file, gets its `*`. A `<<` without a value goes. Other values are for a person.

## Fix safety

Safe: Compose refuses the file as it is.

## References

YAML 1.1, merge key; Compose specification, Fragments.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import (
    Alias,
    AliasTo,
    Delete,
    Entry,
    Mapping,
    Node,
    Operation,
    Scalar,
    Sequence,
    Set,
    YamlDocument,
    resolve_alias,
)
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack

fix = Fix(
    summary="A merge key gets something else than mappings.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find merge keys with a value that cannot be merged."""
    for file in stack.files:
        for node in file.document.walk():
            for entry in node.entries if isinstance(node, Mapping) else []:
                if entry.name == "<<" and (wrong := [*_wrong(entry.value)]):
                    yield _finding(file, entry, wrong)


def _wrong(value: Node) -> Iterator[Node]:
    """What cannot be merged of a merge key's value. An alias without anchor has a fix of its own."""
    target = resolve_alias(value)
    items = target.items if isinstance(target, Sequence) else [value]
    targets = [(item, resolve_alias(item)) for item in items]
    wrong = [item for item, each in targets if each is not None and not isinstance(each, Mapping)]
    yield from [value] if wrong and isinstance(value, Alias) else wrong


def _finding(file: ComposeFile, entry: Entry, wrong: list[Node]) -> Finding:
    place = Place(file.path, file.document.source.position(entry.key.start))
    message = "Compose refuses the file: map merge requires map or sequence of maps as the value."
    value = entry.value
    if isinstance(value, Scalar) and value.is_null and value.anchor is None:
        operation = Delete(value.route, value.document)
        return Finding(place, message, (EditYaml(file.path, (operation,)),))
    operations = [each for node in wrong if (each := _with_star(file.document, node))]
    if len(operations) < len(wrong):
        steps = "Write an alias of a mapping, or several as <<: [*first, *second]."
        return Finding(place, message, steps=steps)
    return Finding(place, message, (EditYaml(file.path, tuple(operations)),))


def _with_star(document: YamlDocument, node: Node) -> Operation | None:
    """What makes the name of a mapping's anchor above an alias of it."""
    name = node.value.removeprefix("*") if isinstance(node, Scalar) else ""
    anchored = document.anchors.get(name)
    if not isinstance(anchored, Mapping) or anchored.end > node.start:
        return None
    return Set(node.route, AliasTo(name), node.document)
