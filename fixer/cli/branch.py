"""`dockfix branch`: the fixes as commits of a branch, pushed and proposed on request."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import NamedTuple

from fixer import branch, compose, engine, git, writing
from fixer.branch import BranchError, FixBranch, Target
from fixer.cli.check import INTERNAL, NOTHING, USAGE, judged_by
from fixer.cli.complaint import complain
from fixer.cli.request import Prepared, Request, UsageError, find_root, prepare, relative
from fixer.cli.watch import Watch
from fixer.detecting import find_stacks
from fixer.forge import Forge, ForgeError, GitHub, GitLab, which
from fixer.git import GitError
from fixer.judging import refused_before
from fixer.plan import Plan
from fixer.render.terminal import printable
from fixer.report import Report
from fixer.stack import Stack
from fixer.wording import counted


class BranchRequest(NamedTuple):
    """What a user asked for, beside what a check is asked."""

    check: Request
    name: str = "dockfix/fixes"
    base: str | None = None
    squash: bool = False
    push: bool = False
    remote: str = "origin"
    pr: bool = False
    pr_body: str | None = None


def make_branch(request: BranchRequest) -> int:
    """Make or update the branch and give the exit status.

    Raises UsageError where that cannot be done.
    """
    if request.pr and not request.push:
        raise UsageError("--pr goes with --push")
    top = find_root(request.check)
    if request.pr_body is not None and writing.is_led_out(Path(request.pr_body), top):
        raise UsageError(
            f"--pr-body {request.pr_body} is a link out of {top}, or below one; name the file itself"
        )
    if git.top_level(top) != top:
        raise UsageError(f"{top} is not the top of a git checkout")
    remote = request.remote if request.push else None
    try:
        where = branch.target(top, request.name, request.base, remote)
        if request.pr and not where.is_branch:
            raise UsageError(f"--pr needs a branch to merge into, and {where.base} is none: give --base")
        with branch.worktree(top, where.start) as folder:
            return _made(request, where, top, folder)
    except (BranchError, GitError) as error:
        raise UsageError(str(error)) from None


def _made(request: BranchRequest, where: Target, top: Path, folder: Path) -> int:
    check = _moved(request.check, where, top, folder)
    prepared = prepare(check)
    with Watch(quiet=False) as watch:
        plan = partial(
            engine.check,
            prepared.repository,
            prepared.paths,
            files=prepared.files,
            fix=True,
            progress=watch,
        )
        report = judged_by(check.engine, plan, prepared.options, watch)
    for problem in report.problems:
        complain(f"{problem.place}: {problem.message}")
    if any(problem.internal for problem in report.problems):
        # What a fix that failed has repaired before must not go from the branch.
        complain(f"{where.name} was left as it is; --ignore FIX does without one")
        return INTERNAL
    program = compose.named(check.engine) if report.plan.changes else None
    refused = refused_before(report, program) if program else {}
    found = branch.existing(top, where)
    made = branch.commit_plan(folder, report.plan, request.squash)
    if made.commits:
        tip, commits, kept = branch.settle(folder, where, found, made)
        stacks = _stacks_after(prepared, report.plan)
        result = FixBranch(where.name, where.base, commits, kept, report, refused, made.local, stacks)
        _publish(request, where, top, tip, result)
    else:
        _write_text(request, "")
        _tell_nothing(where, report)
    return USAGE if report.problems else NOTHING


def _stacks_after(prepared: Prepared, plan: Plan) -> tuple[Stack, ...]:
    """The stacks as the plan leaves them."""
    repository = prepared.repository.with_changes({each.path: each.after for each in plan.changes})
    found = find_stacks(repository, prepared.paths, prepared.options, prepared.files)
    return tuple(found.stacks)


def _moved(request: Request, where: Target, top: Path, folder: Path) -> Request:
    """The request with its paths in another checkout of the same repository."""

    def moved(text: str) -> str:
        inside = relative(text, top)
        if not (folder / inside).exists():
            raise UsageError(f"{text} is not in {where.base}")
        return str(folder / inside)

    paths, files = tuple(map(moved, request.paths)), tuple(map(moved, request.files))
    return request._replace(paths=paths, files=files, root=str(folder))


def _publish(request: BranchRequest, where: Target, top: Path, tip: str, result: FixBranch) -> None:
    remote = request.remote if request.push else None
    if not result.commits:
        # What a request says stays true: people changed dockfix's commits, and the base is the same.
        _write_text(request, "")
        branch.publish(top, where, tip, remote, ())
        _tell(where, tip, result)
        return
    from fixer.render import pull_request

    title, text = pull_request.title(result), pull_request.render(result)
    _write_text(request, text)
    forge = _forge(top, request.remote) if request.pr else None
    options = []
    if isinstance(forge, GitLab):
        options = forge.push_options(where.base, title, text, is_new=where.remote is None)
    said = branch.publish(top, where, tip, remote, options)
    _tell(where, tip, result)
    if request.push:
        print(f"{request.remote} has the branch.")
    try:
        if isinstance(forge, GitHub):
            print(forge.open_or_update(where.name, where.base, title, text))
        elif forge is not None and (url := forge.merge_request(said)):
            print(url)
    except ForgeError as error:
        raise UsageError(str(error)) from None


def _write_text(request: BranchRequest, text: str) -> None:
    """Write the file of `--pr-body`, if it is asked for; empty where there is nothing to propose."""
    if request.pr_body is None:
        return
    try:
        writing.write(Path(request.pr_body), text)
    except OSError as error:
        raise UsageError(f"{request.pr_body} cannot be written: {error.strerror}") from None


def _forge(top: Path, remote: str) -> Forge:
    """Whose pull requests the remote has.

    Raises UsageError where that is nobody's that dockfix knows.
    """
    url = os.fsdecode(git.run(top, "remote", "get-url", "--push", remote) or remote.encode()).strip()
    forge = which(url, os.environ)
    if forge is None:
        raise UsageError(
            f"{remote} is neither GitHub nor GitLab: use --pr-body FILE, and open the pull request"
            " yourself"
        )
    return forge


def _tell_nothing(where: Target, report: Report) -> None:
    can = " that dockfix can read" if report.problems else ""
    print(f"There is nothing{can} to fix on {printable(where.base)}.")
    if where.tip is not None:
        print(f"The branch {where.name} is not needed any more.")
    _tell_left(report)


def _tell(where: Target, tip: str, result: FixBranch) -> None:
    state = "is as it was" if tip == where.tip else "is made anew" if where.tip else "is made"
    commits = dict.fromkeys(each.hash for each in result.commits)
    if commits:
        count = counted(len(commits), "commit")
        print(f"{where.name} {state}: {count} for {printable(where.base)}.")
    else:
        print(f"{where.name} {state}, since dockfix's own commits on it were changed.")
    for each in result.commits:
        print(f"  {each.hash[:9]} {each.step.fix}{' (unsafe)' if each.step.unsafe else ''}")
    for kept in result.kept:
        print(f"  {kept.hash[:9]} {printable(kept.subject)}, kept, by {printable(kept.author)}")
    for path in result.local:
        print(f"Every checkout needs {printable(path)}, which git ignores.")
    _tell_left(result.report)


def _tell_left(report: Report) -> None:
    left = [each for each in report.findings if each.outcome != "fixed"]
    if left:
        print(f"{counted(len(left), 'finding')} left, which dockfix shows.")
