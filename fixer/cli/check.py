"""`dockfix [PATH ...]`: check, show the patch, or apply it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from fixer import engine, git, registry
from fixer.engine import Options
from fixer.plan import Plan
from fixer.report import Report
from fixer.stack import Repository

NOTHING, FINDINGS, USAGE, INTERNAL = 0, 1, 2, 3


class UsageError(Exception):
    """What the user asked for makes no sense; the message says what to do instead."""


class Request(NamedTuple):
    """What a user asked for on the command line; paths as they were given."""

    paths: tuple[str, ...] = ()
    dry_run: bool = False
    apply: bool = False
    unsafe: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    root: str | None = None
    format: str = "text"
    strategies: tuple[str, ...] = ()
    engine: str = "auto"
    rotate: bool = False


def run(request: Request) -> int:
    """Do what was asked for and give the exit status."""
    try:
        return _run(request)
    except UsageError as error:
        print(f"dockfix: {error}", file=sys.stderr)
        return USAGE


def _run(request: Request) -> int:
    if request.dry_run and request.apply:
        raise UsageError("--dry-run shows what --apply does; give one of them")
    if request.rotate and not (request.dry_run or request.apply):
        raise UsageError("--rotate goes with --apply or --dry-run")
    options = _options(request)
    root = find_root(request)
    repository = Repository(root)
    paths = [relative(path, root) for path in request.paths]
    files = [relative(path, root) for path in request.files]
    fix = request.dry_run or request.apply
    report = _judged(
        request.engine, partial(engine.check, repository, paths, files=files, fix=fix), options
    )
    if request.apply:
        return _apply(report, request)
    if request.dry_run:
        show_patch(report.plan, root)
    _print(report, request, to_error=request.dry_run)
    return _status(report, left_only=False)


def _apply(report: Report, request: Request) -> int:
    identifier = None
    if report.plan.changes:
        from fixer.journal import Journal, JournalError

        try:
            identifier = Journal(Path(report.plan.root)).apply(report.plan)
        except JournalError as error:
            print(f"dockfix: {error}", file=sys.stderr)
            return INTERNAL
    _print(report, request, to_error=False)
    if identifier is not None and request.format == "text":
        tell(report.plan, identifier)
    return _status(report, left_only=True)


def tell(plan: Plan, identifier: str) -> None:
    """Say what was done to which file by which fix, and how to take it back."""
    from shlex import quote

    from fixer.render.terminal import shown

    for change in plan.changes:
        verb = "created" if change.before is None else "removed" if change.after is None else "changed"
        fixes = dict.fromkeys(
            step.fix for step in plan.steps if change.path in {each.path for each in step.changes}
        )
        print(f"{verb} {shown(plan.root, change.path)} ({', '.join(fixes)})")
    elsewhere = "" if str(find_root(Request())) == plan.root else f" --root {quote(plan.root)}"
    print(f"Take it back with: dockfix undo {identifier}{elsewhere}")


def _judged(name: str, check: Callable[[Options], Report], options: Options) -> Report:
    """The result of a check whose plan, if it has one, the Compose that `--engine` names has judged."""
    report = check(options)
    if not report.plan.changes or name == "never":
        return report
    from fixer import compose
    from fixer.judging import judged

    program = compose.find() if name == "auto" else name
    if program is None:
        return report
    try:
        return judged(report, program, check, options)
    except OSError as error:
        raise UsageError(f"--engine {program} cannot be run: {error.strerror}") from None


def _status(report: Report, left_only: bool) -> int:
    if any(problem.internal for problem in report.problems):
        return INTERNAL
    if report.problems:
        return USAGE
    findings = [each for each in report.findings if not left_only or each.outcome != "fixed"]
    return FINDINGS if findings or report.refused else NOTHING


def show_patch(plan: Plan, root: Path) -> None:
    """Print a plan as a patch, and to the error stream what `git apply` needs to be told."""
    from fixer import patch

    data = patch.render(plan)
    if use_colour(sys.stdout):
        from fixer.render.terminal import coloured_patch

        data = coloured_patch(data)
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    if hint := _where_to_apply(plan, root):
        print(hint, file=sys.stderr)
    if private := patch.owners_alone(plan):
        from shlex import quote

        names = " ".join(quote(path) for path in private)
        hint = f"git apply makes files that everyone may read; afterwards: chmod go= {names}"
        print(hint, file=sys.stderr)


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
    if request.format == "json":
        from fixer.render import json

        stream.write(json.render(report))
        return
    from fixer.render import terminal

    stream.write(terminal.render(report, use_colour(stream)))


def use_colour(stream: object) -> bool:
    """Say whether a stream is a terminal that wants colour."""
    is_terminal = getattr(stream, "isatty", lambda: False)()
    return bool(is_terminal) and not os.environ.get("NO_COLOR")


def _options(request: Request) -> Options:
    if request.format not in ("text", "json"):
        raise UsageError(f"--format {request.format}: give text or json")
    select, ignore = _names(request.select), _names(request.ignore)
    for name, near in registry.unknown([*select, *ignore]).items():
        hint = f"; did you mean {near}?" if near else " (dockfix list shows them)"
        raise UsageError(f"there is no fix or family {name}{hint}")
    strategies = {name: way for text in request.strategies for name, way in _strategies(text)}
    return Options(request.unsafe, select, ignore, strategies, request.rotate)


def _strategies(text: str) -> Iterator[tuple[str, str]]:
    """The fixes that a `--strategy` is for, with the way; a family's name stands for those of its
    fixes that know it."""
    name, equals, way = text.partition("=")
    if not equals:
        raise UsageError(f"--strategy {text}: give FIX=STRATEGY")
    for unknown in registry.unknown([name]):
        raise UsageError(f"--strategy {text}: there is no fix {unknown}")
    rules = registry.selected([name], [])
    able = [rule for rule in rules if way in rule.fix.strategies]
    if not able:
        known = ", ".join(dict.fromkeys(each for rule in rules for each in rule.fix.strategies))
        raise UsageError(f"--strategy {text}: {name} knows {known or 'no strategies'}")
    yield from ((rule.name, way) for rule in able)


def _names(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.strip() for value in values for name in value.split(",") if name.strip())


def find_root(request: Request) -> Path:
    """Give the folder that nothing outside of is read or written: `--root`, else the top of the
    checkout, else the folder itself."""
    for text in (*request.paths, *request.files):
        if not os.path.exists(text):
            raise UsageError(f"{text} does not exist")
    if request.root is not None:
        if not Path(request.root).is_dir():
            raise UsageError(f"--root {request.root} is not a folder")
        return Path(request.root).resolve()
    first = next(iter((*request.paths, *request.files)), ".")
    start = Path(first).resolve()
    folder = start if start.is_dir() else start.parent
    return git.top_level(folder) or folder


def relative(text: str, root: Path) -> str:
    """Give a path of the command line relative to the root; the root itself is the empty string."""
    path = Path(os.path.abspath(text))
    real = path.parent.resolve() / path.name
    if path.is_dir() or not real.is_relative_to(root):
        real = path.resolve()
    if not real.is_relative_to(root):
        raise UsageError(f"{text} lies outside {root}; name a common folder with --root")
    inside = real.relative_to(root).as_posix()
    return "" if inside == "." else inside
