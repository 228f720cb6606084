"""A plan as commits: one for each fix, or one for all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from fixer import git
from fixer.branch.checkout import WHOLE
from fixer.branch.history import BASE, DIFF, PATCH, patch_hash
from fixer.branch.model import BranchError, Commit
from fixer.git import GitError
from fixer.journal import Journal
from fixer.plan import Plan, Step
from fixer.stack import Repository

PLAIN = (
    "-c", "i18n.commitEncoding=utf-8", "-c", "rerere.enabled=false", "-c", "commit.cleanup=verbatim",
)  # fmt: skip
"""Options for commits whose messages stay as they are written."""

NAME, EMAIL = "dockfix", "dockfix@localhost"
"""Who commits where git was not told who does."""


class Made(NamedTuple):
    """What was committed: the commits, the hashes of their patches in order, and the paths that git
    ignores."""

    commits: tuple[Commit, ...]
    patches: tuple[str, ...]
    local: tuple[str, ...]


def commit_plan(folder: Path, plan: Plan, squash: bool) -> Made:
    """Carry a plan out in a checkout, a commit for each fix, or one for all.

    Raises BranchError.
    """
    from fixer.render import commit_message

    steps = [_joined(list(steps)) for _, steps in groupby(plan.steps, lambda step: step.fix)]
    start = git.text(folder, "rev-parse", "HEAD")
    journal, local = Journal(folder), dict[str, None]()
    commits: list[Commit] = []
    patches: list[str] = []
    for group in [steps] if squash else [[step] for step in steps]:
        kept: list[Step] = []
        for step in group:
            journal.apply(Plan(plan.root, (step,)))
            ours = _own_to_checkout(folder, step)
            local |= dict.fromkeys(ours)
            paths = [change.path for change in step.changes if change.path not in ours]
            if paths:
                _stage(folder, paths)
                kept.append(step)
        patch = patch_hash(git.call(folder, *DIFF, "--cached", "HEAD"))
        if not patch:
            continue
        text = commit_message.render_all(kept) if squash else commit_message.render(kept[0])
        _commit(folder, f"{text.rstrip()}\n{BASE}: {start}\n{PATCH}: {patch}\n")
        made = git.text(folder, "rev-parse", "HEAD")
        commits += [Commit(made, step) for step in kept]
        patches.append(patch)
    return Made(tuple(commits), tuple(patches), tuple(local))


def _joined(steps: Sequence[Step]) -> Step:
    """Steps of one fix that follow one another as one."""
    messages = tuple(dict.fromkeys(message for step in steps for message in step.messages))
    unsafe = any(step.unsafe for step in steps)
    return Step(steps[0].fix, messages, Plan("", tuple(steps)).changes, unsafe)


def _own_to_checkout(folder: Path, step: Step) -> list[str]:
    """The paths of a step that git ignores and that stay in each checkout: what holds secrets or the
    settings of a machine, and what is ignored by its very name. Where git ignores a whole kind of
    files, as `*.sql`, or the example that tells what others need, the stack needs the file all the same.
    """
    listing = ("ls-files", "-z", "--others", "--ignored", "--exclude-standard")
    names = [change.path for change in step.changes]
    listed = git.call(folder, "--literal-pathspecs", *listing, "--", *names)
    ignored = os.fsdecode(listed).split("\0")
    repository = Repository(folder)
    return [
        change.path
        for change in step.changes
        if change.path in ignored
        and change.after is not None
        and (
            not change.after.mode & 0o077
            or change.path.rpartition("/")[2] == ".env"
            or (repository.is_left_out(change.path) and not change.path.endswith(".example"))
        )
    ]


def _stage(folder: Path, paths: Sequence[str]) -> None:
    """Bring files to the index. Where one's line endings are not those that the attributes ask for, all
    its lines would change on the way: its bytes are taken as they are."""
    _refuse_filtered(folder, paths)
    mixed = _with_other_endings(folder, paths)
    others = [path for path in paths if path not in mixed]
    if others:
        add = ("add", "--all", "--force", "--", *others)
        git.call(folder, *WHOLE, "--literal-pathspecs", *add)
    for path in mixed:
        mode = git.text(folder, "--literal-pathspecs", "ls-files", "-s", "--", path).partition(" ")[0]
        content = git.text(folder, "hash-object", "-w", "--no-filters", "--", path)
        git.call(folder, "update-index", "--cacheinfo", f"{mode},{content},{path}")


def _with_other_endings(folder: Path, paths: Sequence[str]) -> list[str]:
    """The files that git keeps with CRLF although their attributes ask for LF."""
    listing = ("--literal-pathspecs", "ls-files", "-z", "--eol", "--", *paths)
    found: list[str] = []
    for entry in os.fsdecode(git.call(folder, *listing)).split("\0")[:-1]:
        about, _, path = entry.partition("\t")
        kept, here, *attributes = about.split()
        is_text = any(each.startswith("attr/text") for each in attributes)
        if is_text and kept in ("i/crlf", "i/mixed") and here in ("w/crlf", "w/mixed"):
            found.append(path)
    return found


def _refuse_filtered(folder: Path, paths: Sequence[str]) -> None:
    """What a filter encrypts, or keeps elsewhere, would be committed as it is: filters are not run."""
    fields = os.fsdecode(git.call(folder, "check-attr", "-z", "filter", "--", *paths)).split("\0")
    for path, value in zip(fields[::3], fields[2::3], strict=False):
        if value not in ("unspecified", "unset"):
            raise BranchError(
                f"{path} goes through git's filter {value}, which dockfix does not run; put the path"
                " under exclude in the configuration, or repair it with dockfix --apply"
            )


def _commit(folder: Path, message: str) -> None:
    arguments = ("commit", "--quiet", "--no-verify", "--cleanup=verbatim", "--file=-")
    data = message.encode("utf-8", "surrogateescape")
    try:
        git.call(folder, *PLAIN, *arguments, stdin=data, environment=identity(folder))
    except GitError as error:
        raise BranchError(f"git does not commit: {error}") from None


def identity(folder: Path) -> dict[str, str]:
    """Give the variables that say who commits, where nothing else does."""
    if git.run(folder, "config", "user.email") or os.environ.get("GIT_COMMITTER_EMAIL"):
        return {}
    names = {f"GIT_{who}_NAME": NAME for who in ("AUTHOR", "COMMITTER")}
    return names | {f"GIT_{who}_EMAIL": EMAIL for who in ("AUTHOR", "COMMITTER")}
