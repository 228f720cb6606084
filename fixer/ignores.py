"""Comments that keep a fix from what stands beside: `# dockfix: ignore[undeclared-volume] reason`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, NamedTuple

from fixer.documents.source import Edit
from fixer.place import Place

if TYPE_CHECKING:
    from fixer.stack import Repository

MEANT = r"dockfix(?:[ \t:]*ignore\b|[ \t]*:[ \t]*[\w-]+[ \t]*[\[(=])"
"""How a comment begins that is meant for dockfix, although it may be misspelt."""

WRITTEN = re.compile(r"dockfix:[ \t]*ignore\[(?P<names>[^\]]*)\]")
"""How it begins when it is not."""


class Ignore(NamedTuple):
    """A comment: where it stands, the names of fixes or families in it, the first and last line that it
    is about. It is obeyed if it has names and is not `misplaced`. `removal` takes it out, `listed` spans
    its names."""

    place: Place
    names: tuple[str, ...]
    first: int
    last: int
    text: str
    misplaced: bool
    removal: Edit
    listed: Edit

    @property
    def is_void(self) -> bool:
        """Whether it ignores nothing, whatever is found."""
        return self.misplaced or not self.names

    def is_about(self, line: int) -> bool:
        """Say whether what is found in a line is left out where the comment has its name."""
        return not self.is_void and self.first <= line <= self.last

    @property
    def lead(self) -> str:
        """The sign that makes it a comment."""
        return re.split(r"[\w\s]", self.text, maxsplit=1)[0]

    def without(self, names: Collection[str]) -> Edit:
        """Give the edit that takes names out, or the comment where no other is left."""
        kept = [name for name in self.names if name not in names]
        return self.listed._replace(text=", ".join(kept)) if kept else self.removal


class Unused(NamedTuple):
    """A comment, and those of its names that ignored nothing."""

    comment: Ignore
    names: tuple[str, ...]


def ignores(path: str, content: bytes) -> tuple[Ignore, ...]:
    """Give the comments of a file that are meant to ignore something."""
    if b"dockfix" not in content.lower():
        return ()
    from fixer.documents.comments import Commented

    document = Commented(path, content)
    found: list[Ignore] = []
    for comment in document.comments(MEANT):
        start, text = comment.start, comment.text
        written = WRITTEN.match(text, comment.marked)
        names = written["names"] if written else ""
        at = start + (written.start("names") if written else 0)
        line = document.source.position(start).line
        found.append(
            Ignore(
                place=Place(path, document.source.position(start)),
                names=tuple(name.strip() for name in names.split(",") if name.strip()),
                first=line,
                last=document.last_line(line if comment.is_beside else document.line_below(line)),
                text=text,
                misplaced=comment.is_misplaced,
                removal=comment.removal,
                listed=Edit(at, at + len(names), names),
            )
        )
    return tuple(found)


def ignores_in(repository: Repository, path: str) -> tuple[Ignore, ...]:
    """Give the comments of a file of a repository; none of a large one's."""
    if repository.searchable(path) is None:
        return ()
    return repository.parsed(path, ignores) or ()


def unused(comments: Iterable[Ignore], used: Collection[tuple[Ignore, str]]) -> list[Unused]:
    """Give the comments that are void, and those with names that were not used, but for the names of
    fixes that are not loaded."""
    from fixer import registry

    found: list[Unused] = []
    for comment in comments:
        names = (name for name in comment.names if (comment, name) not in used)
        idle = tuple(name for name in names if not registry.is_expected(name))
        if idle or comment.is_void:
            found.append(Unused(comment, idle))
    return found
