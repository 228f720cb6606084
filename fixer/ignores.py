"""Comments that keep a fix from what stands beside: `# dockfix: ignore[undeclared-volume] reason`."""

from __future__ import annotations

import re
from typing import NamedTuple

from fixer.documents.source import Edit, Position, Source
from fixer.place import Place

MARK = b"dockfix: ignore["

COMMENT = re.compile(
    r"[ \t]*(?P<lead>#|//|--|;)[ \t]*dockfix:[ \t]*ignore\[(?P<names>[^\]\n]*)\](?P<reason>[^\n]*)"
)
"""The comment as YAML, Dockerfiles, shells, nginx, SQL and .ini files write it."""

ONLY_COMMENT = re.compile(r"\s*(#|//|--|;|$)")
"""A line that has nothing for a comment above it to be about."""


class Ignore(NamedTuple):
    """A comment: where it stands, the names of fixes or families in it, the line that it is about, and
    the edit that takes it out."""

    place: Place
    names: tuple[str, ...]
    line: int
    removal: Edit


def ignores(path: str, content: bytes) -> tuple[Ignore, ...]:
    """Give the comments of a file that ignore something."""
    if MARK not in content:
        return ()
    source = Source(content)
    lines = list(source.lines())
    return tuple(
        _ignore(path, source, lines, number, found)
        for number, (_, text) in enumerate(lines, 1)
        if (found := COMMENT.search(text))
    )


def _ignore(
    path: str, source: Source, lines: list[tuple[int, str]], number: int, found: re.Match[str]
) -> Ignore:
    start, text = lines[number - 1]
    names = tuple(name.strip() for name in found["names"].split(",") if name.strip())
    place = Place(path, Position(number, found.start("lead") + 1))
    if text[: found.start()].strip():
        removal = Edit(start + found.start(), start + len(text), "")
        return Ignore(place, names, number, removal)
    # A comment of its own is about the next line that is none.
    following = range(number + 1, len(lines) + 1)
    about = next((each for each in following if not ONLY_COMMENT.match(lines[each - 1][1])), number)
    end = lines[number][0] if number < len(lines) else len(source.text)
    return Ignore(place, names, about, Edit(start, end, ""))
