"""The fix branch: a commit for each fix on top of a base, made beside the user's own working tree."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from fixer import git
from fixer.compose import Files
from fixer.git import GitError
from fixer.history import BASE, DIFF, PATCH, Recorded, base_of, patch_hash, recorded
from fixer.journal import Journal
from fixer.plan import Plan, Step
from fixer.report import Report
from fixer.stack import Repository, Stack

WHOLE = ("-c", "core.sparseCheckout=false", "-c", "submodule.recurse=false", "-c", "core.safecrlf=false")
"""Options for a checkout that holds every file but those of submodules."""

PLAIN = ("-c", "i18n.commitEncoding=utf-8", "-c", "rerere.enabled=false")

NAME, EMAIL = "dockfix", "dockfix@localhost"
"""Who commits where git was not told who does."""

HISTORY = 250
"""How many commits of the branch are fetched into a shallow clone."""


KEPT_AS_IT_WAS = (
    "the branch was left as it is: rebase that commit by hand, or merge or delete the branch"
)


class BranchError(Exception):
    """What cannot be done; nothing was left behind. The message says why and what to do."""


class Commit(NamedTuple):
    """A commit that dockfix made: its hash, and the step that it holds. Of a squashed one every step has
    the same hash."""

    hash: str
    step: Step


class KeptCommit(NamedTuple):
    """A commit that somebody added to the branch, as it stands on it now."""

    hash: str
    subject: str
    author: str


class FixBranch(NamedTuple):
    """The branch as it is now. `report` is of the base, with what was planned there; `base` is the name
    of the branch that it is for."""

    name: str
    base: str
    commits: tuple[Commit, ...]
    kept: tuple[KeptCommit, ...]
    report: Report
    refused: Mapping[Files, str]
    """What Compose, where it was asked, says of the base's stacks that it refuses."""
    local: tuple[str, ...]
    """Paths that the fixes write and git ignores: every checkout needs them, and the branch has none."""
    stacks: tuple[Stack, ...]
    """The stacks as the branch leaves them."""


class Target(NamedTuple):
    """Where the branch starts and what there is of it already, as hashes of commits. `base` is the name
    of the branch that it is for, `tip` the newest state of the fix branch."""

    name: str
    base: str
    start: str
    tip: str | None = None
    local: str | None = None
    remote: str | None = None


def target(top: Path, name: str, base: str | None, remote: str | None) -> Target:
    """Find where the branch `name` starts: at `base`, else at what is checked out. With the name of a
    `remote`, the branch as it is there is fetched.

    Raises BranchError.
    """
    start = git.commit_of(top, base or "HEAD")
    if start is None:
        known = "this repository has no commit yet" if base is None else f"there is no commit {base}"
        raise BranchError(f"{known}; --base names the branch to start from")
    branch = f"refs/heads/{name}"
    if git.run(top, "check-ref-format", branch) is None:
        raise BranchError(f"{name} is no name for a branch; give another one with --name")
    current = (git.run(top, "symbolic-ref", "--short", "-q", "HEAD") or b"").decode().strip()
    if base is None and current == name:
        raise BranchError(f"{name} is checked out; name the branch that it is for with --base")
    if f"branch {branch}" in os.fsdecode(git.call(top, "worktree", "list", "--porcelain")).split("\n"):
        raise BranchError(f"{name} is checked out in a working tree; switch that to another branch")
    local = git.commit_of(top, branch)
    if remote is not None:
        there = _fetched(top, remote, branch)
    else:
        there = git.commit_of(top, f"refs/remotes/origin/{name}")
    if local and there and local != there and remote is not None:
        _refuse_unpushed(top, name, remote, local, there)
    tip = (there or local) if remote is not None else (local or there)
    named = (base or current or _default_branch(top, remote)).removeprefix(f"{remote or 'origin'}/")
    return Target(name, named, start, tip, local, there if remote is not None else None)


def _fetched(top: Path, remote: str, branch: str) -> str | None:
    """The commit of a branch at a remote, fetched; None where there is none."""
    try:
        listed = git.text(top, "ls-remote", remote, branch)
        if not listed:
            return None
        shallow = git.text(top, "rev-parse", "--is-shallow-repository") == "true"
        depth = [f"--depth={HISTORY}"] if shallow else []
        git.call(top, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", *depth, remote, branch)
    except GitError as error:
        raise BranchError(f"{remote} cannot be read: {error}") from None
    return listed.split()[0]


def _refuse_unpushed(top: Path, name: str, remote: str, local: str, there: str) -> None:
    """The branch as it is at the remote counts; what only the local one has would be lost."""
    if any(not each.is_own for each in recorded(top, local, there)):
        raise BranchError(
            f"the local branch {name} has commits that {remote} lacks: push them, or delete the branch"
        )


def _default_branch(top: Path, remote: str | None) -> str:
    """The branch that a remote has checked out: a detached HEAD does not tell what it is for."""
    listed = git.run(top, "ls-remote", "--symref", remote or "origin", "HEAD") or b""
    first = os.fsdecode(listed).partition("\t")[0]
    return first.removeprefix("ref: refs/heads/") if first.startswith("ref: ") else "HEAD"


@contextmanager
def worktree(top: Path, commit: str) -> Iterator[Path]:
    """A checkout of a commit in a temporary folder, which has the name of the user's own one.

    Raises BranchError.
    """
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="dockfix-") as name:
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
            _refuse_filtered(folder, paths)
            if paths:
                add = ("add", "--all", "--force", "--", *paths)
                git.call(folder, *WHOLE, "--literal-pathspecs", *add)
                kept.append(step)
        patch = patch_hash(git.call(folder, *DIFF, "--cached", "HEAD"))
        if not patch:
            continue
        text = commit_message.render_all(kept) if squash else commit_message.render(kept[0])
        message = f"{text.rstrip()}\n{BASE}: {start}\n{PATCH}: {patch}\n"
        _commit(folder, message)
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


