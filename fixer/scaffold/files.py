"""Files that are to be made, and the plan that makes them."""

from __future__ import annotations

from fixer.plan import FileChange, FileState, Plan, Step
from fixer.stack import Repository

Files = dict[str, str]
"""Texts by path relative to the root. What starts with `#!` is made executable."""


class ScaffoldError(Exception):
    """Why files cannot be made for a stack as it is, in words for who asked for them."""


def mode_of(text: str) -> int:
    """Give the permission bits of a new file."""
    return 0o755 if text.startswith("#!") else 0o644


def plan_of(repository: Repository, name: str, files: Files) -> Plan:
    """Give the plan that makes the files that are missing; those that exist stay as they are."""
    changes = tuple(
        FileChange(path, None, FileState(text.encode(), mode_of(text)))
        for path, text in files.items()
        if not repository.exists(path)
    )
    return Plan(str(repository.root), (Step(name, (), changes),))
