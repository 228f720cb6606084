"""The command line. Importing typer takes longer than a check, so a plain check goes without it."""

from __future__ import annotations

import gc
import io
import os
import sys

COMMANDS = ("branch", "undo", "explain", "list", "docs", "scaffold")


def main() -> None:
    """Run dockfix with the process's arguments and exit with its status."""
    arguments = sys.argv[1:]
    # What a check of some files makes lives until its end: looking for garbage more often than this
    # only takes time.
    gc.set_threshold(50_000)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name that the terminal's encoding lacks is no reason to say nothing at all.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        is_plain = not any(each.startswith("-") for each in arguments)
        if is_plain and arguments[:1] not in [[command] for command in COMMANDS]:
            from fixer.cli.check import run
            from fixer.cli.request import Request

            status = run(Request(paths=tuple(arguments)))
        else:
            from fixer.cli.app import run_typer

            status = run_typer(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:
        # The reader has gone; Python must not complain of it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 141
    except Exception as error:
        if os.environ.get("DOCKFIX_DEBUG"):
            raise
        print(
            f"dockfix: internal error ({type(error).__name__}). Please report it with the output of"
            " DOCKFIX_DEBUG=1 dockfix ...",
            file=sys.stderr,
        )
        status = 3
    sys.exit(status)
