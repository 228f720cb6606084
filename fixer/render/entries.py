"""Lists in the Markdown of a pull request's text."""

from __future__ import annotations

from collections.abc import Sequence

from fixer.render.commit_message import said
from fixer.render.escaping import code, prose

FOLDED = 8
"""Entries of a list from which on it is folded."""

LONGEST_STEPS = 2000
"""Characters of what a person has to do: a command that is cut off is none."""


def finding(message: str) -> str:
    """Give a step's message: the place, and what it says."""
    found = said(message)
    return (
        f"{code(f'{found.path}:{found.line}')} {prose(found.text)}" if found.path else prose(found.text)
    )


def listed(entries: Sequence[str], most: int) -> str:
    """Give so many entries of a list, and how many more there are."""
    more = len(entries) - most
    return "\n".join([*entries[:most], *([f"- and {more} more"] if more > 0 else [])])


def folded(summary: str, entries: Sequence[str], most: int) -> str:
    """Give a list as above, folded where it is long."""
    shown = listed(entries, most)
    if len(entries) <= FOLDED:
        return shown
    return f"<details><summary>{summary}</summary>\n\n{shown}\n\n</details>"
