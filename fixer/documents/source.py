"""A file's text, decoded so that every byte comes back, and edits of its spans."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

BOM = "\ufeff"


class DishonestEdit(Exception):
    """The edited text is not what it was to become: a bug of dockfix."""


class Edit(NamedTuple):
    """Text to put in place of the characters from `start` to `end` (offsets into `Source.text`)."""

    start: int
    end: int
    text: str


class Position(NamedTuple):
    """A place in a text, counted from one as editors do."""

    line: int
    column: int


class Source:
    """Bytes as text without the byte order mark; bytes that are not UTF-8 survive as surrogates."""

    def __init__(self, data: bytes) -> None:
        text = data.decode("utf-8", "surrogateescape")
        self.bom = text.startswith(BOM)
        self.text = text.removeprefix(BOM)

    @cached_property
    def newline(self) -> str:
        """The line ending that most lines of the text have."""
        crlf = self.text.count("\r\n")
        return "\r\n" if crlf * 2 > self.text.count("\n") else "\n"

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset of each line's first character."""
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts

    def position(self, offset: int) -> Position:
        """Give the line and column of a character offset."""
        line = bisect_right(self.line_starts, offset)
        return Position(line, offset - self.line_starts[line - 1] + 1)

    def line_start(self, offset: int) -> int:
        """Give the offset of the first character of the line that `offset` is on."""
        return self.text.rfind("\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Give the offset of the line ending (or of the text's end) at or after `offset`."""
        end = self.text.find("\n", offset)
        if end < 0:
            return len(self.text)
        return end - 1 if end > offset and self.text[end - 1] == "\r" else end

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield each line's offset and its text without the line ending."""
        for start in self.line_starts:
            yield start, self.text[start : self.line_end(start)]

    def encode(self, text: str) -> bytes:
        """Give the bytes of a text that takes this one's place."""
        return ((BOM if self.bom else "") + text).encode("utf-8", "surrogateescape")

    def edited(self, edits: Iterable[Edit]) -> bytes:
        """Give the bytes after `edits`, whose spans must not overlap.

        Newlines in an edit's text become those of this source. Insertions at one offset keep the
        order in which they are given.
        """
        parts: list[str] = []
        at = 0
        for edit in sorted(edits, key=lambda each: (each.start, each.end)):
            if edit.start < at:
                raise ValueError(f"edits overlap at offset {edit.start}")
            new = edit.text.replace("\r\n", "\n").replace("\n", self.newline)
            parts += self.text[at : edit.start], new
            at = edit.end
        parts.append(self.text[at:])
        return self.encode("".join(parts))
