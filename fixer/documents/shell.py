"""A shell script: what the shell would make of a text at a place in it, by tree-sitter's grammar."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from fixer.documents.source import Edit, Source

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

QUOTING = ("string", "raw_string", "ansi_c_string", "heredoc_body", "comment")
"""The nodes in which a text is more than a part of a word."""

UNQUOTED = ("command_substitution", "process_substitution")
"""The nodes in which a command stands, whatever is around them."""


class ShellScript:
    """A script for sh or bash. `is_readable` says that the grammar knows all of it."""

    def __init__(self, data: bytes) -> None:
        self.source = Source(data)

    @cached_property
    def is_readable(self) -> bool:
        """Whether the grammar knows all of the script."""
        return not self._tree.root_node.has_error

    @cached_property
    def _tree(self) -> Tree:
        from tree_sitter import Language, Parser
        from tree_sitter_bash import language

        return Parser(Language(language())).parse(self._encoded(len(self.source.text)))

    def _encoded(self, end: int) -> bytes:
        return self.source.text[:end].encode("utf-8", "surrogateescape")

    def _span(self, node: Node) -> tuple[int, int]:
        encoded = self._encoded(len(self.source.text))
        before = len(encoded[: node.start_byte].decode("utf-8", "surrogateescape"))
        own = encoded[node.start_byte : node.end_byte].decode("utf-8", "surrogateescape")
        return before, before + len(own)

    def _at(self, offset: int) -> Node | None:
        at = len(self._encoded(offset))
        return self._tree.root_node.descendant_for_byte_range(at, at + 1)

    def _around(self, offset: int) -> Node | None:
        """The quotes, the here-document or the comment that a character stands in."""
        node = self._at(offset)
        while node is not None and node.type not in QUOTING:
            if node.type in UNQUOTED:
                return None
            node = node.parent
        return node

    def is_comment(self, offset: int) -> bool:
        """Say whether a character belongs to a comment."""
        around = self._around(offset)
        return around is not None and around.type == "comment"

    def is_in_quotes(self, offset: int) -> bool:
        """Say whether a character stands in quotes or in a here-document."""
        return self._around(offset) is not None

    def sets(self, name: str) -> int:
        """Give how many places of the script may set a variable, or take its value away."""
        word = rf"(?<![\w$-]){re.escape(name)}"
        ways = (
            rf"{word}\+?=",
            rf"\bfor\s+{re.escape(name)}\b",
            rf"\b(?:read|unset|local|declare|typeset|readonly|getopts|mapfile|printf\s+-v)\b[^;&|\n]*?\s{word}(?![\w=])",
        )
        return sum(len(re.findall(way, self.source.text)) for way in ways)

    def is_always_assigned(self, offset: int) -> bool:
        """Say whether a character belongs to an assignment that nothing is a condition of."""
        node = self._at(offset)
        while node is not None and node.type != "variable_assignment":
            node = node.parent
        around = node.parent if node is not None else None
        if around is not None and around.type == "declaration_command":
            around = around.parent
        return around is not None and around.type == "program"

    def use_variable(self, start: int, end: int, name: str) -> tuple[Edit, ...] | None:
        """Give the edits that put a variable in a text's place, so that whoever got the text gets the
        variable's value. A here-document whose delimiter is quoted loses the quotes where nothing else
        in it would be replaced then. None where that, or the grammar, leaves no way."""
        around = self._around(start)
        reference = f"${{{name}}}"
        if not self.is_readable:
            return None
        if around is None:
            return (Edit(start, end, f'"{reference}"'),)
        if around.type in ("string", "raw_string") and self._span(around) == (start - 1, end + 1):
            return (Edit(start - 1, end + 1, f'"{reference}"'),)
        if around.type == "string":
            return (Edit(start, end, reference),)
        if around.type == "raw_string":
            return (Edit(start, end, f"'\"{reference}\"'"),)
        if around.type == "heredoc_body":
            unquoted = self._unquoted(around)
            return (*unquoted, Edit(start, end, reference)) if unquoted is not None else None
        return None

    def _unquoted(self, body: Node) -> tuple[Edit, ...] | None:
        """The edits after which the shell replaces variables in a here-document, none where it does so
        already; None where it would replace more than those."""
        assert body.parent is not None
        for sibling in body.parent.children:
            if sibling.type == "heredoc_start":
                start, end = self._span(sibling)
                written = self.source.text[start:end]
                bare = written.translate({ord(each): None for each in "'\"\\"})
                first, last = self._span(body)
                is_plain = not any(each in self.source.text[first:last] for each in "$`\\")
                if written == bare:
                    return ()
                return (Edit(start, end, bare),) if is_plain else None
        return None
