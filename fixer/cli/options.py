"""The options and arguments that several commands share."""

from __future__ import annotations

import typer

from fixer.cli.completion import listed_names, strategies

DO, LOOK, REPORT = "What to do", "What to look at", "What to report"
"""Headings for options."""

PATHS = typer.Argument(metavar="PATH", help="Files or folders; the current folder by default.")
STACK = typer.Argument(metavar="PATH", help="The stack's folder; the current one by default.")
DRY_RUN = typer.Option(
    "--dry-run", help="Print the changes as a patch; write nothing.", rich_help_panel=DO
)
UNSAFE = typer.Option(
    "--unsafe",
    help="Also make changes after which running containers behave differently.",
    rich_help_panel=DO,
)
STRATEGY = typer.Option(
    metavar="FIX=WAY",
    help="Which of several ways a fix takes; dockfix explain FIX names them.",
    rich_help_panel=DO,
    autocompletion=strategies,
)
ENGINE = typer.Option(
    metavar="PATH",
    help="The docker-compose that judges the changes: a path, auto (what is installed) or never.",
    rich_help_panel=DO,
    autocompletion=lambda: ["auto", "never"],
)
SELECT = typer.Option(
    metavar="NAMES",
    help="Only these fixes or families of fixes, separated by commas; dockfix list has them.",
    rich_help_panel=LOOK,
    autocompletion=listed_names,
)
IGNORE = typer.Option(
    metavar="NAMES",
    help="Not these fixes or families.",
    rich_help_panel=LOOK,
    autocompletion=listed_names,
)
FILES = typer.Option(
    "-f",
    "--file",
    metavar="FILE",
    help="A Compose file; repeat it for an override, as for docker compose.",
    rich_help_panel=LOOK,
)
ROOT = typer.Option(
    metavar="DIR",
    help="The repository's folder, where it is no git checkout. Nothing outside is read or written.",
    rich_help_panel=LOOK,
)
OWN_FIXES = typer.Option(
    "--own-fixes",
    help="Run the fixes of its own that the repository's settings name. They are code of the repository:"
    " use it only where you trust that.",
    rich_help_panel=LOOK,
)
