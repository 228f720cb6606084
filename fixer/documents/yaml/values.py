"""What an operation puts into a YAML document, as plain data and a few marks of style."""

from __future__ import annotations

from typing import Any, NamedTuple

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
