"""Files that a checkout must make for itself, from the examples which are kept of them."""

from __future__ import annotations

import os

from fixer.changes import Change, CreateFile, EnsureLine
from fixer.stack import Repository
from fixer.stack.merging import join

OWNER_ONLY = 0o600


def copied(repository: Repository, example: str, path: str) -> tuple[Change, ...]:
    """Give the changes that make a file out of its example. What is filled in there is nobody
    else's business: the file is its owner's alone, and git ignores it."""
    content = repository.read(example) or b""
    made = CreateFile(path, content, OWNER_ONLY)
    if repository.is_ignored(path):
        return (made,)
    folder = _folder_with_ignores(repository, path.rpartition("/")[0])
    line = os.path.relpath(path, folder or ".")
    return made, EnsureLine(join(folder, ".gitignore"), line)


def _folder_with_ignores(repository: Repository, folder: str) -> str:
    """The nearest folder above that has a `.gitignore`; the file's own where none has."""
    above = folder
    while not repository.is_file(join(above, ".gitignore")):
        if not above:
            return folder
        above = above.rpartition("/")[0]
    return above
