"""A temporary checkout, beside the user's own working tree."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fixer import git
from fixer.branch.model import BranchError
from fixer.git import GitError

PREFIX = "dockfix-"

WHOLE = (
    "-c", "core.sparseCheckout=false", "-c", "submodule.recurse=false", "-c", "core.safecrlf=false",
)  # fmt: skip
"""Options for a checkout that holds every file but those of submodules."""


@contextmanager
def worktree(top: Path, commit: str) -> Iterator[Path]:
    """A checkout of a commit in a temporary folder, which has the name of the user's own one.

    Raises BranchError.
    """
    from tempfile import TemporaryDirectory

    _forget_lost(top)
    with TemporaryDirectory(prefix=PREFIX) as name:
        folder = Path(name).resolve() / (top.name or "repository")
        try:
            git.call(top, "worktree", "add", "--quiet", "--detach", "--no-checkout", str(folder), commit)
        except GitError as error:
            raise BranchError(f"no temporary working tree can be made: {error}") from None
        try:
            git.call(folder, *WHOLE, "reset", "--hard", "--quiet")
            yield folder
        except GitError as error:
            raise BranchError(str(error)) from None
        finally:
            git.call(top, "worktree", "remove", "--force", "--force", str(folder))


def _forget_lost(top: Path) -> None:
    """Let git forget the checkouts of runs that were killed, and whose folders are gone since."""
    listed = os.fsdecode(git.run(top, "worktree", "list", "--porcelain") or b"")
    for entry in listed.split("\n\n"):
        path, *about = entry.split("\n")
        is_ours = Path(path).parent.name.startswith(PREFIX)
        if is_ours and any(line.startswith("prunable") for line in about):
            git.run(top, "worktree", "prune")
