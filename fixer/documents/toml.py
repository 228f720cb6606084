"""Where the keys and values of a TOML text stand, by tree-sitter's grammar: Python's own parser does not
say. It is asked only where there is an error to tell."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from fixer.documents.source import Position, Source

if TYPE_CHECKING:
    from tree_sitter import Node

Route = tuple[str | int, ...]
"""The keys and indices that lead to a value."""


class _Entry(NamedTuple):
    """What a part of the text holds: the keys that lead to a value, as they are written, and it."""

    names: Route
    keys: tuple[Node, ...]
    value: Node


class _Found(NamedTuple):
    """How many steps of a route lead to a key and its value."""

    steps: int
    key: Node
    value: Node


def position(source: Source, route: Route, of_key: bool = False) -> Position:
    """Give where the value that a route leads to stands, or its key; where nothing does, the nearest
    that there is on the way. The text must be TOML."""
    from tree_sitter import Language, Parser
    from tree_sitter_toml import language

    encoded = source.text.encode("utf-8", "surrogateescape")
    root = Parser(Language(language())).parse(encoded).root_node
    found = _find(root, route)
    node = found.key if of_key else found.value
    return source.position(len(encoded[: node.start_byte].decode("utf-8", "surrogateescape")))


def _find(node: Node, route: Route) -> _Found:
    """The entry in a node that most steps of a route lead to; the node itself where none does."""
    best = _Found(0, node, node)
    for entry in _entries(node) if route else ():
        pairs = zip(entry.names, route, strict=False)
        steps = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
        if not steps:
            continue
        key = entry.keys[steps - 1]
        found = _Found(steps, key, key)
        if steps == len(entry.names):
            below = _find(entry.value, route[steps:])
            found = below._replace(steps=steps + below.steps)
            if not below.steps:
                found = found._replace(key=key)
        best = max(best, found, key=lambda each: each.steps)
    return best


def _entries(node: Node) -> Iterator[_Entry]:
    children = [each for each in node.named_children if each.type != "comment"]
    if node.type == "array":
        for index, each in enumerate(children):
            yield _Entry((index,), (each,), each)
        return
    for each in children:
        if each.type == "pair":
            keys = tuple(_keys(each.named_children[0]))
            yield _Entry(tuple(map(_name, keys)), keys, each.named_children[-1])
        elif each.type in ("table", "table_array_element"):
            keys = tuple(_keys(each.named_children[0]))
            yield _Entry(tuple(map(_name, keys)), keys, each)


def _keys(node: Node) -> Iterator[Node]:
    """The parts of a key, which the grammar nests."""
    if node.type != "dotted_key":
        yield node
    else:
        for each in node.named_children:
            yield from _keys(each)


def _name(key: Node) -> str:
    text = (key.text or b"").decode("utf-8", "surrogateescape")
    return next(iter(tomllib.loads(f"{text} = 0"))) if key.type == "quoted_key" else text
