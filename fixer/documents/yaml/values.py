"""What an operation puts into a YAML document, as plain data and a few marks of style."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from fixer.documents.yaml.tree import Node, Sequence

Value = Any
"""A str, int, float, bool or None, a list or dict of these, or one of the marks below."""


class AliasTo(NamedTuple):
    """An alias, written `*anchor`."""

    anchor: str


class Quoted(NamedTuple):
    """A string that is written in quotes although it would not need them."""

    text: str


class Flow(NamedTuple):
    """A list or dict that is written in flow style, `[a, b]`."""

    value: Any


class Reset(NamedTuple):
    """`!reset null`: in an override, Compose forgets what the files before it say."""


def number_or_text(text: str) -> int | str:
    """Give a whole number that YAML reads as it is written; any other text, as `0755`, stays one."""
    return int(text) if re.fullmatch(r"0|[1-9][0-9]{0,14}", text) else text


def list_like(node: Node, words: list[str]) -> Value:
    """Give a list of words in the style of the node it replaces: a block list where that is one,
    else brackets with every word in quotes, as commands are mostly written."""
    if isinstance(node, Sequence) and not node.flow:
        return words
    return Flow([Quoted(word) for word in words])
