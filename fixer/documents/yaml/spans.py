"""Where the parts of a YAML document stand in its text, beyond the spans of the nodes."""

from __future__ import annotations

import re
from collections.abc import Sequence as List
from itertools import pairwise

from fixer.documents.source import Edit, Source
from fixer.documents.yaml import emitting
from fixer.documents.yaml.tree import Alias, Entry, Mapping, Node, Scalar, Sequence, YamlDocument


class EditError(Exception):
    """An operation does not fit the document, for instance since its route leads nowhere."""


def value_anchor(document: YamlDocument, node: Node) -> int:
    """Give the offset right behind the colon or dash that a value belongs to. Raises EditError for a
    root."""
    parent = node.parent
    if isinstance(parent, Mapping) and node.step is not None and not isinstance(node.step, int):
        entry = parent.entry(node.step)
        if entry is not None:
            return document.text.index(":", entry.key.end) + 1
    if isinstance(parent, Sequence) and isinstance(node.step, int):
        return emitting.dash_of(document, parent, node.step) + 1
    raise EditError("the whole document cannot be replaced")


def line_after(source: Source, line_end: int) -> int:
    """Give the offset of the line behind the one that ends at `line_end`."""
    if source.text.startswith("\r\n", line_end):
        return line_end + 2
    return min(line_end + 1, len(source.text))


def children(parent: Mapping | Sequence) -> list[Node]:
    """Give the values of a mapping or the items of a sequence."""
    if isinstance(parent, Mapping):
        return [entry.value for entry in parent.entries]
    return parent.items


def start_of_item(node: Node) -> int:
    """Give the offset where a mapping's key or a flow sequence's item starts."""
    entry = _entry_of(node)
    return entry.key.start if entry else node.start


def _entry_of(node: Node) -> Entry | None:
    if isinstance(node.parent, Mapping) and node.step is not None:
        return node.parent.entry(node.step)
    return None


def is_empty(node: Node) -> bool:
    """Say whether a node is null or a collection without content."""
    if isinstance(node, Scalar):
        return node.is_null
    if isinstance(node, Alias):
        return False
    return not children(node) if isinstance(node, Mapping | Sequence) else False


def end_with_comments(source: Source, end: int, column: int) -> int:
    """Give the end of the line on which an entry ends, behind the comments that belong to it: those
    right below at the same column that head no other entry, and deeper ones."""
    at = source.line_end(end)
    kept, deeper, blank = at, at, False
    while at < len(source.text):
        start = line_after(source, at)
        if start >= len(source.text):
            break
        at = source.line_end(start)
        line = source.text[start:at]
        stripped = line.lstrip(" \t")
        indent = len(line) - len(stripped)
        if not stripped:
            blank = True
        elif stripped.startswith("#") and (indent > column or (indent == column and not blank)):
            if indent == column == 0:
                break
            kept = at
            deeper = at if indent > column else deeper
        else:
            return deeper if indent == column and not blank else kept
    return kept


def into_flow(source: Source, parent: Node, items: List[Node], text: str) -> Edit:
    """Give the edit that adds a text behind items of a flow collection."""
    if not items:
        return Edit(parent.end - 1, parent.end - 1, text)
    last = items[-1]
    at = last.end
    if len(items) > 1:
        line = source.line_start(start_of_item(last))
        if line > items[-2].end:
            indent = start_of_item(last) - line
            return Edit(at, at, ",\n" + " " * indent + text)
    return Edit(at, at, ", " + text)


def are_apart(document: YamlDocument, parent: Mapping) -> bool:
    """Say whether most of a mapping's entries have a blank line before the next one."""
    gaps = [
        bool(re.search(r"\n[ \t\r]*\n", document.text[first.value.end : second.key.start]))
        for first, second in pairwise(parent.entries)
    ]
    return sum(gaps) * 2 > len(gaps)
