"""`dockfix [PATH ...]`: check, show the patch, or apply it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TextIO

from fixer import baseline, compose, engine, git
from fixer.baseline import BaselineError
from fixer.cli.complaint import complain
from fixer.cli.request import Request, UsageError, find_root, prepare
from fixer.cli.watch import Watch
from fixer.finding import Severity
from fixer.options import Options
from fixer.plan import Plan
from fixer.progress import Progress, untold
from fixer.report import Report
from fixer.wording import counted

NOTHING, FINDINGS, USAGE, INTERNAL = 0, 1, 2, 3

FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit", "markdown")
"""How a report can be written: each but text is a module of `fixer.render`."""


def run(request: Request) -> int:
    """Do what was asked for and give the exit status."""
    try:
        return _run(request)
    except UsageError as error:
        complain(error)
        return USAGE


def _run(request: Request) -> int:
    if request.dry_run and request.apply:
        raise UsageError("--dry-run shows what --apply does; give one of them")
    if request.rotate and not (request.dry_run or request.apply):
        raise UsageError("--rotate goes with --apply or --dry-run")
    if request.format not in FORMATS:
        raise UsageError(f"--format {request.format}: give one of {', '.join(FORMATS)}")
    if request.fail_on.upper() not in Severity.__members__:
        raise UsageError(f"--fail-on {request.fail_on}: give error, warning or note")
    if request.write_baseline and (request.dry_run or request.apply or request.baseline is None):
        raise UsageError("--write-baseline goes with --baseline FILE alone")
    narrowed = [request.paths, request.files, request.select, request.ignore, request.changed_since]
    if request.write_baseline and any(narrowed):
        raise UsageError(
            "--write-baseline accepts what every fix finds everywhere: leave out paths, -f, --select,"
            " --ignore and --changed-since"
        )
    if request.quiet and request.verbose:
        raise UsageError("--quiet says less and --verbose more; give one of them")
    repository, paths, files, options, settings = prepare(request)
    fix = request.dry_run or request.apply
    with Watch(request.quiet) as watch:
        check = partial(engine.check, repository, paths, files=files, fix=fix, progress=watch)
        report = judged_by(request.engine, check, options, watch)
    report = report._replace(since=request.changed_since or "")
    if request.verbose:
        from fixer.cli.verbose import account

        for line in account(report, settings, request.engine, watch.spent):
            print(line, file=sys.stderr)
    if request.baseline is not None and request.write_baseline:
        return _write_baseline(report, request, repository.root, request.baseline)
    if request.apply:
        return _apply(report, request)
    if request.dry_run:
        report = report._replace(is_written=False)
        show_patch(report.plan, repository.root)
    _print(report, request, to_error=request.dry_run)
    return _status(report, request, left_only=False)


def _write_baseline(report: Report, request: Request, root: Path, path: str) -> int:
    from fixer.render.terminal import printable

    try:
        count = baseline.write(Path(path), root, report.findings)
    except BaselineError as error:
        raise UsageError(str(error)) from None
    print(f"{printable(path)} accepts {counted(count, 'finding')}.")
    for each in report.problems:
        print(printable(f"{each.place}: {each.message}"), file=sys.stderr)
    return _status(report._replace(findings=()), request, left_only=False)


def _apply(report: Report, request: Request) -> int:
    identifier = None
    if report.plan.changes:
        from fixer.journal import Journal, JournalError

        try:
            identifier = Journal(Path(report.plan.root)).apply(report.plan)
        except JournalError as error:
            complain(error)
            return INTERNAL
    _print(report, request, to_error=False)
    if identifier is not None and request.format == "text" and not request.quiet:
        tell(report.plan, identifier)
    return _status(report, request, left_only=True)


def tell(plan: Plan, identifier: str) -> None:
    """Say what was done to which file by which fix, and how to take it back."""
    from shlex import quote

    from fixer.render.terminal import printable, shown

    for change in plan.changes:
        verb = "created" if change.before is None else "removed" if change.after is None else "changed"
        fixes = dict.fromkeys(
            step.fix for step in plan.steps if change.path in {each.path for each in step.changes}
        )
        print(f"{verb} {shown(plan.root, change.path)} ({', '.join(fixes)})")
    elsewhere = "" if str(find_root(Request())) == plan.root else f" --root {quote(plan.root)}"
    print(f"Take it back with: dockfix undo {identifier}{printable(elsewhere)}")


def judged_by(
    name: str, check: Callable[[Options], Report], options: Options, progress: Progress = untold
) -> Report:
    """Give the result of a check whose plan, if it has one, the Compose of `--engine` has judged.

    Raises UsageError where that Compose cannot be run.
    """
    report = check(options)
    program = compose.named(name) if report.plan.changes else None
    if program is None:
        return report
    from fixer.judging import judged

    try:
        return judged(report, program, check, options, progress)
    except OSError as error:
        raise UsageError(f"--engine {program} cannot be run: {error.strerror}") from None


def _status(report: Report, request: Request, left_only: bool) -> int:
    if any(problem.internal for problem in report.problems):
        return INTERNAL
    if report.problems:
        return USAGE
    least = Severity[request.fail_on.upper()]
    findings = [
        each
        for each in report.findings
        if each.severity >= least and not (left_only and each.outcome == "fixed")
    ]
    return FINDINGS if findings or report.refused else NOTHING


def show_patch(plan: Plan, root: Path) -> None:
    """Print a plan as a patch, and to the error stream what `git apply` needs to be told."""
    from fixer import patch
    from fixer.render.terminal import printable

    data = patch.render(plan)
    # Forced colour is for people who read a log; a patch in a pipe is for git.
    if sys.stdout.isatty() and use_colour(sys.stdout):
        from fixer.render.terminal import coloured_patch

        data = coloured_patch(data)
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    if hint := _where_to_apply(plan, root):
        print(printable(hint), file=sys.stderr)
    if private := patch.owners_alone(plan):
        from shlex import quote

        names = " ".join(quote(path) for path in private)
        hint = f"git apply makes files that everyone may read; afterwards: chmod go= {names}"
        print(printable(hint), file=sys.stderr)


def _where_to_apply(plan: Plan, root: Path) -> str:
    """Say how to apply a patch that `git apply`, run here, would pass over; in a checkout it does
    so without a word."""
    top = git.top_level(root)
    if top is not None and top != root:
        from shlex import quote

        folder = root.relative_to(top).as_posix()
        return (
            f"The patch's paths start at {root}:"
            f" apply it with git -C {quote(str(top))} apply --directory={quote(folder)}"
        )
    here = os.path.relpath(Path.cwd(), root)
    if here == "." or (top and all(change.path.startswith(f"{here}/") for change in plan.changes)):
        return ""
    return f"The patch's paths start at {root}: run git apply there."


def _print(report: Report, request: Request, to_error: bool) -> None:
    stream = sys.stderr if to_error else sys.stdout
    if request.format == "text":
        from fixer.render import terminal

        render = terminal.brief if request.quiet else terminal.render
        stream.write(render(report, use_colour(stream)))
        return
    from importlib import import_module

    stream.write(import_module(f"fixer.render.{request.format}").render(report))


def use_colour(stream: TextIO) -> bool:
    """Say whether colour is wanted on a stream: by its being a terminal, or by the variables that
    programs agree on."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"
