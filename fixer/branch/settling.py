"""What dockfix has made now, brought together with the branch as it was found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from fixer import git
from fixer.branch.checkout import WHOLE
from fixer.branch.committing import PLAIN, Made, identity
from fixer.branch.history import Recorded, base_of, recorded
from fixer.branch.model import BranchError, Commit, KeptCommit
from fixer.branch.target import Target
from fixer.git import GitError

KEPT_AS_IT_WAS = (
    "the branch was left as it is: rebase that commit by hand, or merge or delete the branch"
)


class Found(NamedTuple):
    """The branch as it was found: the commit that it was made for, and its commits, the oldest first."""

    base: str | None = None
    commits: Sequence[Recorded] = ()


class Settled(NamedTuple):
    """The branch as it will be: its newest commit, dockfix's commits and those that people added. Where
    people have changed dockfix's own ones, there are none of these."""

    tip: str
    commits: tuple[Commit, ...]
    kept: tuple[KeptCommit, ...]


class _Conflict(BranchError):
    """A commit that somebody added does not go with what is there now."""

    def __init__(self, commit: Recorded, why: str) -> None:
        super().__init__(f"{commit.short} {why}; {KEPT_AS_IT_WAS}")
        self.commit = commit


def existing(top: Path, where: Target) -> Found:
    """Give the branch as it was found.

    Raises BranchError where it is not dockfix's, or its history does not reach back far enough.
    """
    if where.tip is None:
        return Found()
    try:
        base = base_of(top, where.tip)
        if base is None:
            raise BranchError(f"{where.name} has no commit of dockfix; give another --name")
        return Found(base, recorded(top, where.tip, base, where.start))
    except GitError as error:
        raise BranchError(
            f"the history of {where.name} does not reach back far enough ({error}); fetch more of it"
        ) from None


def settle(folder: Path, where: Target, found: Found, made: Made) -> Settled:
    """Bring what was committed in a checkout together with the branch as it was found: that stays where
    it holds the same patches and goes with its base; else what people added is put on top.

    Raises BranchError where a commit that somebody added conflicts with what is there.
    """
    own = [each for each in found.commits if each.is_own]
    is_same = tuple(each.patch for each in own) == made.patches
    if where.tip is not None and is_same and _merges(folder, where.start, where.tip):
        former = dict(zip(dict.fromkeys(each.hash for each in made.commits), own, strict=True))
        commits = tuple(each._replace(hash=former[each.hash].hash) for each in made.commits)
        return Settled(where.tip, commits, _added(found))
    try:
        kept = _replayed(folder, found.commits)
    except _Conflict as conflict:
        # Whoever amended dockfix's own commits has dealt with what is on this base.
        if where.tip is not None and found.base == where.start and conflict.commit.is_amended:
            return Settled(where.tip, (), _added(found))
        raise
    return Settled(git.text(folder, "rev-parse", "HEAD"), made.commits, kept)


def _added(found: Found) -> tuple[KeptCommit, ...]:
    added = [each for each in found.commits if not each.is_own and not each.is_merge]
    return tuple(KeptCommit(each.hash, each.subject, each.author) for each in added)


def _merges(folder: Path, base: str, tip: str) -> bool:
    """Whether a branch goes with its base; before git 2.38 that is known only where it holds that."""
    if git.run(folder, "merge-base", "--is-ancestor", base, tip) is not None:
        return True
    try:
        git.call(folder, "merge-tree", "--write-tree", base, tip)
    except GitError:
        return False
    return True


def _replayed(folder: Path, found: Sequence[Recorded]) -> tuple[KeptCommit, ...]:
    """Put the commits that people added on top of what is checked out."""
    kept: list[KeptCommit] = []
    for each in found:
        if each.is_own or (each.is_merge and not each.has_own_changes):
            continue
        if each.is_merge:
            raise _Conflict(each, "is a merge with changes of its own")
        before = git.text(folder, "rev-parse", "HEAD")
        try:
            pick = ("cherry-pick", "--allow-empty", "--allow-empty-message", each.hash)
            git.call(folder, *WHOLE, *PLAIN, *pick, environment=identity(folder))
        except GitError as error:
            unmerged = git.text(folder, "diff", "--name-only", "--diff-filter=U")
            if unmerged or git.run(folder, "diff", "--cached", "--quiet") is None:
                names = ", ".join(unmerged.split("\n")) or str(error)
                raise _Conflict(each, f"conflicts with the fixes in {names}") from None
            # The base has it by now.
            git.call(folder, *WHOLE, "reset", "--hard", "--quiet", before)
            continue
        kept.append(KeptCommit(git.text(folder, "rev-parse", "HEAD"), each.subject, each.author))
    return tuple(kept)
