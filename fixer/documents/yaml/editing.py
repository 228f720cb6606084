"""Operations resolved to edits of a YAML document's text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Sequence as List
from functools import singledispatchmethod
from itertools import pairwise

from fixer.documents.source import Edit
from fixer.documents.yaml import emitting
from fixer.documents.yaml.operations import (
    Append,
    Delete,
    Insert,
    Operation,
    Rename,
    Rewrite,
    Route,
    Set,
)
from fixer.documents.yaml.tree import (
    Alias,
    Entry,
    Mapping,
    Node,
    Scalar,
    Sequence,
    YamlDocument,
)
from fixer.documents.yaml.values import Quoted, Value


class EditError(Exception):
    """An operation does not fit the document, for instance since its route leads nowhere."""


def edits(document: YamlDocument, operations: List[Operation]) -> list[list[Edit]]:
    """Give the edits of each operation, all in offsets of the document as it is.

    The operations are seen together: what several deletions leave empty goes with them, and a
    comment goes with the last entry that it heads. Raises EditError.
    """
    editor = _Editor(document, operations)
    gathered = _gather(document, operations)
    return [list(editor.resolve(each)) if each else [] for each in gathered]


def _gather(document: YamlDocument, operations: List[Operation]) -> list[Operation | None]:
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
        if node is None or _is_empty(node):
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


class _Editor:
    def __init__(self, document: YamlDocument, operations: List[Operation]) -> None:
        self.document = document
        self.source = document.source
        self.text = document.text
        self.layout = emitting.layout_of(document)
        self.deleted = _deletions(document, operations)

    @singledispatchmethod
    def resolve(self, operation: Operation) -> Iterable[Edit]:
        raise TypeError(type(operation).__name__)

    @resolve.register
    def _(self, operation: Set) -> Iterable[Edit]:
        route, document = operation.route, operation.document
        node = self.document.node(route, document)
        if node is not None:
            return self._replace(node, operation.value)
        return self._add(route, operation.value, document, None)

    @resolve.register
    def _(self, operation: Insert) -> Iterable[Edit]:
        return self._add(operation.route, operation.value, operation.document, operation.after)

    @resolve.register
    def _(self, operation: Append) -> Iterable[Edit]:
        node = self.document.node(operation.route, operation.document)
        if isinstance(node, Sequence) and node.items:
            if node.flow:
                return [self._into_flow(node, node.items, self._inline(operation.value, True))]
            dash = emitting.dash_of(self.document, node, len(node.items) - 1)
            column = dash - self.source.line_start(dash)
            at = self._end_with_comments(node.items[-1].end or dash + 1, column)
            lines = emitting.list_item(operation.value, column, self.layout)
            return [Edit(at, at, "".join("\n" + line for line in lines))]
        if node is None or _is_empty(node):
            return self.resolve(Set(operation.route, [operation.value], operation.document))
        raise EditError(f"{_spell(operation.route)} is not a list")

    @resolve.register
    def _(self, operation: Delete) -> Iterable[Edit]:
        node = self.document.node(operation.route, operation.document)
        if node is None or node.parent is None:
            raise EditError(f"{_spell(operation.route)} is not there")
        while node.parent is not None and id(node.parent) in self.deleted:
            node = node.parent
        if node.parent is None:
            raise EditError("nothing would be left of the document")
        if node.parent.flow:
            return [self._out_of_flow(node)]
        return [self._out_of_block(node)]

    @resolve.register
    def _(self, operation: Rename) -> Iterable[Edit]:
        entry = self.document.entry(operation.route, operation.document)
        if entry is None or not isinstance(entry.key, Scalar):
            raise EditError(f"{_spell(operation.route)} is not there")
        parent = entry.key.parent
        in_flow = parent is not None and parent.flow
        value: Value = Quoted(operation.key) if entry.key.style else operation.key
        return [Edit(entry.key.start, entry.key.end, self._inline(value, in_flow))]

    @resolve.register
    def _(self, operation: Rewrite) -> Iterable[Edit]:
        node = self.document.node(operation.route, operation.document)
        if not isinstance(node, Scalar) or operation.old not in node.value:
            raise EditError(f"{_spell(operation.route)} does not hold the text to rewrite")
        raw = self.text[node.start : node.end]
        if raw == node.value:
            value = node.value.replace(operation.old, operation.new)
            written = self._inline(value, self._in_flow(node))
            if written != value:
                return [Edit(node.start, node.end, written)]
        old, new = (_in_style(text, node.style) for text in (operation.old, operation.new))
        if old not in raw:
            raise EditError(f"{_spell(operation.route)} is folded inside the text to rewrite")
        found: list[Edit] = []
        at = raw.find(old)
        while at >= 0:
            start = node.start + at
            found.append(Edit(start, start + len(old), new))
            at = raw.find(old, at + len(old))
        return found

    def _replace(self, node: Node, value: Value) -> Iterable[Edit]:
        if node.parent is None:
            raise EditError("the whole document cannot be replaced")
        anchor = f"&{node.anchor}" if node.anchor else ""
        in_flow = self._in_flow(node)
        is_block = isinstance(node, Mapping | Sequence) and not node.flow
        if in_flow or emitting.is_inline(value):
            if isinstance(node, Scalar) and node.style in ("'", '"') and isinstance(value, str):
                value = Quoted(value)
            text = f"{anchor} {self._inline(value, in_flow)}".strip()
            if is_block:
                return self._replace_from_colon(node, [f" {text}".rstrip()])
            gap = " " if node.start == node.end and text else ""
            return [Edit(node.start, node.end, gap + text)]
        column = emitting.column_of(self.document, node.parent)
        if isinstance(node.parent, Sequence):
            if anchor:
                raise EditError("an anchored list item cannot become a collection")
            lines = emitting.list_item(value, column, self.layout)
            return self._replace_from_colon(node, [lines[0][column + 1 :], *lines[1:]])
        inner = column + (self.layout.dash if isinstance(value, list) else self.layout.step)
        lines = emitting.block(value, inner, self.layout)
        header = f"{anchor} {lines.pop(0) if isinstance(value, str) else ''}".strip()
        return self._replace_from_colon(node, [f" {header}".rstrip(), *lines])

    def _replace_from_colon(self, node: Node, lines: list[str]) -> Iterable[Edit]:
        """Put lines in place of a value; the first one is what stands beside the colon or dash.
        A comment on that line stays."""
        at = self._value_anchor(node)
        first, rest = lines[0], "".join("\n" + line for line in lines[1:])
        line_end = self.source.line_end(at)
        if node.end <= line_end:
            comment = self.text[max(node.end, at) : line_end].rstrip()
            return [Edit(at, line_end, first + comment + rest)]
        beside = self.text[at:line_end].split(" #")[0].rstrip()
        if isinstance(node, Mapping | Sequence) and _is_only_properties(beside):
            return [Edit(at, at + len(beside), first), Edit(line_end, node.end, rest)]
        return [Edit(at, node.end, first + rest)]

    def _value_anchor(self, node: Node) -> int:
        """The offset right behind the colon or dash that a value belongs to."""
        parent = node.parent
        if isinstance(parent, Mapping) and node.step is not None and not isinstance(node.step, int):
            entry = parent.entry(node.step)
            if entry is not None:
                return self.text.index(":", entry.key.end) + 1
        if isinstance(parent, Sequence) and isinstance(node.step, int):
            return emitting.dash_of(self.document, parent, node.step) + 1
        raise EditError("the whole document cannot be replaced")

    def _add(self, route: Route, value: Value, document: int, after: str | None) -> Iterable[Edit]:
        if not route or isinstance(route[-1], int):
            raise EditError(f"{_spell(route)} is not there")
        key = route[-1] if isinstance(route[-1], str) else route[-1].key
        parent = self.document.node(route[:-1], document)
        if parent is None and len(route) == 1:
            return self._into_empty_document({key: value})
        if parent is None or _is_empty(parent):
            return self.resolve(Set(route[:-1], {key: value}, document))
        if not isinstance(parent, Mapping):
            raise EditError(f"{_spell(route[:-1])} is not a mapping")
        if parent.flow:
            text = f"{self._inline(key, True)}: {self._inline(value, True)}"
            return [self._into_flow(parent, [entry.value for entry in parent.entries], text)]
        previous = parent.entry(after) if after is not None else parent.entries[-1]
        if previous is None:
            raise EditError(f"{_spell((*route[:-1], str(after)))} is not there")
        column = emitting.column_of(self.document, parent)
        end = max(previous.value.end, self._value_anchor(previous.value))
        at = self._end_with_comments(end, column)
        lines = emitting.entry(key, value, column, self.layout)
        gap = "\n" if self._are_apart(parent, value) else ""
        return [Edit(at, at, gap + "".join("\n" + line for line in lines))]

    def _into_empty_document(self, value: Value) -> Iterable[Edit]:
        at = len(self.text)
        start = "" if not self.text or self.text.endswith("\n") else "\n"
        return [Edit(at, at, start + "\n".join(emitting.block(value, 0, self.layout)) + "\n")]

    def _into_flow(self, parent: Node, items: List[Node], text: str) -> Edit:
        if not items:
            return Edit(parent.end - 1, parent.end - 1, text)
        last = items[-1]
        at = last.end
        if len(items) > 1:
            line = self.source.line_start(_start_of_item(last))
            if line > items[-2].end:
                indent = _start_of_item(last) - line
                return Edit(at, at, ",\n" + " " * indent + text)
        return Edit(at, at, ", " + text)

    def _out_of_flow(self, node: Node) -> Edit:
        parent = node.parent
        assert parent is not None
        siblings = _children(parent)
        index = next(i for i, each in enumerate(siblings) if each is node)
        remaining = [i for i, each in enumerate(siblings) if id(each) not in self.deleted]
        before = [i for i in remaining if i < index]
        if before:
            previous = siblings[index - 1]
            return Edit(previous.end, node.end, "")
        following = siblings[index + 1]
        return Edit(_start_of_item(node), _start_of_item(following), "")

    def _out_of_block(self, node: Node) -> Edit:
        parent = node.parent
        assert parent is not None
        siblings = _children(parent)
        index = next(i for i, each in enumerate(siblings) if each is node)
        head = self._head(node)
        start, end = self.source.line_start(head), self._below(node)
        if self.text[start:head].strip():
            # The first key of a list item: what follows moves up beside the dash.
            following = next(each for each in siblings[index + 1 :] if id(each) not in self.deleted)
            return Edit(head, self._head(following), "")
        if not self._is_joined(siblings[index:]):
            start = self._with_heading(start, head - start)
        if end == len(self.text):
            kept = self.text[:start].rstrip("\r\n \t")
            return Edit(self._line_after(len(kept)) if kept else 0, end, "")
        above = self._run_start(siblings[: index + 1], start)
        is_first = above <= self.source.line_start(self._head(siblings[0]))
        opens_the_text = is_first and (above == 0 or parent.parent is not None)
        if opens_the_text or self.text[:above].endswith(("\n\n", "\r\n\r\n")):
            line_end = self.source.line_end(end)
            if not self.text[end:line_end].strip():
                end = self._line_after(line_end)
        return Edit(start, end, "")

    def _run_start(self, siblings: List[Node], start: int) -> int:
        """Where the run of deleted siblings that ends with the last one begins."""
        for previous, node in zip(siblings[-2::-1], siblings[:0:-1], strict=False):
            joined = not self.text[self._below(previous) : self._head(node)].strip(" ")
            if id(previous) not in self.deleted or not joined:
                break
            head = self._head(previous)
            start = self.source.line_start(head)
            start = self._with_heading(start, head - start)
        return start

    def _is_joined(self, siblings: List[Node]) -> bool:
        """Whether a sibling that stays follows the first one with no comment or blank line
        between, so that a comment above may be about both."""
        for node, following in pairwise(siblings):
            if self.text[self._below(node) : self._head(following)].strip(" "):
                return False
            if id(following) not in self.deleted:
                return True
        return False

    def _below(self, node: Node) -> int:
        """The offset of the line after an entry or item."""
        return self._line_after(self.source.line_end(max(node.end, self._value_anchor(node))))

    def _head(self, node: Node) -> int:
        """The offset of the key or dash that a value in a block collection belongs to."""
        parent = node.parent
        if isinstance(parent, Sequence) and isinstance(node.step, int):
            return emitting.dash_of(self.document, parent, node.step)
        return _start_of_item(node)

    def _with_heading(self, start: int, column: int) -> int:
        """Extend a deletion over the comment lines right above it at its own column. Comments that
        open the file are about the file and stay."""
        deleted_from = start
        while start > 0:
            line_start = self.source.line_start(start - 1)
            line = self.text[line_start : start - 1]
            if not line.lstrip().startswith("#") or len(line) - len(line.lstrip()) != column:
                return start
            start = line_start
        return deleted_from

    def _line_after(self, line_end: int) -> int:
        if self.text.startswith("\r\n", line_end):
            return line_end + 2
        return min(line_end + 1, len(self.text))

    def _end_with_comments(self, end: int, column: int) -> int:
        """The end of the line on which an entry ends, behind the comments that belong to it: those
        right below at the same column or deeper, and deeper ones after blank lines."""
        at = self.source.line_end(end)
        kept, blank = at, False
        while at < len(self.text):
            start = self._line_after(at)
            if start >= len(self.text):
                break
            at = self.source.line_end(start)
            line = self.text[start:at]
            stripped = line.lstrip(" \t")
            indent = len(line) - len(stripped)
            if not stripped:
                blank = True
            elif stripped.startswith("#") and (indent > column or (indent == column and not blank)):
                if indent == column == 0:
                    break
                kept = at
            else:
                break
        return kept

    def _are_apart(self, parent: Mapping, value: Value) -> bool:
        """Whether a mapping's entries are written with blank lines between them."""
        if len(parent.entries) < 2:
            return parent.parent is None and not emitting.is_inline(value)
        gaps = [
            bool(re.search(r"\n[ \t\r]*\n", self.text[first.value.end : second.key.start]))
            for first, second in zip(parent.entries, parent.entries[1:], strict=False)
        ]
        return sum(gaps) * 2 > len(gaps)

    def _inline(self, value: Value, in_flow: bool) -> str:
        return emitting.inline(value, self.layout, in_flow)

    def _in_flow(self, node: Node) -> bool:
        return node.parent is not None and node.parent.flow


