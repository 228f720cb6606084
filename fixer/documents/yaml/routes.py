"""How a node of a YAML document is named: the steps that lead to it from the root."""

from __future__ import annotations

from typing import NamedTuple


class Nth(NamedTuple):
    """The key `key` where one mapping has it several times; `occurrence` counts from zero."""

    key: str
    occurrence: int


Step = str | int | Nth
"""A mapping's key, a sequence's index (from zero), or one of several equal keys."""

Route = tuple[Step, ...]
"""The steps from a document's root to a node. A route goes through no alias and no merge key:
it names the place where a value is written."""
