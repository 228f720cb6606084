"""The commands and their options, as typer declares them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from fixer.cli import COMMANDS
from fixer.cli.check import run
from fixer.cli.request import Request, UsageError, find_root, locate

if TYPE_CHECKING:
    from fixer.journal import Journal
    from fixer.registry import Rule
    from fixer.scaffold.files import Files
    from fixer.stack import Stack

CHECK_HELP = """Find what breaks or exposes a Docker stack, and repair it.

Without an option dockfix only reports. --dry-run prints the patch, --apply writes it, and
`dockfix undo` takes it back.
"""

EPILOG = """Commands: dockfix undo takes a run back, dockfix explain FIX says what a fix does and why,
dockfix list names them all, dockfix docs secrets writes a page on the stacks' secrets, dockfix scaffold
writes what a stack lacks. Each has a --help of its own."""

checker = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
"""The check, which has no name: whatever is no command is a path."""

application = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@checker.command(help=CHECK_HELP, epilog=EPILOG)
def check(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH", help="Files or folders; the current folder by default."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the patch.")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Write the changes.")] = False,
    unsafe: Annotated[
        bool, typer.Option("--unsafe", help="Also what changes how running containers behave.")
    ] = False,
    select: Annotated[
        list[str] | None,
        typer.Option(metavar="NAMES", help="Only these fixes or families, separated by commas."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="NAMES", help="Not these fixes or families.")
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option("-f", "--file", metavar="FILE", help="A Compose file; repeat as for Compose."),
    ] = None,
    root: Annotated[
        str | None, typer.Option(metavar="DIR", help="The repository, where it is no git checkout.")
    ] = None,
    format: Annotated[
        str,
        typer.Option(
            metavar="FORMAT",
            help="How to report: text, json, sarif, github, gitlab, junit or markdown.",
        ),
    ] = "text",
    strategy: Annotated[
        list[str] | None,
        typer.Option(metavar="FIX=NAME", help="Which way a fix or family takes; see dockfix explain."),
    ] = None,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Give the secrets that are moved new values.")
    ] = False,
    engine: Annotated[
        str,
        typer.Option(metavar="auto|never|PATH", help="The Compose that --apply asks to judge."),
    ] = "auto",
    changed_since: Annotated[
        str | None,
        typer.Option(metavar="REF", help="Only the stacks that changes since a commit or branch touch."),
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(metavar="FILE", help="Leave out the findings that a file accepts.")
    ] = None,
    write_baseline: Annotated[
        bool, typer.Option("--write-baseline", help="Write that file: accept what is found now.")
    ] = False,
    fail_on: Annotated[
        str,
        typer.Option(metavar="error|warning|note", help="From which severity on findings make exit 1."),
    ] = "note",
    own_fixes: Annotated[
        bool, typer.Option("--own-fixes", help="Run the repository's own fixes, which are its code.")
    ] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Check, and show or apply the patch."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"dockfix {installed('dockfix')}")
        raise typer.Exit(0)
    request = Request(
        paths=tuple(paths or ()),
        dry_run=dry_run,
        apply=apply,
        unsafe=unsafe,
        select=tuple(select or ()),
        ignore=tuple(ignore or ()),
        files=tuple(file or ()),
        root=root,
        format=format,
        strategies=tuple(strategy or ()),
        engine=engine,
        rotate=rotate,
        changed_since=changed_since,
        baseline=baseline,
        write_baseline=write_baseline,
        fail_on=fail_on,
        own_fixes=own_fixes,
    )
    raise typer.Exit(run(request))


@application.command(
    "branch", help="Make the fix branch: a commit for each fix, beside your working tree."
)
def branch(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH", help="Files or folders; the whole checkout by default."),
    ] = None,
    base: Annotated[
        str | None, typer.Option(metavar="REF", help="Start here; what is checked out by default.")
    ] = None,
    name: Annotated[str, typer.Option(metavar="BRANCH", help="The branch's name.")] = "dockfix/fixes",
    squash: Annotated[bool, typer.Option("--squash", help="One commit for all fixes.")] = False,
    unsafe: Annotated[
        bool, typer.Option("--unsafe", help="Also what changes how running containers behave.")
    ] = False,
    select: Annotated[
        list[str] | None,
        typer.Option(metavar="NAMES", help="Only these fixes or families, separated by commas."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="NAMES", help="Not these fixes or families.")
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option("-f", "--file", metavar="FILE", help="A Compose file; repeat as for Compose."),
    ] = None,
    strategy: Annotated[
        list[str] | None,
        typer.Option(metavar="FIX=NAME", help="Which way a fix or family takes; see dockfix explain."),
    ] = None,
    engine: Annotated[
        str, typer.Option(metavar="auto|never|PATH", help="The Compose that is asked to judge.")
    ] = "auto",
    own_fixes: Annotated[
        bool, typer.Option("--own-fixes", help="Run the repository's own fixes, which are its code.")
    ] = False,
    push: Annotated[bool, typer.Option("--push", help="Push the branch.")] = False,
    remote: Annotated[str, typer.Option(metavar="NAME", help="Where to push it.")] = "origin",
    pr: Annotated[
        bool, typer.Option("--pr", help="Open or update a pull request (GitHub) or merge request.")
    ] = False,
    pr_body: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the pull request's text there.")
    ] = None,
) -> None:
    """Make or update the fix branch."""
    from fixer.cli.branch import BranchRequest, make_branch

    check = Request(
        paths=tuple(paths or ()),
        unsafe=unsafe,
        select=tuple(select or ()),
        ignore=tuple(ignore or ()),
        files=tuple(file or ()),
        strategies=tuple(strategy or ()),
        engine=engine,
        own_fixes=own_fixes,
    )
    request = BranchRequest(check, name, base, squash, push, remote, pr, pr_body)
    _finish(lambda _: make_branch(request), check)


@application.command("undo", help="Take an applied run back: the last one, or the one named.")
def undo(
    identifier: Annotated[str | None, typer.Argument(metavar="RUN", help="As --list shows it.")] = None,
    list_runs: Annotated[bool, typer.Option("--list", help="Show the runs.")] = False,
    only: Annotated[
        str | None, typer.Option(metavar="FIX", help="Take only this fix's changes back.")
    ] = None,
    root: Annotated[
        str | None, typer.Option(metavar="DIR", help="The repository, where it is no git checkout.")
    ] = None,
) -> None:
    """Take a run back."""
    from fixer.journal import Journal, JournalError

    try:
        journal = Journal(find_root(Request(root=root)))
        if list_runs:
            _list_runs(journal)
            return
        paths = journal.undo(identifier, only)
    except JournalError as error:
        typer.echo(f"dockfix: {error}", err=True)
        raise typer.Exit(2) from None
    from fixer.render.terminal import shown

    for path in paths:
        typer.echo(f"taken back: {shown(str(journal.root), path)}")


def _list_runs(journal: Journal) -> None:
    import time

    runs = journal.runs()
    if not runs:
        typer.echo("There are no runs.")
    for each in runs:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(each.time))
        fixes = ", ".join(dict.fromkeys(step.fix for step in each.plan.steps))
        count = len(each.plan.changes)
        typer.echo(f"{each.identifier}  {when}  {each.state}  {count} files  {fixes}")


OWN_FIXES = typer.Option("--own-fixes", help="Also the repository's own, which runs its code.")


@application.command("explain", help="Say what a fix finds, does, and why that is safe or not.")
def explain(
    name: Annotated[str, typer.Argument(metavar="FIX")], own_fixes: Annotated[bool, OWN_FIXES] = False
) -> None:
    """Print a fix's documentation."""
    rules = _rules(own_fixes)
    from fixer import registry

    try:
        registry.require([name])
    except registry.UnknownName as error:
        typer.echo(f"dockfix: {error}", err=True)
        raise typer.Exit(2) from None
    for rule in rules:
        if name in (rule.name, rule.family):
            typer.echo(f"# {rule.name}\n")
            typer.echo(f"{rule.family}, {rule.severity.name.lower()}, {rule.safety.value}\n")
            typer.echo(rule.documentation + "\n")