def _deletions(document: YamlDocument, operations: List[Operation]) -> set[int]:
    """The ids of the nodes that go, with the collections that are left empty."""
    deleted: set[int] = set()
    grown = {
        id(document.node(route[:length], operation.document))
        for operation in operations
        if not isinstance(operation, Delete)
        for route in [operation.route]
        for length in range(len(route) + 1)
    }
    for operation in operations:
        if not isinstance(operation, Delete):
            continue
        node = document.node(operation.route, operation.document)
        while node is not None:
            deleted.add(id(node))
            parent = node.parent
            if parent is None or id(parent) in grown:
                break
            if any(id(each) not in deleted for each in _children(parent)):
                break
            node = parent
    return deleted


def _children(parent: Mapping | Sequence) -> list[Node]:
    if isinstance(parent, Mapping):
        return [entry.value for entry in parent.entries]
    return parent.items


def _entry_of(node: Node) -> Entry | None:
    if isinstance(node.parent, Mapping):
        return next((entry for entry in node.parent.entries if entry.value is node), None)
    return None


def _start_of_item(node: Node) -> int:
    entry = _entry_of(node)
    return entry.key.start if entry else node.start


def _is_empty(node: Node) -> bool:
    if isinstance(node, Scalar):
        return node.is_null
    if isinstance(node, Alias):
        return False
    return not _children(node) if isinstance(node, Mapping | Sequence) else False


def _is_only_properties(text: str) -> bool:
    """Whether a text holds at most an anchor and a tag, no value."""
    return all(word.startswith(("&", "!")) for word in text.split())


def _in_style(text: str, style: str) -> str:
    """A text as it is written inside a scalar of a style."""
    if style == "'":
        return text.replace("'", "''")
    if style == '"':
        return text.replace("\\", "\\\\").replace('"', '\\"')
    return text


def _spell(route: Route) -> str:
    return ".".join(str(step) for step in route) or "the document"
