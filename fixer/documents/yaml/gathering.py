"""Additions to one collection that is not there yet, joined so that it is made once."""

from __future__ import annotations

from collections.abc import Sequence as List

from fixer.documents.yaml.operations import Append, Operation, Set
from fixer.documents.yaml.routes import Route
from fixer.documents.yaml.spans import is_empty
from fixer.documents.yaml.tree import YamlDocument
from fixer.documents.yaml.values import Value


def gather(document: YamlDocument, operations: List[Operation]) -> list[Operation | None]:
    """Join the additions to one collection that is not there yet into the first of them, so that
    it is made once. The others become None."""
    gathered: list[Operation | None] = list(operations)
    first: dict[tuple[Route, int], int] = {}
    for index, operation in enumerate(operations):
        if not isinstance(operation, Set | Append):
            continue
        start = _missing_ancestor(document, operation.route, operation.document)
        if start is None or (isinstance(operation, Set) and start == operation.route):
            continue
        value: Value = operation.value
        if isinstance(operation, Append):
            value = [value]
        for step in reversed(operation.route[len(start) :]):
            value = {step: value}
        place = (start, operation.document)
        if place in first:
            earlier = gathered[first[place]]
            assert isinstance(earlier, Set)
            joined = _joined(earlier.value, value)
            gathered[first[place]] = Set(start, joined, operation.document)
            gathered[index] = None
        else:
            first[place] = index
            gathered[index] = Set(start, value, operation.document)
    return gathered


def _missing_ancestor(document: YamlDocument, route: Route, number: int) -> Route | None:
    """The shortest part of a route, not the root, whose collection is missing or empty."""
    for length in range(1, len(route) + 1):
        node = document.node(route[:length], number)
        if node is None or is_empty(node):
            return route[:length]
    return None


def _joined(one: Value, other: Value) -> Value:
    if isinstance(one, dict) and isinstance(other, dict):
        merged = dict(one)
        for key, value in other.items():
            merged[key] = _joined(merged[key], value) if key in merged else value
        return merged
    if isinstance(one, list) and isinstance(other, list):
        return one + other
    return other