@application.command("list", help="List all fixes.")
def list_fixes(
    format: Annotated[str, typer.Option(metavar="text|json", help="How to list.")] = "text",
    own_fixes: Annotated[bool, OWN_FIXES] = False,
) -> None:
    """Print a line for each fix, or all of them as JSON."""
    rules = _rules(own_fixes)
    if format == "json":
        from fixer.render import json

        typer.echo(json.rules(rules), nl=False)
        return
    if format != "text":
        typer.echo(f"dockfix: --format {format}: give text or json", err=True)
        raise typer.Exit(2)
    width = max(len(rule.name) for rule in rules)
    family = ""
    for rule in rules:
        if rule.family != family:
            family = rule.family
            typer.echo(f"{family}:")
        kind = f"{rule.severity.name.lower()}, {rule.safety.value}"
        typer.echo(f"  {rule.name:<{width}}  {kind:<16}  {rule.fix.summary}")


def _rules(own_fixes: bool) -> tuple[Rule, ...]:
    """All fixes, with `own_fixes` those of the repository in the current folder too."""
    from fixer import registry

    if own_fixes:
        try:
            locate(Request(own_fixes=True))
        except UsageError as error:
            typer.echo(f"dockfix: {error}", err=True)
            raise typer.Exit(2) from None
    return registry.all_rules()


writer = typer.Typer(help="Write documentation for the repository.")
application.add_typer(writer, name="docs")


@writer.callback()
def docs() -> None:
    """Write documentation for the repository."""


@writer.command(
    "secrets",
    help="Write docs/secrets.md: which secrets the stacks read, where each lives, how to create and"
    " change it. No value stands there.",
)
def docs_secrets(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH", help="Files or folders; the current folder by default."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the patch.")] = False,
    root: Annotated[
        str | None, typer.Option(metavar="DIR", help="The repository, where it is no git checkout.")
    ] = None,
) -> None:
    """Write the page on secrets."""
    from fixer.cli.docs import write_secrets_page

    _finish(write_secrets_page, Request(tuple(paths or ()), dry_run=dry_run, root=root))


