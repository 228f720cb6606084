"""The branch put where others see it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fixer import git
from fixer.branch.model import BranchError
from fixer.branch.target import HEADS, Target
from fixer.git import GitError


def publish(top: Path, where: Target, tip: str, remote: str | None, options: Sequence[str]) -> str:
    """Let the branch be `tip`: here and, if one is named, at the remote. `options` are push options.
    Give what the remote says of it.

    Raises BranchError where one of them does not take it; then nothing is changed.
    """
    if where.local != tip:
        _move(top, where, where.local, tip)
    if remote is None or where.remote == tip:
        return ""
    branch = f"{HEADS}{where.name}"
    lease = f"--force-with-lease={branch}:{where.remote or ''}"
    given = [argument for option in options for argument in ("-o", option)]
    try:
        return git.push(top, lease, *given, remote, f"{tip}:{branch}")
    except GitError as error:
        _move(top, where, tip, where.local)
        raise BranchError(f"{remote} does not take the branch: {error}") from None


def _move(top: Path, where: Target, before: str | None, after: str | None) -> None:
    """Move the local branch; None is its absence."""
    branch = f"{HEADS}{where.name}"
    moved = [branch, after, before or ""] if after else ["-d", branch, before or ""]
    try:
        git.call(top, "update-ref", "-m", "dockfix branch", *moved)
    except GitError as error:
        raise BranchError(f"{where.name} changed while dockfix was at work: {error}") from None
