"""How numbers stand in sentences."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """Give a number with its noun, of which there may be several."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