scaffolder = typer.Typer(help="Write what a stack lacks. Nothing that exists is changed.")
application.add_typer(scaffolder, name="scaffold")

PATHS = typer.Argument(metavar="PATH", help="The stack's folder; the current one by default.")
FILES = typer.Option("-f", "--file", metavar="FILE", help="A Compose file; repeat as for Compose.")
DRY_RUN = typer.Option("--dry-run", help="Print the patch.")
ROOT = typer.Option(metavar="DIR", help="The repository, where it is no git checkout.")


@scaffolder.callback()
def scaffold() -> None:
    """Write what a stack lacks."""


@scaffolder.command("dockerfile", help="A Dockerfile and a .dockerignore for a folder of sources.")
def scaffold_dockerfile(
    path: Annotated[str, typer.Argument(metavar="PATH", help="The folder that is built.")] = ".",
    dry_run: Annotated[bool, DRY_RUN] = False,
    root: Annotated[str | None, ROOT] = None,
) -> None:
    """Write a Dockerfile."""
    from fixer.cli.scaffold import write_dockerfile

    _finish(write_dockerfile, Request((path,), dry_run=dry_run, root=root))


@scaffolder.command("ci", help="Scans of images, Dockerfiles, secrets: GitHub or GitLab.")
def scaffold_ci(
    paths: Annotated[list[str] | None, PATHS] = None,
    file: Annotated[list[str] | None, FILES] = None,
    dry_run: Annotated[bool, DRY_RUN] = False,
    root: Annotated[str | None, ROOT] = None,
) -> None:
    """Write what continuous integration needs."""
    from fixer.scaffold import ci

    _scaffold("ci", ci.files, paths, file, dry_run, root)


@scaffolder.command("monitoring", help="Exporters, Prometheus, Grafana and Loki as one more file.")
def scaffold_monitoring(
    paths: Annotated[list[str] | None, PATHS] = None,
    file: Annotated[list[str] | None, FILES] = None,
    dry_run: Annotated[bool, DRY_RUN] = False,
    root: Annotated[str | None, ROOT] = None,
) -> None:
    """Write a monitoring stack."""
    from fixer.scaffold import monitoring

    _scaffold("monitoring", monitoring.files, paths, file, dry_run, root)


@scaffolder.command("backup", help="Scheduled dumps of the stack's databases, as one more file.")
def scaffold_backup(
    paths: Annotated[list[str] | None, PATHS] = None,
    file: Annotated[list[str] | None, FILES] = None,
    dry_run: Annotated[bool, DRY_RUN] = False,
    root: Annotated[str | None, ROOT] = None,
) -> None:
    """Write what backs up the databases."""
    from fixer.scaffold import backup

    _scaffold("backup", backup.files, paths, file, dry_run, root)


@scaffolder.command("docs", help="A runbook and what to do in trouble, written from the stack.")
def scaffold_docs(
    paths: Annotated[list[str] | None, PATHS] = None,
    file: Annotated[list[str] | None, FILES] = None,
    dry_run: Annotated[bool, DRY_RUN] = False,
    root: Annotated[str | None, ROOT] = None,
) -> None:
    """Write the pages for whoever runs the stack."""
    from fixer.scaffold import runbook

    _scaffold("docs", runbook.files, paths, file, dry_run, root)


def _scaffold(
    name: str,
    files: Callable[[Stack], Files],
    paths: list[str] | None,
    file: list[str] | None,
    dry_run: bool,
    root: str | None,
) -> None:
    from fixer.cli.scaffold import write_scaffold

    request = Request(tuple(paths or ()), files=tuple(file or ()), dry_run=dry_run, root=root)
    _finish(lambda each: write_scaffold(each, f"scaffold-{name}", files), request)


def _finish(run: Callable[[Request], int], request: Request) -> None:
    """Exit with a command's status; a usage error says what is wrong."""
    try:
        status = run(request)
    except UsageError as error:
        typer.echo(f"dockfix: {error}", err=True)
        raise typer.Exit(2) from None
    raise typer.Exit(status)


def run_typer(arguments: list[str]) -> int:
    """Run a command by its arguments; what names none is a check. Gives the exit status."""
    is_command = arguments[:1] in [[command] for command in COMMANDS]
    chosen = application if is_command else checker
    try:
        result = chosen(arguments, prog_name="dockfix", standalone_mode=False)
    except typer.Exit as error:
        return error.exit_code
    except Exception as error:
        # typer's own usage errors know how to show themselves; what else fails is a bug.
        show = getattr(error, "format_message", None)
        if show is None:
            raise
        print(f"dockfix: {show()} (see dockfix --help)", file=sys.stderr)
        return 2
    return result if isinstance(result, int) else 0
