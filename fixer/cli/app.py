"""The check and its options, as typer declares them, and what runs a command by its arguments."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from fixer.cli import COMMANDS, version_line
from fixer.cli.check import FORMATS, run
from fixer.cli.commands import application
from fixer.cli.complaint import complain
from fixer.cli.completion import references
from fixer.cli.layout import HELP, Command
from fixer.cli.options import (
    DO,
    DRY_RUN,
    ENGINE,
    FILES,
    IGNORE,
    LOOK,
    OWN_FIXES,
    PATHS,
    REPORT,
    ROOT,
    SELECT,
    STRATEGY,
    UNSAFE,
)
from fixer.cli.request import Request
from fixer.finding import Severity
from fixer.spelling import nearest

CHECK_HELP = """Find what keeps a Docker Compose stack from starting, or makes it unsafe, and repair it.

\b
dockfix              say what is wrong, and where
dockfix --dry-run    show the changes that would repair it
dockfix --apply      make them
dockfix undo         take them back
"""


EPILOG = """Exit status: 0 all is well, 1 something was found, 2 wrong usage or a file that cannot be
read, 3 an error of dockfix."""


class Check(Command):
    """The check's help lists the commands too, which belong to another typer application."""

    headings = (DO, LOOK, REPORT)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the options, then the commands."""
        super().format_options(ctx, formatter)
        group: Any = typer.main.get_command(application)
        with formatter.section("Commands (dockfix COMMAND --help says more)"):
            formatter.write_dl(
                [(name, group.commands[name].get_short_help_str(64)) for name in COMMANDS]
            )


checker = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
"""The check, which has no name: whatever is no command is a path."""


@checker.command(cls=Check, context_settings=HELP, help=CHECK_HELP, epilog=EPILOG)
def check(
    paths: Annotated[list[str] | None, PATHS] = None,
    dry_run: Annotated[bool, DRY_RUN] = False,
    apply: Annotated[
        bool,
        typer.Option(
            "--apply",
            help="Write the changes to the files. Compose judges them before, where it is installed.",
            rich_help_panel=DO,
        ),
    ] = False,
    unsafe: Annotated[bool, UNSAFE] = False,
    rotate: Annotated[
        bool,
        typer.Option(
            "--rotate",
            help="Give the passwords and keys that are moved out of files new values.",
            rich_help_panel=DO,
        ),
    ] = False,
    strategy: Annotated[list[str] | None, STRATEGY] = None,
    engine: Annotated[str, ENGINE] = "auto",
    select: Annotated[list[str] | None, SELECT] = None,
    ignore: Annotated[list[str] | None, IGNORE] = None,
    file: Annotated[list[str] | None, FILES] = None,
    changed_since: Annotated[
        str | None,
        typer.Option(
            metavar="REF",
            help="Only the stacks that were changed since a commit, tag or branch of git.",
            rich_help_panel=LOOK,
            autocompletion=references,
        ),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Leave out the findings that a file accepts as they are.",
            rich_help_panel=LOOK,
        ),
    ] = None,
    write_baseline: Annotated[
        bool,
        typer.Option(
            "--write-baseline",
            help="Write that file: accept what is found today.",
            rich_help_panel=LOOK,
        ),
    ] = False,
    root: Annotated[str | None, ROOT] = None,
    own_fixes: Annotated[bool, OWN_FIXES] = False,
    format: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help=f"How to report: {', '.join(FORMATS)}.",
            rich_help_panel=REPORT,
            autocompletion=lambda: list(FORMATS),
        ),
    ] = "text",
    fail_on: Annotated[
        str,
        typer.Option(
            metavar="SEVERITY",
            help="From which severity on findings make the exit status 1: error, warning or note.",
            rich_help_panel=REPORT,
            autocompletion=lambda: [each.name.lower() for each in Severity],
        ),
    ] = "note",
    quiet: Annotated[
        bool,
        typer.Option(
            "-q",
            "--quiet",
            help="Only what is left to do, a line each; nothing where all is well.",
            rich_help_panel=REPORT,
        ),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "-v",
            "--verbose",
            help="Also what was looked at, and how long it took.",
            rich_help_panel=REPORT,
        ),
    ] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Check, and show or apply the patch."""
    if version:
        typer.echo(version_line())
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
        quiet=quiet,
        verbose=verbose,
    )
    raise typer.Exit(run(request))


def run_typer(arguments: list[str]) -> int:
    """Run a command by its arguments; what names none is a check. Gives the exit status."""
    chosen = application if arguments[:1] and arguments[0] in COMMANDS else checker
    try:
        result = chosen(arguments, prog_name="dockfix", standalone_mode=False)
    except typer.Exit as error:
        return error.exit_code
    except Exception as error:
        # typer's own usage errors know how to show themselves; what else fails is a bug.
        if not hasattr(error, "format_message"):
            raise
        complain(_objection(error))
        return 2
    return result if isinstance(result, int) else 0


def _objection(error: Any) -> str:
    """What typer objects to, in a line, with the option that may have been meant."""
    context = getattr(error, "ctx", None)
    help = f"{context.command_path} --help" if context else "dockfix --help"
    if context and hasattr(error, "possibilities"):
        known = ["--help", *(name for each in context.command.params for name in each.opts)]
        near = nearest(error.option_name, known)
        hint = f"; did you mean {near}?" if near else f" (see {help})"
        return f"there is no option {error.option_name}{hint}"
    return f"{' '.join(error.format_message().split())} (see {help})"


def complete() -> None:
    """Answer a shell that asks for what may stand at the cursor."""
    from typer.completion import completion_init  # type: ignore[attr-defined]

    completion_init()
    # bash gives the words in lines, the others as they were typed.
    text = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS", "")
    words = text.split()[1:]
    first = next(iter(words), "")
    is_being_typed = not words or (len(words) == 1 and not text[-1].isspace())
    is_command = first in COMMANDS or (is_being_typed and not first.startswith("-"))
    (application if is_command else checker)([], prog_name="dockfix")
