"""Markdown that fits into a place of a limited size."""

from __future__ import annotations

import re

REST = "\n*The rest is too long for this place: `dockfix` and the commits have it.*\n"

_FENCE = re.compile(r" {0,3}(```+|~~~+)")


def fitting(text: str, size: int) -> str:
    """Give a text of at most so many bytes: as it is where it fits, else its start, up to a line where
    no code and no folded part is open."""
    if len(text.encode()) <= size:
        return text
    room = size - len(REST.encode())
    lines = text.splitlines(keepends=True)
    end, fence, folded = 0, "", 0
    for number, line in enumerate(lines, 1):
        room -= len(line.encode())
        if room < 0:
            break
        match = _FENCE.match(line)
        if fence:
            fence = "" if match and match[1].startswith(fence) else fence
        elif match:
            fence = match[1]
        else:
            folded += line.count("<details") - line.count("</details")
        if not fence and not folded:
            end = number
    return "".join(lines[:end]) + REST
