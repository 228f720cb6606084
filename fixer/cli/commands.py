"""The commands beside the check, as typer declares them. One that is added here has its name in
`fixer.cli.COMMANDS` too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from fixer.cli.complaint import complain
from fixer.cli.completion import SHELLS, fix_names, names_and_families, references, run_identifiers
from fixer.cli.layout import HELP, Command, Group
from fixer.cli.options import (
    DO,
    ENGINE,
    FILES,
    IGNORE,
    LOOK,
    OWN_FIXES,
    ROOT,
    SELECT,
    STRATEGY,
    UNSAFE,
)
from fixer.cli.request import Request, UsageError, find_root, locate
from fixer.cli.writers import docs, finish, scaffold

if TYPE_CHECKING:
    from fixer.journal import Journal
    from fixer.registry import Rule

application = typer.Typer(
    cls=Group,
    context_settings=HELP,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


BRANCH = "The branch"


class Branch(Command):
    """Its help has a heading for what is done with the branch."""

    headings = (BRANCH, DO, LOOK)


@application.command(
    "branch", cls=Branch, help="Make a branch with a commit for each fix, beside your own work."
)
def branch(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH", help="Files or folders; the whole checkout by default."),
    ] = None,
    push: Annotated[
        bool, typer.Option("--push", help="Push the branch.", rich_help_panel=BRANCH)
    ] = False,
    pr: Annotated[
        bool,
        typer.Option(
            "--pr",
            help="Open or update a pull request (GitHub) or merge request (GitLab).",
            rich_help_panel=BRANCH,
        ),
    ] = False,
    pr_body: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Write the text of the pull request to a file.", rich_help_panel=BRANCH
        ),
    ] = None,
    squash: Annotated[
        bool, typer.Option("--squash", help="Make one commit of all fixes.", rich_help_panel=BRANCH)
    ] = False,
    base: Annotated[
        str | None,
        typer.Option(
            metavar="REF",
            help="Where the branch starts; at what is checked out by default.",
            rich_help_panel=BRANCH,
            autocompletion=references,
        ),
    ] = None,
    name: Annotated[
        str, typer.Option(metavar="BRANCH", help="The branch's name.", rich_help_panel=BRANCH)
    ] = "dockfix/fixes",
    remote: Annotated[
        str, typer.Option(metavar="NAME", help="Where --push sends it.", rich_help_panel=BRANCH)
    ] = "origin",
    unsafe: Annotated[bool, UNSAFE] = False,
    strategy: Annotated[list[str] | None, STRATEGY] = None,
    engine: Annotated[str, ENGINE] = "auto",
    select: Annotated[list[str] | None, SELECT] = None,
    ignore: Annotated[list[str] | None, IGNORE] = None,
    file: Annotated[list[str] | None, FILES] = None,
    own_fixes: Annotated[bool, OWN_FIXES] = False,
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
    finish(lambda: make_branch(request))


@application.command("undo", cls=Command, help="Take back what was written: by the last run, or by RUN.")
def undo(
    identifier: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN",
            help="Which run, as --list names it; the last one by default.",
            autocompletion=run_identifiers,
        ),
    ] = None,
    list_runs: Annotated[bool, typer.Option("--list", help="Show the runs; take nothing back.")] = False,
    only: Annotated[
        str | None,
        typer.Option(metavar="FIX", help="Take only this fix's changes back.", autocompletion=fix_names),
    ] = None,
    root: Annotated[str | None, ROOT] = None,
) -> None:
    """Take a run back."""
    from fixer.journal import Journal, JournalError

    try:
        journal = Journal(find_root(Request(root=root)))
        if list_runs:
            _list_runs(journal)
            return
        paths = journal.undo(identifier, only)
    except (JournalError, UsageError) as error:
        complain(error)
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


@application.command(
    "explain", cls=Command, help="Say what a fix finds, what it does, and how safe it is."
)
def explain(
    name: Annotated[
        str,
        typer.Argument(
            metavar="FIX",
            help="The name of a fix, as reports and dockfix list have it, or of a family of fixes.",
            autocompletion=names_and_families,
        ),
    ],
    own_fixes: Annotated[bool, OWN_FIXES] = False,
) -> None:
    """Print a fix's documentation."""
    rules = _rules(own_fixes)
    from fixer import registry

    try:
        registry.require([name])
    except registry.UnknownName as error:
        hint = f"{name} is the repository's own: give --own-fixes, which runs code of the repository"
        complain(hint if not own_fixes and _is_own(name) else error)
        raise typer.Exit(2) from None
    for rule in rules:
        if name in (rule.name, rule.family):
            typer.echo(f"# {rule.name}\n")
            typer.echo(f"{rule.family}, {rule.severity.name.lower()}, {rule.safety.value}\n")
            typer.echo(rule.documentation + "\n")


def _is_own(name: str) -> bool:
    """Whether the repository in the current folder has a fix, or a family of fixes, of that name."""
    from fixer import registry

    try:
        locate(Request())
    except UsageError:
        return False
    return registry.is_expected(name)


@application.command(
    "list", cls=Command, help="List all fixes by family, each with its severity and safety."
)
def list_fixes(
    format: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="How to list: text or json.",
            autocompletion=lambda: ["text", "json"],
        ),
    ] = "text",
    own_fixes: Annotated[bool, OWN_FIXES] = False,
) -> None:
    """Print a line for each fix, or all of them as JSON."""
    rules = _rules(own_fixes)
    if format == "json":
        from fixer.render import json

        typer.echo(json.rules(rules), nl=False)
        return
    if format != "text":
        complain(f"--format {format}: give text or json")
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
            complain(error)
            raise typer.Exit(2) from None
    return registry.all_rules()


application.add_typer(scaffold, name="scaffold")
application.add_typer(docs, name="docs")

COMPLETION_HELP = """Print the script that lets a shell complete dockfix's words with the Tab key.

\b
bash:  dockfix completion bash >> ~/.bashrc
zsh:   dockfix completion zsh >> ~/.zshrc
fish:  dockfix completion fish > ~/.config/fish/completions/dockfix.fish

It holds for shells that are started afterwards.
"""


@application.command(
    "completion",
    cls=Command,
    help=COMPLETION_HELP,
    short_help="Print what lets bash, zsh or fish complete dockfix's words.",
)
def completion(
    shell: Annotated[
        str, typer.Argument(metavar="SHELL", help="bash, zsh or fish.", autocompletion=lambda: SHELLS)
    ],
) -> None:
    """Print a shell's script."""
    from fixer.cli.completion import script

    if shell not in SHELLS:
        complain(f"completion {shell}: give bash, zsh or fish")
        raise typer.Exit(2)
    typer.echo(script(shell), nl=False)
