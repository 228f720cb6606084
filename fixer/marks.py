"""A part of a text that dockfix writes anew each time, between two marks; the rest is people's."""

from __future__ import annotations

import re


def with_part(text: str, part: str, begin: str, end: str) -> str:
    """Give a text with a part, which has its marks: in the place of the one it has, else at its end."""
    written = re.compile(rf"{re.escape(begin)}.*?{re.escape(end)}\n?", re.DOTALL)
    if written.search(text):
        return written.sub(lambda _: part, text, count=1)
    return f"{text.rstrip()}\n\n{part}" if text.strip() else part
