"""How one text becomes another, and which of its words may stand in a report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import accumulate

from fixer.documents.source import Edit

NAME = r"pass|pwd|secret|token|key|auth|cred|cookie|salt|dsn|(?<![\w-])-[aupw]"
"""What names of secrets have in them, and options that take one."""

MADE_UP = r"//[^/\s]*@|(?=[\w+/=.$-]*\d)(?=[\w+/=.$-]*[a-z])[\w+/=.$-]{12,}"
"""An address with a login, and texts like tokens and hashes."""

SHORTEST = 3
"""Shorter words tell nothing of a secret that they are part of."""

SECRET = re.compile(f"(?i){NAME}|{MADE_UP}")
"""What lines have that may hold a secret; better too many than one too few."""

SECRET_FOLLOWS = re.compile(rf"(?i)({NAME})\w*\W*\Z")
"""What lines end with where the secret stands on the next one."""


def replacements(before: str, after: str) -> Iterator[Edit]:
    """Yield the edits that make one text of another, in order and apart: word by word in the lines that
    differ."""
    for lines in _edits(before.splitlines(keepends=True), after.splitlines(keepends=True)):
        old = before[lines.start : lines.end]
        for words in _edits(_words(old), _words(lines.text)):
            yield Edit(lines.start + words.start, lines.start + words.end, words.text)


def _edits(old: list[str], new: list[str]) -> Iterator[Edit]:
    """The edits that make one list of pieces another; offsets count characters."""
    starts = [0, *accumulate(map(len, old))]
    for tag, start, end, other_start, other_end in SequenceMatcher(None, old, new).get_opcodes():
        if tag != "equal":
            yield Edit(starts[start], starts[end], "".join(new[other_start:other_end]))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+|\W", text)


def words_near_secrets(text: str) -> set[str]:
    """Give the words of a file that may be part of a secret. Which values are secrets is known only
    where the fixes for them have looked, and not of a file that is no YAML."""
    found: set[str] = set()
    follows = False
    for line in text.splitlines():
        if follows or SECRET.search(line):
            found |= words_of_value(line)
        follows = SECRET_FOLLOWS.search(line) is not None
    return found


def words_of_value(line: str) -> set[str]:
    """Give the words of a line behind the name that it starts with, if it does."""
    return words_of(re.split("[:=]", line, maxsplit=1)[-1])


def words_of(text: str) -> set[str]:
    """Give the words of a text, and what stands in it between blanks and quotes."""
    found = {*re.findall(r"\w+", text), *re.findall(r"""[^\s"',\[\]{}]+""", text)}
    return {word for word in found if len(word) >= SHORTEST}
