"""A value is a text where a list belongs, or a number where a text does.

## What is wrong

Each setting takes certain kinds of value. On another Compose stops: `services.web.ports must be a
array`, `services.web.user must be a string`.

## What dockfix does

A single text or number where a list belongs becomes a list of one, and a number or boolean where a
text belongs gets quotes. Other cases say what is expected.

## Fix safety

Safe: Compose refuses the file as it is. A value that several services share through an anchor is for
a person, since other places may want it as it is.

## References

Compose specification.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Mapping, Quoted, Scalar, Sequence, Set, Value
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack
from fixer.stack.specification import Complaint, kind_of

fix = Fix(
    summary="A value is of a kind that its setting does not take.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

WORDS = {"list": "array", "map": "mapping", "text": "string"}
"""Compose's words for the kinds of value."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find values of a wrong kind. Null is judged with the whole stack, and items of `environment`
    and its like that are mappings have a fix of their own."""
    for file in stack.files:
        for complaint in file.complaints:
            is_wrong = complaint.problem == "kind" and kind_of(complaint.node) != "null"
            is_item = isinstance(complaint.node.parent, Sequence)
            is_map_item = is_item and isinstance(complaint.node, Mapping)
            if is_wrong and not is_map_item and not file.is_stray(complaint.node):
                yield _finding(file, complaint)


def _finding(file: ComposeFile, complaint: Complaint) -> Finding:
    node = complaint.node
    kinds = sorted(WORDS.get(each, each) for each in complaint.shape.kinds if each != "null")
    expected = " or ".join(kinds)
    place = Place(file.path, file.document.position(node))
    message = f"Compose refuses the file: {'.'.join(complaint.path)} must be a {expected}."
    value = _repaired(complaint)
    if value is None or node.anchor is not None:
        return Finding(place, message, steps=f"Write it as {expected}.")
    operation = Set(node.route, value, node.document)
    return Finding(place, message, (EditYaml(file.path, (operation,)),))


def _repaired(complaint: Complaint) -> Value | None:
    """The value in the kind that belongs there, or None where that needs a person."""
    node, shape = complaint.node, complaint.shape
    if not isinstance(node, Scalar):
        return None
    if "text" in shape.kinds:
        return Quoted(node.value)
    items = shape.items
    if shape.kinds >= {"list"} and items is not None and "text" in items.kinds:
        has_blank = " " in node.value or "," in node.value
        return None if has_blank else [Quoted(node.value) if node.style else node.value]
    return None
