"""The commits of a fix branch: which are dockfix's own, and which somebody added."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from fixer import git

BASE, PATCH = "Dockfix-Base", "Dockfix-Patch"
"""The trailers of a commit of dockfix: the commit that it was made for, and the hash of its patch, which
is another one once somebody has amended the commit."""

DIFF = (
    "-c", "core.quotePath=true", "-c", "diff.suppressBlankEmpty=false", "-c", "diff.renames=false",
    "diff", "--no-ext-diff", "--no-textconv", "--no-color", "--full-index", "--binary",
    "--diff-algorithm=myers", "--unified=3", "--inter-hunk-context=0", "--indent-heuristic",
    "--ignore-submodules=none", "--src-prefix=a/", "--dst-prefix=b/",
)  # fmt: skip
"""Git's arguments for a patch that is the same whatever is configured."""


class Recorded(NamedTuple):
    """A commit of the branch as it was found. `patch` is its patch's hash; `is_own` says that dockfix
    made it and nobody changed it, `is_amended` that somebody did."""

    hash: str
    subject: str
    author: str
    patch: str
    is_own: bool
    is_amended: bool
    is_merge: bool
    has_own_changes: bool

    @property
    def short(self) -> str:
        """The commit as people name it."""
        return f"{self.hash[:9]} ({self.subject}, by {self.author})"


def base_of(folder: Path, tip: str) -> str | None:
    """Give the commit that a branch was last made for, or None where nothing of it is dockfix's."""
    wanted = f"--format=%(trailers:key={BASE},valueonly)"
    log = ("log", "-1", "--no-show-signature", "--basic-regexp", f"--grep=^{BASE}: ", wanted)
    return git.text(folder, *log, tip).strip() or None


def recorded(folder: Path, tip: str, *without: str) -> list[Recorded]:
    """Give the commits that lead to `tip`, the oldest first, less those that lead to others.

    Raises GitError where a commit is not there.
    """
    fields = f"%H%x00%P%x00%an%x00%s%x00%(trailers:key={PATCH},valueonly,separator=%x2C)"
    log = ("log", "--reverse", "--topo-order", "--no-show-signature", "-z", f"--format=tformat:{fields}")
    values = git.text(folder, *log, tip, "--not", *without).split("\0")
    return [_recorded(folder, *values[at : at + 5]) for at in range(0, len(values) - 4, 5)]


def _recorded(
    folder: Path, commit: str, parents: str, author: str, subject: str, patch: str
) -> Recorded:
    if " " in parents:
        own = git.text(folder, "diff-tree", "--cc", "--no-commit-id", "--name-only", commit)
        return Recorded(commit, subject, author, "", False, False, True, bool(own))
    before = parents or git.text(folder, "hash-object", "-t", "tree", "--stdin")
    actual = patch_hash(git.call(folder, *DIFF, before, commit))
    is_own = bool(patch) and patch == actual
    return Recorded(commit, subject, author, actual, is_own, bool(patch) and not is_own, False, True)


def patch_hash(patch: bytes) -> str:
    """Give a hash of what a patch changes, whatever lines of the file it is about; empty where there is
    nothing."""
    kept = [line for line in patch.split(b"\n") if not line.startswith((b"@@ ", b"index "))]
    return hashlib.sha256(b"\n".join(kept)).hexdigest()[:20] if patch else ""
