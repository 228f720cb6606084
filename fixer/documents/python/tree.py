"""A Python module's syntax tree: its nodes in the order of the text, with parents and spans."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from typing import Any

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from fixer.documents.python.spans import PythonSyntaxError
from fixer.documents.source import Source

DEEPEST = 100
"""Levels of nesting that are followed. People write a dozen."""

LONGEST_UNREAD = 8_000
"""Characters of a text that the running Python does not read, and libcst may."""


class Tree:
    """The nodes of a module. What libcst has to tell of parents takes twice as long as this.

    Raises PythonSyntaxError.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        if re.search(r"\r(?!\n)", source.text):
            # libcst ends a line there, and nothing else does.
            raise PythonSyntaxError("a carriage return within a line")
        _refuse_deep(source.text)
        gathered = _Gathering()
        try:
            wrapper = MetadataWrapper(cst.parse_module(source.text), unsafe_skip_copy=True)
            self._positions: Any = wrapper.resolve(PositionProvider)
            wrapper.module.visit(gathered)
        except (cst.ParserSyntaxError, RecursionError, UnicodeError) as error:
            raise PythonSyntaxError(type(error).__name__) from None
        self.module = wrapper.module
        self.parents = gathered.parents

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield what a node stands in, the nearest first."""
        while node is not self.module:
            node = self.parents[node]
            yield node

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Give the offsets of a node's first character and of the one behind its last: without
        parentheses around it, and without the decorators of a definition."""
        where = self._positions[node]
        assert isinstance(where, CodeRange)
        starts = self.source.line_starts
        return (
            starts[where.start.line - 1] + where.start.column,
            starts[where.end.line - 1] + where.end.column,
        )

    def lines(self, node: cst.CSTNode) -> tuple[int, int]:
        """Give the offset of a statement's first line, decorators included, and that of the next one
        behind it."""
        start, end = self.span(node)
        if isinstance(node, cst.FunctionDef | cst.ClassDef) and node.decorators:
            start, _ = self.span(node.decorators[0])
        return self.source.line_start(start), self.next_line(end)

    def indent(self, node: cst.CSTNode) -> str:
        """Give what stands before a statement on its first line."""
        start, _ = self.lines(node)
        line = self.source.text[start : self.source.line_end(start)]
        return line[: len(line) - len(line.lstrip())]

    def above_comments(self, line: int) -> int:
        """Give the offset of the first of the comment lines right above a line, which tell of it; the
        line's own where they open the text and may tell of the whole of it."""
        first = line
        while first > 0 and self._line(start := self.source.line_start(first - 1)).startswith("#"):
            first = start
        return first if first > 0 else line

    def _line(self, start: int) -> str:
        return self.source.text[start : self.source.line_end(start)].lstrip()

    def next_line(self, offset: int) -> int:
        """Give the offset of the line behind the one at an offset, or of the text's end."""
        end = self.source.text.find("\n", offset)
        return end + 1 if end >= 0 else len(self.source.text)


def _refuse_deep(text: str) -> None:
    """Refuse a text whose nesting libcst would follow until the whole process ends, or for minutes.

    Raises PythonSyntaxError.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            level: list[ast.AST] = [ast.parse(text)]
    except SyntaxError:
        # It may be for another version of Python, so that nothing but its characters tell.
        depth = 0
        for sign in re.findall(r"[()\[\]{}]", text[:LONGEST_UNREAD]):
            depth = depth + 1 if sign in "([{" else max(depth - 1, 0)
            if depth > DEEPEST:
                raise PythonSyntaxError("nested too deep") from None
        if len(text) > LONGEST_UNREAD:
            raise PythonSyntaxError("of another version, and long") from None
        return
    except (ValueError, RecursionError, MemoryError) as error:
        raise PythonSyntaxError(type(error).__name__) from None
    for _ in range(DEEPEST):
        # libcst takes each word of `a or b or c` for a level.
        if any(isinstance(node, ast.BoolOp) and len(node.values) > DEEPEST for node in level):
            break
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    if level:
        raise PythonSyntaxError("nested too deep")


class _Gathering(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.parents: dict[cst.CSTNode, cst.CSTNode] = {}
        self._above: list[cst.CSTNode] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if self._above:
            self.parents[node] = self._above[-1]
        self._above.append(node)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        self._above.pop()


def statements(body: cst.BaseSuite | cst.Module) -> Iterator[cst.BaseSmallStatement]:
    """Yield the statements of a body that are no blocks."""
    if isinstance(body, cst.SimpleStatementSuite):
        yield from body.body
        return
    for line in body.body:
        if isinstance(line, cst.SimpleStatementLine):
            yield from line.body


def dotted(node: cst.BaseExpression) -> str:
    """Give a dotted name as written; empty for another expression."""
    if isinstance(node, cst.Attribute):
        return f"{dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def last_name(node: cst.BaseExpression) -> str:
    """Give what an assignment's target is called: a name, an attribute's, or an item's key."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        return node.attr.value
    if isinstance(node, cst.Subscript) and len(node.slice) == 1:
        index = node.slice[0].slice
        return string(index.value) if isinstance(index, cst.Index) else ""
    return ""


def string(node: cst.BaseExpression) -> str:
    """Give a text that is written out; empty for another expression."""
    value = node.evaluated_value if isinstance(node, cst.SimpleString) else ""
    return value if isinstance(value, str) else ""
