"""Which known word a misspelled one may stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable

LIKENESS = 0.75
"""From which ratio on, of difflib, two spellings are near."""


def likeliest(word: str, known: Iterable[str]) -> str | None:
    """Give the known word that is most like `word`, for a person to judge; None where none is like it.
    What is repaired without asking must be surer: see `nearest`."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, known, 1)), None)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Give the one known word that is spelled nearly as `word`, or None where none or several are.

    Case and the kind of dash count for nothing; digits do, since `db1` is not a misspelled `db2`.
    """
    from difflib import get_close_matches

    fitting = {_folded(each): each for each in known if _digits(each) == _digits(word)}
    near = get_close_matches(_folded(word), fitting, 2, LIKENESS)
    if near and near[0] == _folded(word):
        return fitting[near[0]]
    return fitting[near[0]] if len(near) == 1 else None


def slip(word: str, known: Iterable[str]) -> str | None:
    """Give the one known word that differs from `word` only as fingers slip, or None where none or
    several do: by case, a dash, one letter too many, or two that changed places. Another letter in one's
    place (`app`, `api`) tells two names apart."""
    found = [each for each in known if _digits(each) == _digits(word) and _is_slip(each, word)]
    return found[0] if len(found) == 1 and len(word) > 2 else None


def _is_slip(word: str, other: str) -> bool:
    one, two = sorted((_folded(word), _folded(other)), key=len)
    if len(one) == len(two):
        pairs = [index for index, letter in enumerate(one) if letter != two[index]]
        swapped = len(pairs) == 2 and pairs[1] == pairs[0] + 1 and sorted(one) == sorted(two)
        return not pairs or swapped
    return len(two) == len(one) + 1 and any(
        two[:index] + two[index + 1 :] == one for index in range(len(two))
    )


def _folded(word: str) -> str:
    return word.lower().replace("-", "_")


def _digits(word: str) -> str:
    return re.sub(r"\D", "", word)
