"""Where a fix branch starts, and what there is of it already."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from fixer import git
from fixer.branch.history import recorded
from fixer.branch.model import BranchError
from fixer.git import GitError

HEADS, REMOTES = "refs/heads/", "refs/remotes/"
ORIGIN = "origin"
"""The remote whose branches count where none is named, as git has it."""


class Base(NamedTuple):
    """A commit to start from, and the branch that it is of; None where it is of none that is known."""

    commit: str
    branch: str | None


class Target(NamedTuple):
    """Where the branch starts and what there is of it, as hashes of commits. `base` names what it is
    for, `is_branch` says whether that is a branch; `tip` is the newest state of the fix branch."""

    name: str
    base: str
    is_branch: bool
    start: str
    tip: str | None = None
    local: str | None = None
    remote: str | None = None


def target(top: Path, name: str, base: str | None, remote: str | None) -> Target:
    """Find where the branch `name` starts: at `base`, else at what is checked out. With the name of a
    `remote`, the branch as it is there is fetched.

    Raises BranchError.
    """
    try:
        return _target(top, name, base, remote)
    except GitError as error:
        raise BranchError(str(error)) from None


def _target(top: Path, name: str, base: str | None, remote: str | None) -> Target:
    git.call(top, "rev-parse", "--git-dir")
    branch = f"{HEADS}{name}"
    if git.run(top, "check-ref-format", branch) is None:
        raise BranchError(f"{name} is no name for a branch; give another one with --name")
    start = _checked_out(top, remote) if base is None else _named(top, base, remote)
    if base is None and start.branch == name:
        raise BranchError(f"{name} is checked out; name the branch that it is for with --base")
    _refuse_taken(top, name)
    local = git.commit_of(top, branch)
    there = _fetched(top, remote, branch) if remote is not None else None
    if local and there and remote is not None:
        _refuse_unpushed(top, name, remote, local, there)
    known = there or local or git.commit_of(top, f"{REMOTES}{ORIGIN}/{name}")
    is_branch = start.branch is not None
    return Target(name, start.branch or base or "HEAD", is_branch, start.commit, known, local, there)


def _checked_out(top: Path, remote: str | None) -> Base:
    commit = git.commit_of(top, "HEAD")
    if commit is None:
        raise BranchError("HEAD has no commit yet; --base names the branch to start from")
    current = _line(git.run(top, "symbolic-ref", "-q", "HEAD"))
    if current.startswith(HEADS):
        return Base(commit, current.removeprefix(HEADS))
    return Base(commit, _default_branch(top, remote))


def _default_branch(top: Path, remote: str | None) -> str | None:
    """The branch that a remote has checked out: a detached HEAD does not tell what it is for. No remote
    is asked but the one that is pushed to."""
    if remote is None:
        known = _line(git.run(top, "symbolic-ref", "-q", f"{REMOTES}{ORIGIN}/HEAD"))
        return known.removeprefix(f"{REMOTES}{ORIGIN}/") or None
    listed = git.reach(top, "ls-remote", "--symref", remote, "HEAD").partition("\t")[0]
    return listed.removeprefix(f"ref: {HEADS}") if listed.startswith(f"ref: {HEADS}") else None


def _named(top: Path, base: str, remote: str | None) -> Base:
    """What `--base` names: a branch before a tag of the same name, here before at the remote."""
    name = base.removeprefix(HEADS).removeprefix(REMOTES)
    branches = {
        f"{HEADS}{name}": name,
        f"{REMOTES}{name}": name.partition("/")[2],
        f"{REMOTES}{remote or ORIGIN}/{name}": name,
    }
    for reference, branch in branches.items():
        if commit := git.commit_of(top, reference):
            return Base(commit, branch or None)
    commit = git.commit_of(top, base)
    if commit is None:
        raise BranchError(f"there is no commit {base}; --base names a branch, tag or commit")
    return Base(commit, None)


def _refuse_taken(top: Path, name: str) -> None:
    """A branch that is checked out would move below somebody's feet; git has no branch below another."""
    listed = os.fsdecode(git.call(top, "worktree", "list", "--porcelain")).split("\n")
    if f"branch {HEADS}{name}" in listed:
        raise BranchError(f"{name} is checked out in a working tree; switch that to another branch")
    branches = git.text(top, "for-each-ref", "--format=%(refname)", HEADS).split("\n")
    for other in (each.removeprefix(HEADS) for each in branches):
        if name.startswith(f"{other}/") or other.startswith(f"{name}/"):
            raise BranchError(
                f"there is a branch {other}, beside which git takes no {name}; give --name"
            )


def _fetched(top: Path, remote: str, branch: str) -> str | None:
    """The commit of a branch at a remote, fetched; None where there is none."""
    try:
        listed = [
            line.partition("\t") for line in git.reach(top, "ls-remote", remote, branch).split("\n")
        ]
        commit = next((found for found, _, name in listed if name == branch), None)
        if commit is not None:
            quiet = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
            git.reach(top, *quiet, remote, branch)
    except GitError as error:
        raise BranchError(f"{remote} cannot be read: {error}") from None
    return commit


def _refuse_unpushed(top: Path, name: str, remote: str, local: str, there: str) -> None:
    """The branch as it is at the remote counts; what only the local one has would be lost."""
    kept = {each.patch for each in recorded(top, there, local)}
    unpushed = [each for each in recorded(top, local, there) if not each.is_own]
    if any(each.patch not in kept for each in unpushed):
        raise BranchError(
            f"the local branch {name} has commits that {remote} lacks: push them, or delete the branch"
        )


def _line(printed: bytes | None) -> str:
    return os.fsdecode(printed or b"").removesuffix("\n")
