"""Entries and items taken out of a YAML document, with the comments that belong to them alone."""

from __future__ import annotations

import re
from collections.abc import Sequence as List
from itertools import pairwise

from fixer.documents.source import Edit
from fixer.documents.yaml import emitting
from fixer.documents.yaml.operations import Delete, Operation
from fixer.documents.yaml.spans import (
    EditError,
    children,
    is_empty,
    line_after,
    start_of_item,
    value_anchor,
)
from fixer.documents.yaml.tree import Node, Sequence, YamlDocument

COMMENTED_OUT = re.compile(r"#+\s*(-\s+\S|[a-z][a-z_]*:(\s|\Z)|[A-Z]+_[A-Z0-9_]*[:=])")
"""What a comment starts with that is an item, entry or variable which somebody commented out."""


class Remover:
    """Takes out what several deletions name together: what they leave empty goes with them, and a
    comment goes with the last entry that it heads."""

    def __init__(self, document: YamlDocument, operations: List[Operation]) -> None:
        self.document = document
        self.source = document.source
        self.text = document.text
        self.deleted = _deletions(document, operations)

    def edit(self, operation: Delete, moves: bool = False) -> Edit:
        """Give the edit of one deletion. What `moves` elsewhere takes the comment above it along even
        where that may be about the next entry, too. Raises EditError."""
        if not operation.route:
            return self._document(operation.document)
        node = self.document.node(operation.route, operation.document)
        if node is None or node.parent is None:
            raise EditError("what is to be removed is not there")
        while node.parent is not None and id(node.parent) in self.deleted:
            node = node.parent
        if node.parent is None:
            raise EditError("nothing would be left of the document")
        return self._out_of_flow(node) if node.parent.flow else self._out_of_block(node, moves)

    def _document(self, number: int) -> Edit:
        """The edit that removes an empty document's marker. Raises EditError."""
        roots = self.document.roots
        lines = self.source.lines()
        markers = [(start, line) for start, line in lines if re.match(r"---(\s|\Z)", line)]
        # The first document needs no marker.
        index = number - (len(roots) - len(markers))
        is_empty_one = number < len(roots) and is_empty(roots[number])
        if len(roots) < 2 or not is_empty_one or not 0 <= index < len(markers):
            raise EditError("there is no empty document beside others")
        start, line = markers[index]
        comment = re.sub(r"---\s*", "", line)
        end = start + len(line) - len(comment)
        return Edit(start, end if comment else line_after(self.source, end), "")

    def _out_of_flow(self, node: Node) -> Edit:
        parent = node.parent
        assert parent is not None
        siblings = children(parent)
        index = next(i for i, each in enumerate(siblings) if each is node)
        remaining = [i for i, each in enumerate(siblings) if id(each) not in self.deleted]
        before = [i for i in remaining if i < index]
        if before:
            previous = siblings[index - 1]
            return Edit(previous.end, node.end, "")
        following = siblings[index + 1]
        return Edit(start_of_item(node), start_of_item(following), "")

    def _out_of_block(self, node: Node, moves: bool) -> Edit:
        parent = node.parent
        assert parent is not None
        siblings = children(parent)
        index = next(i for i, each in enumerate(siblings) if each is node)
        head = self._head(node)
        start, end = self.source.line_start(head), self._below(node)
        if self.text[start:head].strip():
            # The first key of a list item: what follows moves up beside the dash.
            later = (each for each in siblings[index + 1 :] if id(each) not in self.deleted)
            following = next(later, None)
            if following is None:
                raise EditError("what shares its line with something else cannot be removed alone")
            return Edit(head, self._head(following), "")
        if moves or not self._is_joined(siblings[index:]):
            start = self._with_heading(start, head - start)
        if end == len(self.text):
            kept = self.text[:start].rstrip("\r\n \t")
            return Edit(line_after(self.source, len(kept)) if kept else 0, end, "")
        above = self._run_start(siblings[: index + 1], start)
        is_first = above <= self.source.line_start(self._head(siblings[0]))
        opens_the_text = is_first and (above == 0 or parent.parent is not None)
        if opens_the_text or self.text[:above].endswith(("\n\n", "\r\n\r\n")):
            line_end = self.source.line_end(end)
            if not self.text[end:line_end].strip():
                end = line_after(self.source, line_end)
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
        return line_after(
            self.source, self.source.line_end(max(node.end, value_anchor(self.document, node)))
        )

    def _head(self, node: Node) -> int:
        """The offset of the key or dash that a value in a block collection belongs to."""
        parent = node.parent
        if isinstance(parent, Sequence) and isinstance(node.step, int):
            return emitting.dash_of(self.document, parent, node.step)
        return start_of_item(node)

    def _with_heading(self, start: int, column: int) -> int:
        """Extend a deletion over the comment lines right above it at its own column. What somebody
        commented out is no word about what follows and stays, and so do comments that open the file,
        which are about the file."""
        deleted_from = start
        while start > 0:
            line_start = self.source.line_start(start - 1)
            line = self.text[line_start : start - 1]
            if not line.lstrip().startswith("#") or len(line) - len(line.lstrip()) != column:
                return start
            if COMMENTED_OUT.match(line.lstrip()):
                return start
            start = line_start
        return deleted_from


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
            if any(id(each) not in deleted for each in children(parent)):
                break
            node = parent
    return deleted
