"""The command line. Importing typer takes longer than a check, so the everyday ones go without it."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fixer.cli.request import Request

COMMANDS = ("undo", "branch", "explain", "list", "scaffold", "docs", "completion")

FLAGS = {
    "--dry-run": "dry_run",
    "--apply": "apply",
    "--unsafe": "unsafe",
    "--quiet": "quiet",
    "-q": "quiet",
    "--verbose": "verbose",
    "-v": "verbose",
}
"""The options of everyday use, with what they are in a request."""


def main() -> None:
    """Run dockfix with the process's arguments and exit with its status."""
    arguments = sys.argv[1:]
    # What a check of some files makes lives until its end: looking for garbage more often than this
    # only takes time.
    gc.set_threshold(50_000)
    # A cursor that is hidden, a temporary folder: what is to be cleaned up is, as after Ctrl-C.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _terminate)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name that the terminal's encoding lacks is no reason to say nothing at all.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status = _run(arguments)
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


def _terminate(number: int, frame: object) -> None:
    sys.exit(128 + number)


def _run(arguments: list[str]) -> int:
    if "_DOCKFIX_COMPLETE" in os.environ:  # A shell asks; typer names the variable after the program.
        from fixer.cli.app import complete

        complete()
    if arguments == ["--version"]:
        print(version_line())
        return 0
    request = None if arguments and arguments[0] in COMMANDS else _plain(arguments)
    if request is not None:
        from fixer.cli.check import run

        return run(request)
    from fixer.cli.app import run_typer

    return run_typer(arguments)


def _plain(arguments: list[str]) -> Request | None:
    """What is asked for by paths, `FLAGS` and a format alone; None where there is more to it."""
    from fixer.cli.request import Request

    chosen: dict[str, Any] = {}
    paths: list[str] = []
    words = iter(arguments)
    for word in words:
        if word in FLAGS:
            chosen[FLAGS[word]] = True
        elif word == "--format" and not (name := next(words, "-")).startswith("-"):
            chosen["format"] = name
        elif word.startswith("-"):
            return None
        else:
            paths.append(word)
    return Request(tuple(paths), **chosen)


def version_line() -> str:
    """Give what `--version` prints."""
    from importlib.metadata import version

    return f"dockfix {version('dockfix')}"
