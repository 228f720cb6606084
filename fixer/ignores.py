"""Comments that keep a fix from what stands beside: `# dockfix: ignore[undeclared-volume] reason`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from fixer.documents.source import Edit
from fixer.place import Place

if TYPE_CHECKING:
    from fixer.stack import Repository

MEANT = r"dockfix(?:[ \t:_-]*ignore\b|[ \t]*:[ \t]*[\w-]+[ \t]*[\[(=])"
"""How a comment begins that is meant for dockfix, although it may be misspelt."""

WRITTEN = re.compile(r"dockfix:[ \t]*ignore\[(?P<names>[^\]]*)\]")
"""How it begins when it is not."""


class Ignore(NamedTuple):
    """A comment: where it stands, the names of fixes or families in it, the first and the last line that
    it is about, and between them the one `below` it, or beside it; `block_end` is the last line of all
    that stands in what begins there. It is obeyed if it has names and is not `misplaced`. `is_known`
    says that it is a comment for sure, `removal` takes it out where that is harmless, `listed` spans
    its names."""

    place: Place
    names: tuple[str, ...]
    first: int
    below: int
    last: int
    block_end: int
    text: str
    misplaced: bool
    is_known: bool
    removal: Edit | None
    listed: Edit

    @property
    def is_void(self) -> bool:
        """Whether it ignores nothing, whatever is found."""
        return self.misplaced or not self.names

    def is_about(self, line: int) -> bool:
        """Say whether what is found in a line is left out where the comment has its name."""
        return self.first <= line <= self.last

    @property
    def lead(self) -> str:
        """The sign that makes it a comment."""
        return re.split(r"[\w\s]", self.text, maxsplit=1)[0]

    def without(self, names: Collection[str]) -> Edit | None:
        """Give the edit that takes names out, or the comment where no other is left; None where that is
        not known to be harmless."""
        kept = [name for name in self.names if name not in names]
        if not kept or self.removal is None:
            return self.removal
        return self.listed._replace(text=", ".join(kept))


Named = tuple[Ignore, str]
"""A comment, and one of the names in it."""


class Ignores:
    """The comments of a file, by the lines that they are about."""

    def __init__(self, comments: Iterable[Ignore] = ()) -> None:
        self.comments = tuple(comments)
        self._named: dict[tuple[int, str], list[Ignore]] = {}
        self._lines_below: dict[int, list[int]] = {}
        spans: dict[int, Ignore] = {}
        for each in self.comments:
            if not each.is_void:
                # Of those above one line the first has all the lines.
                spans.setdefault(each.below, each)
                for name in each.names:
                    self._named.setdefault((each.below, name), []).append(each)
        for below, first in spans.items():
            for line in range(first.first, first.block_end + 1):
                self._lines_below.setdefault(line, []).append(below)

    def around(self, line: int, names: Collection[str]) -> Iterator[Named]:
        """Yield the comments with one of the names, each with that, that are about a line, or stand
        above or beside the beginning of what that is in."""
        for below in self._lines_below.get(line, ()):
            for name in names:
                found = self._named.get((below, name), ())
                yield from ((each, name) for each in found if each.first <= line)


class Unused(NamedTuple):
    """A comment, those of its names that ignored nothing, and the lines further down in which some of
    them are found."""

    comment: Ignore
    names: tuple[str, ...]
    missed: Mapping[str, int]


def ignores(path: str, content: bytes) -> Ignores:
    """Give the comments of a file that are meant to ignore something."""
    if b"dockfix" not in content.lower():
        return Ignores()
    from fixer.documents.comments import Commented

    document = Commented(path, content)
    found: list[Ignore] = []
    for comment in document.comments(MEANT):
        start, text = comment.start, comment.text
        written = WRITTEN.match(text, comment.marked)
        names = written["names"] if written else ""
        at = start + (written.start("names") if written else 0)
        line = document.source.position(start).line
        below = line if comment.is_beside else document.line_below(line)
        found.append(
            Ignore(
                place=Place(path, document.source.position(start)),
                names=tuple(name.strip() for name in names.split(",") if name.strip()),
                first=line,
                below=below,
                last=document.last_line(below),
                block_end=document.block_end(below),
                text=text,
                misplaced=comment.is_misplaced,
                is_known=comment.is_known,
                removal=comment.removal,
                listed=Edit(at, at + len(names), names),
            )
        )
    return Ignores(found)


def ignores_in(repository: Repository, path: str) -> Ignores:
    """Give the comments of a file of a repository; none of a large one's."""
    if repository.searchable(path) is None:
        return Ignores()
    return repository.parsed(path, ignores) or Ignores()
