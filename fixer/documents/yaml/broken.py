"""A text that the YAML parser refuses, as lines that repairs can look at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fixer.documents.source import Edit, Source
from fixer.documents.yaml.tree import YamlSyntaxError

BLOCK_SCALAR = re.compile(r".*[:\-]\s+(?:[&!]\S+\s+)*[|>][-+0-9]*\s*(?:#.*)?\Z")
COMMENT = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|(?<!\s)#|[^#"']|["'])*?(\s+#.*)?\Z""")


class Line(NamedTuple):
    """A line without its ending. `start` is its offset, `following` that of the next line, `in_text`
    says that it belongs to a block scalar, where it may hold anything."""

    start: int
    following: int
    text: str
    in_text: bool

    @property
    def indent(self) -> int:
        """How many blanks and tabs the line starts with."""
        return len(self.text) - len(self.text.lstrip(" \t"))

    @property
    def content(self) -> str:
        """The text without indentation, trailing blanks and a trailing comment."""
        text = self.text.strip()
        found = COMMENT.match(text)
        return text[: found.start(1)] if found and found[1] else text

    @property
    def end(self) -> int:
        """The offset behind the content."""
        return self.start + self.indent + len(self.content)

    @property
    def is_content(self) -> bool:
        """Whether the line holds something that the parser sees."""
        return not self.in_text and bool(self.content) and not self.content.startswith("#")

    def indented(self, indent: int) -> Edit:
        """Give the edit that makes the line start at a column."""
        return Edit(self.start, self.start + self.indent, " " * indent)

    def removed(self) -> Edit:
        """Give the edit that takes the line out of the text."""
        return Edit(self.start, self.following, "")


class BrokenYaml:
    """A text that is no YAML. `at` is the index of the line where the parser gave up."""

    def __init__(self, source: Source, error: YamlSyntaxError) -> None:
        self.source = source
        self.text = source.text
        self.error = error
        self.lines = list(lines_of(source))
        self.at = min(error.position.line, len(self.lines)) - 1

    @property
    def offset(self) -> int:
        """The offset of the character at which the parser gave up."""
        return min(self.lines[self.at].start + self.error.position.column - 1, len(self.text))

    def near(self, before: int) -> Iterator[Line]:
        """Yield the line where the parser gave up and up to `before` lines of content above it."""
        for index in range(self.at, -1, -1):
            if self.lines[index].is_content:
                yield self.lines[index]
                before -= 1
            if before < 0:
                return

    def above(self, line: Line) -> Iterator[Line]:
        """Yield the lines of content above one, the nearest first."""
        for index in range(self.lines.index(line) - 1, -1, -1):
            if self.lines[index].is_content:
                yield self.lines[index]

    def below(self, line: Line) -> Iterator[Line]:
        """Yield the lines of content below one."""
        return (each for each in self.lines[self.lines.index(line) + 1 :] if each.is_content)

    def parent(self, line: Line) -> Line | None:
        """Give the nearest line above that starts further left, or at the same column where an item
        stands below its key."""
        item = line.content.startswith("-")
        for each in self.above(line):
            is_key = item and each.indent == line.indent and each.content.endswith(":")
            if each.indent < line.indent or is_key:
                return each
        return None


def lines_of(source: Source) -> Iterator[Line]:
    """Yield a text's lines."""
    header: int | None = None
    following = [*source.line_starts[1:], len(source.text)]
    for after, (start, text) in zip(following, source.lines(), strict=True):
        indent = len(text) - len(text.lstrip(" "))
        if header is not None and text.strip() and indent <= header:
            header = None
        yield Line(start, after, text, header is not None)
        if header is None and BLOCK_SCALAR.match(text):
            header = indent
