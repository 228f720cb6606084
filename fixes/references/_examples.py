"""The files that a checkout must make for itself, and the examples which are kept of them."""

from __future__ import annotations

import os
import re

from fixer.changes import Change, CreateFile, EnsureLine
from fixer.documents.dotenv import DotenvDocument
from fixer.stack import Repository
from fixer.stack.merging import join

MARKS = ("example", "sample", "dist", "template", "tmpl", "tpl", "default", "defaults")
"""What the name of an example has that the file's own has not; earlier ones first."""

OWNER_ONLY = 0o600


def words(name: str) -> list[str]:
    """Give the parts of a file's name, in which `.env.dev`, `env-dev` and `dev.env` are alike."""
    return sorted(re.findall(r"[a-z0-9]+", name.lower()))


def example_of(repository: Repository, path: str) -> str | None:
    """Give the example beside a missing file: `.env.example`, `env.sample`, `example.env` for
    `.env`. One that is no file of variables is none."""
    folder, _, name = path.rpartition("/")
    siblings = [each for each in repository.listed(folder) if repository.is_file(each)]
    for mark in MARKS:
        for each in siblings:
            if words(each.rpartition("/")[2]) == sorted([*words(name), mark]):
                return each if DotenvDocument(repository.read(each) or b"").is_readable else None
    return None


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
