"""Lists made mappings and mappings made lists, with the text of what is in them left as it is."""

from __future__ import annotations

from collections.abc import Iterator

from fixer.documents.source import Edit
from fixer.documents.yaml import emitting
from fixer.documents.yaml.spans import EditError, value_anchor
from fixer.documents.yaml.tree import Mapping, Node, Scalar, Sequence, YamlDocument


def wrapped(document: YamlDocument, mapping: Mapping) -> Iterator[Edit]:
    """Give the edits that make a mapping the only item of a list."""
    if mapping.flow:
        yield Edit(mapping.end, mapping.end, "]")
        start = document.text.index("{", mapping.start)
        yield Edit(start, start, "[")
        return
    start = mapping.entries[0].key.start
    yield Edit(start, start, "- ")
    for at in _later_lines(document, start, mapping.end):
        yield Edit(at, at, "  ")


def enlisted(
    document: YamlDocument, mapping: Mapping, separator: str, layout: emitting.Layout
) -> Iterator[Edit]:
    """Give the edits that make each entry of a mapping an item of a list. Raises EditError."""
    if mapping.flow:
        yield from _rebracketed(document, mapping, "[", "]")
    for entry in mapping.entries:
        value = entry.value
        if entry.name is None or not isinstance(value, Scalar) or value.anchor or value.tag:
            raise EditError("an entry that is no pair of texts cannot become an item of a list")
        text = entry.name if value.is_null else entry.name + separator + value.value
        end = max(value.end, value_anchor(document, value))
        if mapping.flow and value.is_null:
            end += len(document.text[end:]) - len(document.text[end:].lstrip(" "))
        dash = "" if mapping.flow else "- "
        yield Edit(entry.key.start, end, dash + emitting.inline(text, layout, mapping.flow))


def unlisted(document: YamlDocument, sequence: Sequence) -> Iterator[Edit]:
    """Give the edits that make one mapping of a list's items. Raises EditError."""
    if sequence.flow:
        yield from _rebracketed(document, sequence, "{", "}")
        if not all(isinstance(item, Scalar) or _is_bare(document, item) for item in sequence.items):
            raise EditError("an item in braces cannot become an entry")
        return
    column = emitting.column_of(document, sequence)
    parent = sequence.parent
    is_deeper = isinstance(parent, Mapping) and column > emitting.column_of(document, parent)
    columns = set[int]()
    for index, item in enumerate(sequence.items):
        dash = emitting.dash_of(document, sequence, index)
        start = _start(document, item)
        if document.source.line_start(start) != document.source.line_start(dash):
            raise EditError("an item that starts below its dash cannot become an entry")
        width = start - dash
        columns.add(column if is_deeper else column + width)
        if is_deeper:
            yield Edit(dash, start, "")
            for at in _later_lines(document, start, item.end):
                line = document.text[at : document.source.line_end(at)]
                yield Edit(at, at + min(width, len(line) - len(line.lstrip(" "))), "")
        else:
            yield Edit(dash, dash + 1, " ")
        if isinstance(item, Scalar):
            yield Edit(item.end, item.end, ":")
    if len(columns) > 1:
        raise EditError("items at several columns cannot become entries of one mapping")


def _start(document: YamlDocument, item: Node) -> int:
    """Where an item's first key is, or its text."""
    if isinstance(item, Mapping) and not item.flow and not item.anchor and not item.tag:
        return item.entries[0].key.start
    if isinstance(item, Scalar) and not item.anchor and not item.tag:
        line_end = document.source.line_end(item.start)
        if item.style not in ("|", ">") and item.end <= line_end:
            return item.start
    raise EditError("an item with an anchor, in braces or over several lines cannot become an entry")


def _is_bare(document: YamlDocument, item: Node) -> bool:
    """Whether an item of a flow sequence is a pair without braces, `[a: 1]`."""
    return isinstance(item, Mapping) and document.text[item.start] != "{" and not item.anchor


def _later_lines(document: YamlDocument, start: int, end: int) -> Iterator[int]:
    """The starts of the lines with content behind the first one of a span."""
    for at, line in document.source.lines():
        if start < at < end and line.strip():
            yield at


def _rebracketed(
    document: YamlDocument, node: Mapping | Sequence, opening: str, closing: str
) -> Iterator[Edit]:
    start = document.text.index("{" if isinstance(node, Mapping) else "[", node.start)
    yield Edit(start, start + 1, opening)
    yield Edit(node.end - 1, node.end, closing)
