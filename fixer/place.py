"""Where something stands in a repository, and what is wrong there with the file itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from fixer.documents.source import Position


class Place(NamedTuple):
    """Where a finding is: a path relative to the root, and a line and column from one."""

    path: str
    position: Position

    def __str__(self) -> str:
        return f"{self.path}:{self.position.line}:{self.position.column}"


class Problem(NamedTuple):
    """Something that kept a file or a fix from being looked at. `internal` marks a bug of dockfix."""

    place: Place
    message: str
    internal: bool = False


def from_here(path: Path) -> str:
    """Give a path as seen from the current folder."""
    return os.path.relpath(path)
