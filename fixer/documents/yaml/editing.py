"""Operations resolved to edits of a YAML document's text."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence as List
from functools import singledispatchmethod

from fixer.documents.source import Edit
from fixer.documents.yaml import emitting
from fixer.documents.yaml.gathering import gather
from fixer.documents.yaml.moving import Mover
from fixer.documents.yaml.operations import (
    Append,
    Delete,
    Enlist,
    Insert,
    Join,
    Move,
    Operation,
    Prepend,
    Rename,
    Rewrite,
    Set,
    Tag,
    Unlist,
    Wrap,
)
from fixer.documents.yaml.removing import Remover
from fixer.documents.yaml.reshaping import enlisted, unlisted, wrapped
from fixer.documents.yaml.routes import Route
from fixer.documents.yaml.spans import (
    EditError,
    are_apart,
    end_with_comments,
    into_flow,
    is_empty,
    start_of_item,
    value_anchor,
)
from fixer.documents.yaml.tree import (
    Alias,
    Mapping,
    Node,
    Scalar,
    Sequence,
    YamlDocument,
)
from fixer.documents.yaml.values import Quoted, Value


def edits(document: YamlDocument, operations: List[Operation]) -> list[list[Edit]]:
    """Give the edits of each operation, all in offsets of the document as it is.

    The operations are seen together: what several deletions leave empty goes with them, and a
    comment goes with the last entry that it heads. Raises EditError.
    """
    editor = _Editor(document, operations)
    gathered = gather(document, operations)
    resolved = [list(editor.resolve(each)) if each else [] for each in gathered]
    gone = [
        edit
        for operation, made in zip(gathered, resolved, strict=True)
        if isinstance(operation, Delete)
        for edit in made
    ]
    return [[_clear_of(gone, edit) for edit in made] for made in resolved]


def _clear_of(gone: List[Edit], edit: Edit) -> Edit:
    """An edit that adds lines below what goes, put in its place instead."""
    if edit.start == edit.end and edit.text.startswith("\n"):
        for each in gone:
            if each.start < edit.start < each.end:
                return Edit(each.start, each.start, edit.text[1:] + "\n")
    return edit


class _Editor:
    def __init__(self, document: YamlDocument, operations: List[Operation]) -> None:
        self.document = document
        self.source = document.source
        self.text = document.text
        self.layout = emitting.layout_of(document)
        self.remover = Remover(document, operations)
        self.mover = Mover(document, operations, self.layout)

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
                return [into_flow(self.source, node, node.items, self._inline(operation.value, True))]
            dash = emitting.dash_of(self.document, node, len(node.items) - 1)
            column = dash - self.source.line_start(dash)
            at = end_with_comments(self.source, node.items[-1].end or dash + 1, column)
            lines = emitting.list_item(operation.value, column, self.layout)
            return [Edit(at, at, "".join("\n" + line for line in lines))]
        if node is None or is_empty(node):
            return self.resolve(Set(operation.route, [operation.value], operation.document))
        raise EditError(f"{_spell(operation.route)} is not a list")

    @resolve.register
    def _(self, operation: Prepend) -> Iterable[Edit]:
        node = self.document.node(operation.route, operation.document)
        if not isinstance(node, Sequence) or not node.items:
            raise EditError(f"{_spell(operation.route)} is no list with content")
        if node.flow:
            at = start_of_item(node.items[0])
            return [Edit(at, at, self._inline(operation.value, True) + ", ")]
        dash = emitting.dash_of(self.document, node, 0)
        column = dash - self.source.line_start(dash)
        lines = emitting.list_item(operation.value, column, self.layout)
        return [Edit(dash, dash, "\n".join([*lines, " " * column])[column:])]

    @resolve.register
    def _(self, operation: Delete) -> Iterable[Edit]:
        return [self.remover.edit(operation)]

    @resolve.register
    def _(self, operation: Rename) -> Iterable[Edit]:
        entry = self.document.entry(operation.route, operation.document)
        if entry is None or not isinstance(entry.key, Scalar):
            raise EditError(f"{_spell(operation.route)} is not there")
        if entry.key.start == entry.key.end or entry.key.tag or entry.key.anchor:
            raise EditError(f"{_spell(operation.route)} is no plain key")
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

    @resolve.register
    def _(self, operation: Move) -> Iterable[Edit]:
        return self.mover.moved(operation)

    @resolve.register
    def _(self, operation: Tag) -> Iterable[Edit]:
        node = self.document.node(operation.route, operation.document)
        if node is None or isinstance(node, Alias) or node.tag is not None:
            raise EditError(f"{_spell(operation.route)} cannot have a tag")
        at = value_anchor(self.document, node)
        return [Edit(at, at, f" {operation.tag}")]

    @resolve.register
    def _(self, operation: Wrap) -> Iterable[Edit]:
        node = self.document.node(operation.route, operation.document)
        if not isinstance(node, Mapping) or not node.entries:
            raise EditError(f"{_spell(operation.route)} is no mapping with content")
        return wrapped(self.document, node)

    @resolve.register
    def _(self, operation: Enlist) -> Iterable[Edit]:
        node = self.document.node(operation.route, operation.document)
        if not isinstance(node, Mapping) or not node.entries:
            raise EditError(f"{_spell(operation.route)} is no mapping with content")
        return enlisted(self.document, node, operation.separator, self.layout)

    @resolve.register
    def _(self, operation: Unlist) -> Iterable[Edit]:
        node = self.document.node(operation.route, operation.document)
        if not isinstance(node, Sequence) or not node.items:
            raise EditError(f"{_spell(operation.route)} is no list with content")
        return unlisted(self.document, node)

    @resolve.register
    def _(self, operation: Join) -> Iterable[Edit]:
        return self.mover.joined(operation)

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
            if node.start < node.end or not text:
                return [Edit(node.start, node.end, text)]
            # A missing value is right behind its colon; in braces a blank may follow already.
            has_blank = in_flow and self.text.startswith(" ", node.end)
            return [Edit(node.start, node.end + has_blank, f" {text}")]
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
        at = value_anchor(self.document, node)
        first, rest = lines[0], "".join("\n" + line for line in lines[1:])
        line_end = self.source.line_end(at)
        if node.end <= line_end:
            comment = self.text[max(node.end, at) : line_end].rstrip()
            return [Edit(at, line_end, first + comment + rest)]
        beside = self.text[at:line_end].split(" #")[0].rstrip()
        if isinstance(node, Mapping | Sequence) and _is_only_properties(beside):
            return [Edit(at, at + len(beside), first), Edit(line_end, node.end, rest)]
        return [Edit(at, node.end, first + rest)]

    def _add(self, route: Route, value: Value, document: int, after: str | None) -> Iterable[Edit]:
        if not route or isinstance(route[-1], int):
            raise EditError(f"{_spell(route)} is not there")
        key = route[-1] if isinstance(route[-1], str) else route[-1].key
        parent = self.document.node(route[:-1], document)
        if parent is None and len(route) == 1:
            return self._into_empty_document({key: value})
        if parent is None or is_empty(parent):
            return self.resolve(Set(route[:-1], {key: value}, document))
        if not isinstance(parent, Mapping):
            raise EditError(f"{_spell(route[:-1])} is not a mapping")
        previous = parent.entry(after) if after is not None else parent.entries[-1]
        if previous is None:
            raise EditError(f"{_spell((*route[:-1], str(after)))} is not there")
        if parent.flow:
            name, item = (key, value) if not _is_json(parent) else (_as_json(key), _as_json(value))
            text = f"{self._inline(name, True)}: {self._inline(item, True)}"
            values = [entry.value for entry in parent.entries]
            return [into_flow(self.source, parent, values[: values.index(previous.value) + 1], text)]
        column = emitting.column_of(self.document, parent)
        end = max(previous.value.end, value_anchor(self.document, previous.value))
        at = end_with_comments(self.source, end, column)
        lines = emitting.entry(key, value, column, self.layout)
        gap = "\n" if self._are_apart(parent, value) else ""
        return [Edit(at, at, gap + "".join("\n" + line for line in lines))]

    def _into_empty_document(self, value: Value) -> Iterable[Edit]:
        at = len(self.text)
        start = "" if not self.text or self.text.endswith("\n") else "\n"
        return [Edit(at, at, start + "\n".join(emitting.block(value, 0, self.layout)) + "\n")]

    def _are_apart(self, parent: Mapping, value: Value) -> bool:
        """Whether a mapping's entries are written with blank lines between them."""
        if len(parent.entries) < 2:
            return parent.parent is None and not emitting.is_inline(value)
        return are_apart(self.document, parent)

    def _inline(self, value: Value, in_flow: bool) -> str:
        return emitting.inline(value, self.layout, in_flow)

    def _in_flow(self, node: Node) -> bool:
        return node.parent is not None and node.parent.flow


def _is_json(mapping: Mapping) -> bool:
    """Whether a mapping in braces has all of its keys in double quotes, as JSON wants them."""
    keys = [entry.key for entry in mapping.entries]
    return all(isinstance(key, Scalar) and key.style == '"' for key in keys)


def _as_json(value: Value) -> Value:
    return Quoted(value) if isinstance(value, str) else value


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
