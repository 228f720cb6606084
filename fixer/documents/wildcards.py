"""Patterns of paths whose matching takes no time that anybody could make long."""

from __future__ import annotations

MAXIMUM = 4
"""With more wildcards than that in a pattern, it takes minutes to see that some names do not match."""


def has_many(pattern: str) -> bool:
    """Say whether a pattern has more wildcards than are tried."""
    return sum(map(_choices, pattern.split("/"))) > MAXIMUM


def _choices(segment: str) -> int:
    """How many `*` of a part of a pattern leave a choice of what they stand for."""
    return 0 if segment == "*" else 1 if segment == "**" else segment.count("*")
