"""Which known word a misspelled one may stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable

LIKENESS = 0.75
"""From which ratio on, of difflib, two spellings are near."""


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


def _folded(word: str) -> str:
    return word.lower().replace("-", "_")


def _digits(word: str) -> str:
    return re.sub(r"\D", "", word)