def _refuse_filtered(folder: Path, paths: Sequence[str]) -> None:
    """What a filter encrypts, or keeps elsewhere, would be committed as it is: filters are not run."""
    listed = git.call(folder, "check-attr", "-z", "filter", "--", *paths) if paths else b""
    fields = os.fsdecode(listed).split("\0")
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
        git.call(folder, *PLAIN, *arguments, stdin=data, environment=_identity(folder))
    except GitError as error:
        raise BranchError(f"git does not commit: {error}") from None


def _identity(folder: Path) -> dict[str, str]:
    """Who commits, where neither the configuration nor the environment says so."""
    if git.run(folder, "config", "user.email") or os.environ.get("GIT_COMMITTER_EMAIL"):
        return {}
    names = {f"GIT_{who}_NAME": NAME for who in ("AUTHOR", "COMMITTER")}
    return names | {f"GIT_{who}_EMAIL": EMAIL for who in ("AUTHOR", "COMMITTER")}


class Found(NamedTuple):
    """The branch as it was found: the commit that it was made for, and its commits, the oldest first."""

    base: str | None = None
    commits: Sequence[Recorded] = ()


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


class Settled(NamedTuple):
    """The branch as it will be: its newest commit, dockfix's commits and those that people added."""

    tip: str
    commits: tuple[Commit, ...]
    kept: tuple[KeptCommit, ...]


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
    except BranchError:
        # Whoever changed dockfix's own commits has dealt with all that is on this base.
        if where.tip is not None and found.base == where.start:
            return Settled(where.tip, (), _added(found))
        raise
    return Settled(git.text(folder, "rev-parse", "HEAD"), made.commits, kept)


def _added(found: Found) -> tuple[KeptCommit, ...]:
    added = [each for each in found.commits if not each.is_own and not each.is_merge]
    return tuple(KeptCommit(each.hash, each.subject, each.author) for each in added)


def _merges(folder: Path, base: str, tip: str) -> bool:
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
            raise BranchError(f"{each.short} is a merge with changes of its own; {KEPT_AS_IT_WAS}")
        before = git.text(folder, "rev-parse", "HEAD")
        try:
            pick = ("cherry-pick", "--allow-empty-message", each.hash)
            git.call(folder, *WHOLE, *PLAIN, *pick, environment=_identity(folder))
        except GitError as error:
            unmerged = git.text(folder, "diff", "--name-only", "--diff-filter=U")
            if unmerged or git.run(folder, "diff", "--cached", "--quiet") is None:
                names = ", ".join(unmerged.split("\n")) or str(error)
                raise BranchError(
                    f"{each.short} conflicts with the fixes in {names}; {KEPT_AS_IT_WAS}"
                ) from None
            # The base has it by now.
            git.call(folder, *WHOLE, "reset", "--hard", "--quiet", before)
            continue
        kept.append(KeptCommit(git.text(folder, "rev-parse", "HEAD"), each.subject, each.author))
    return tuple(kept)


def publish(top: Path, where: Target, tip: str, remote: str | None, options: Sequence[str]) -> str:
    """Let the branch be `tip`: at the remote, if one is named, and here. `options` are push options.
    Give what the remote says of it.

    Raises BranchError where the remote does not take it; then nothing is changed.
    """
    branch = f"refs/heads/{where.name}"
    said = ""
    if remote is not None and where.remote != tip:
        lease = f"--force-with-lease={branch}:{where.remote or ''}"
        given = [argument for option in options for argument in ("-o", option)]
        try:
            said = git.push(top, lease, *given, remote, f"{tip}:{branch}")
        except GitError as error:
            raise BranchError(f"{remote} does not take the branch: {error}") from None
    if where.local != tip:
        try:
            git.call(top, "update-ref", "-m", "dockfix branch", branch, tip, where.local or "")
        except GitError as error:
            raise BranchError(f"{where.name} changed while dockfix was at work: {error}") from None
    return said
