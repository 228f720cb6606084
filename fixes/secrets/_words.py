"""Whether a file names something."""

from __future__ import annotations

import re


def has_word(content: bytes | None, word: str) -> bool:
    """Say whether a file that is there names a variable or the like, as a word of its own."""
    wanted = word.encode()
    return (
        content is not None
        and re.search(rb"(?<!\w)" + re.escape(wanted) + rb"(?!\w)", content) is not None
    )
