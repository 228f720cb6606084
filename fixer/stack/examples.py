"""The examples that are kept of files which a checkout must make for itself."""

from __future__ import annotations

import re

from fixer.documents.dotenv import DotenvDocument
from fixer.stack.repository import Repository

MARKS = ("example", "sample", "dist", "template", "tmpl", "tpl", "default", "defaults")
"""What the name of an example has that the file's own has not; earlier ones first."""


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
