"""How far a run is, told to whoever wants to know."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Is called with what is being done, and with a detail that changes while it is."""

    def __call__(self, phase: str, detail: str = "") -> None:
        """Take note of what is being done from now on."""


def untold(phase: str, detail: str = "") -> None:
    """Take no note."""
