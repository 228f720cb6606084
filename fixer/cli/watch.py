"""How far a run is and how long each part of it takes, for whoever waits and for `--verbose`."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fixer.cli.display import Display


class Watch(AbstractContextManager["Watch"]):
    """Is told what is being done. `spent` has the seconds that each phase took."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.spent: dict[str, float] = {}
        self.phase = ""
        self.since = 0.0
        self.display: Display | None = None

    def __enter__(self) -> Watch:
        """Begin to show what is being done, where somebody waits for it."""
        if not self.quiet and _is_awaited():
            from fixer.cli.display import Display

            self.display = Display()
        return self

    def __call__(self, phase: str, detail: str = "") -> None:
        """Take note of what is being done from now on."""
        self._count(phase)
        if self.display is not None:
            self.display.show(f"{phase}: {detail}" if detail else phase)

    def __exit__(self, *error: object) -> None:
        """Leave the terminal as it was."""
        self._count("")
        if self.display is not None:
            self.display.end()

    def _count(self, phase: str) -> None:
        now = perf_counter()
        if self.phase:
            self.spent[self.phase] = self.spent.get(self.phase, 0) + now - self.since
        self.phase, self.since = phase, now


def _is_awaited() -> bool:
    """Whether somebody sits at a terminal that can show what changes."""
    is_terminal = sys.stdout.isatty() and sys.stderr.isatty()
    return is_terminal and os.environ.get("TERM") != "dumb" and not os.environ.get("CI")
