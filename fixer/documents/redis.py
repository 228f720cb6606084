"""redis.conf: one directive a line, words as redis quotes them."""

from __future__ import annotations

import re
from typing import NamedTuple

from fixer.documents.source import Edit, Source


class Directive(NamedTuple):
    """A directive: its name in lower case, its words, and its line's span without the newline."""

    name: str
    words: tuple[str, ...]
    start: int
    end: int


COMMENTED_OUT = r"#+\s*[a-z][a-z-]*(\s+\S+){1,2}\Z"
"""A directive that a comment keeps from counting."""


class RedisDocument:
    """A redis.conf as its directives, in the order written. Comments are not directives."""

    def __init__(self, data: bytes) -> None:
        self.source = Source(data)
        self.directives: list[Directive] = []
        for start, line in self.source.lines():
            words = _words(line)
            if words:
                name = words[0].lower()
                self.directives.append(Directive(name, tuple(words[1:]), start, start + len(line)))

    def directive(self, name: str) -> Directive | None:
        """Give the last directive of a name, which is the one that counts."""
        found = [each for each in self.directives if each.name == name]
        return found[-1] if found else None

    def delete(self, directive: Directive) -> Edit:
        """Give the edit that removes a directive, the comment right above it, and the blank line that
        would be left double. A directive that is commented out is another's business."""
        text, start, end = self.source.text, directive.start, directive.end
        while start:
            above = self.source.line_start(start - 1)
            comment = text[above:start].strip()
            if not comment.startswith("#") or re.match(COMMENTED_OUT, comment):
                break
            start = above
        end = min(end + (2 if text.startswith("\r\n", end) else 1), len(text))
        if (start == 0 or text[:start].endswith(("\n\n", "\r\n\r\n"))) and text.startswith(
            ("\n", "\r\n"), end
        ):
            end = self.source.line_end(end) + (2 if text.startswith("\r\n", end) else 1)
        return Edit(start, end, "")


def _words(line: str) -> list[str]:
    """The words of a line, double or single quotes taken off; none for a comment."""
    if line.lstrip().startswith("#"):
        return []
    from shlex import split

    try:
        return split(line)
    except ValueError:
        return line.split()
