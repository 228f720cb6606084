"""What a command has to say to its user beside its result."""

from __future__ import annotations

import sys


def complain(message: object) -> None:
    """Tell on the error stream what is wrong. It stays a line, whatever names it holds: in the log of a
    CI service a line of somebody else's may be a command."""
    from fixer.render.terminal import printable

    print(f"dockfix: {printable(str(message))}", file=sys.stderr)
