"""A line at the end of a terminal that says what is being done, gone when it is done."""

from __future__ import annotations

from threading import Lock, Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.status import Status

PATIENCE = 0.5
"""Seconds until the line appears: what is done sooner needs none."""


class Display:
    """The line. A thread makes it appear, since what takes long may be a single step."""

    def __init__(self) -> None:
        self.text = ""
        self.ended = False
        self.status: Status | None = None
        self.lock = Lock()
        self.timer = Timer(PATIENCE, self._appear)
        self.timer.daemon = True
        self.timer.start()

    def show(self, text: str) -> None:
        """Say something else."""
        self.text = text
        if self.status is not None:
            self.status.update(text)

    def end(self) -> None:
        """Take the line away."""
        self.timer.cancel()
        with self.lock:
            self.ended = True
            if self.status is not None:
                self.status.stop()

    def _appear(self) -> None:
        # This takes a while, for which nobody should have to wait in `end`.
        from rich.console import Console

        with self.lock:
            if not self.ended:
                self.status = Console(stderr=True).status(self.text)
                self.status.start()
