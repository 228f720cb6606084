"""A YAML document as plain data, and what operations do to it: the check that edits are honest.

Operations are carried out twice, on the text by `editing` and on the data here. Both must agree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence as List
from functools import singledispatch
from typing import Any

from fixer.documents.yaml.operations import (
    Append,
    Delete,
    Enlist,
    Insert,
    Join,
    Move,
    Operation,
    Prepend,
    Rename,
    Rewrite,
    Set,
    Tag,
    Unlist,
    Wrap,
)
from fixer.documents.yaml.routes import Nth, Route, Step
from fixer.documents.yaml.spans import EditError
from fixer.documents.yaml.tree import Alias, Mapping, Node, Scalar, Sequence, YamlDocument
from fixer.documents.yaml.values import AliasTo, Flow, Quoted, Reset, Value

NOT_TEXT = (
    r"(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE|"
    r"[-+]?(?:0o?[0-7]+|0x[0-9a-fA-F]+|[0-9]+)|"
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|"
    r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))?\Z"
)
"""Plain scalars that stand for something else than their text."""

NULL = ("", False)
"""The content of a scalar that stands for no value, however it is spelled."""


class Box:
    """A value with its anchor and tag. `content` is `(text, is_text)` for a scalar, `*name` as
    `("*", name)` for an alias, a list of boxes, or a list of `[key, box]` pairs for a mapping."""

    __slots__ = ("anchor", "content", "kind", "tag")

    def __init__(
        self, kind: str, content: Any, anchor: str | None = None, tag: str | None = None
    ) -> None:
        self.kind = kind
        self.content = content
        self.anchor = anchor
        self.tag = tag

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Box) and self.plain() == other.plain()

    __hash__ = None  # type: ignore[assignment]

    def plain(self) -> Any:
        """The value as nested tuples that compare by content."""
        content = self.content
        if self.kind == "list":
            content = tuple(item.plain() for item in content)
        elif self.kind == "map":
            content = tuple((key.plain(), item.plain()) for key, item in content)
        return self.kind, content, self.anchor, self.tag


def data_of(document: YamlDocument) -> list[Box]:
    """Give the data of every document in a file."""
    return [_from_node(root) for root in document.roots]


def same(node: Node, other: Node) -> bool:
    """Say whether two nodes hold the same data, with the same anchors, tags and aliases."""
    return _from_node(node) == _from_node(other)


def disagreements(node: Node, other: Node, route: Route = ()) -> list[Route]:
    """Give the routes below two collections at which joining them replaces a value by the other's."""
    if isinstance(node, Sequence) and isinstance(other, Sequence):
        return []
    if not isinstance(node, Mapping) or not isinstance(other, Mapping):
        return [] if same(node, other) else [route]
    found: list[Route] = []
    for entry in other.entries:
        there = node.entry(entry.name) if entry.name is not None else None
        if there is not None and entry.name is not None:
            found += disagreements(there.value, entry.value, (*route, entry.name))
    return found


def expected(document: YamlDocument, operations: List[Operation]) -> list[Box]:
    """Give the data that a file must hold after `operations`."""
    data = data_of(document)
    emptied: list[Box] = []
    # What is moved is found while every route still leads where it did.
    moves = [_Moved(data[each.document], each) for each in operations if isinstance(each, Move)]
    joins = [_Moved(data[each.document], each) for each in operations if isinstance(each, Join)]
    # Deletions last, from the end, so that the indices of the others stay what they are.
    deletions = [each for each in operations if isinstance(each, Delete) and each.route]
    emptied_documents = {each.document for each in operations if isinstance(each, Delete)}
    emptied_documents -= {each.document for each in operations if each.route}
    for operation in operations:
        if not isinstance(operation, Delete | Move | Join):
            while len(data) <= operation.document:
                data.append(Box("scalar", NULL))
            _carry_out(operation, data[operation.document])
    for deletion in sorted(deletions, key=lambda each: _order(each.route), reverse=True):
        _delete(data[deletion.document], deletion.route, emptied)
    made: dict[tuple[Route, int], Box] = {}
    ends: dict[tuple[Route, Step | None, int], list[Box]] = {}
    leaving = {id(move.pair[1]) for move in moves}
    for move in moves:
        if id(move.target) in leaving:
            move.target = None
        assert isinstance(move.operation, Move)
        move.carry_out(move.operation, made, ends)
    for join in joins:
        if join.target is None:
            raise EditError("what is to be joined is not there")
        join.leave()
        _join(join.target, join.pair[1])
    return [root for index, root in enumerate(data) if index not in emptied_documents]


class _Moved:
    """An entry that leaves its mapping: found before anything changes, moved when all else did."""

    def __init__(self, root: Box, operation: Move | Join) -> None:
        parent = _find(root, operation.route[:-1])
        pair = _pair(parent, operation.route[-1]) if parent else None
        if parent is None or pair is None:
            raise EditError("what is to be moved is not there")
        into = operation.to[:-1] if isinstance(operation, Move) else operation.into
        self.operation = operation
        self.parent = parent
        self.pair = pair
        self.target = _find(root, into)
        self.after = None
        if isinstance(operation, Move) and operation.after is not None and self.target is not None:
            self.after = _pair(self.target, operation.after)

    def leave(self) -> None:
        """Take the entry out of its mapping, which is null when nothing is left."""
        self.parent.content[:] = [each for each in self.parent.content if each is not self.pair]
        if not self.parent.content:
            self.parent.kind, self.parent.content = "scalar", NULL

    def carry_out(
        self,
        move: Move,
        made: dict[tuple[Route, int], Box],
        ends: dict[tuple[Route, Step | None, int], list[Box]],
    ) -> None:
        """Put the entry where it goes. `made` are the mappings that moves made, `ends` the entries
        that moves to one place put there last."""
        place = (move.to[:-1], move.after, move.document)
        target = made.get((move.to[:-1], move.document), self.target)
        if target is None:
            target = Box("map", [])
            made[move.to[:-1], move.document] = target
            index = next(i for i, each in enumerate(self.parent.content) if each is self.pair)
            self.parent.content.insert(index, [_from_value(move.to[-2]), target])
        elif target.kind == "scalar":
            target.kind, target.content = "map", []
        self.leave()
        last = ends.get(place, self.after)
        index = next((i for i, each in enumerate(target.content) if each is last), -1)
        target.content.insert(index + 1 if index >= 0 else len(target.content), self.pair)
        self.pair[0] = _from_value(move.to[-1])
        ends[place] = self.pair


def _join(target: Box, source: Box) -> None:
    """Add what a collection holds to another one of its kind."""
    if target.kind == "scalar" and target.content == NULL and source.kind in ("list", "map"):
        target.kind, target.content = source.kind, []
    if target.kind != source.kind or target.kind not in ("list", "map"):
        raise EditError("only two lists or two mappings can be joined")
    if target.kind == "list":
        for item in source.content:
            if item not in target.content:
                target.content.append(item)
        return
    for key, value in source.content:
        pair = next((each for each in target.content if each[0].content == key.content), None)
        if pair is None:
            target.content.append([key, value])
        elif pair[1] == value:
            continue
        elif pair[1].kind == value.kind and value.kind in ("list", "map"):
            _join(pair[1], value)
        else:
            pair[1] = value


def _order(route: Route) -> list[tuple[int, int, str]]:
    return [
        (step, 0, "")
        if isinstance(step, int)
        else (0, step.occurrence, step.key)
        if isinstance(step, Nth)
        else (0, 0, step)
        for step in route
    ]


def _from_node(node: Node) -> Box:
    if isinstance(node, Alias):
        return Box("alias", node.name)
    if isinstance(node, Scalar):
        is_text = bool(node.style) or not re.match(NOT_TEXT, node.value)
        is_null = not is_text and node.value.lower() in ("", "~", "null")
        content = NULL if is_null else (node.value, is_text)
        return Box("scalar", content, node.anchor, node.tag)
    if isinstance(node, Sequence):
        return Box("list", [_from_node(item) for item in node.items], node.anchor, node.tag)
    assert isinstance(node, Mapping)
    pairs = [[_from_node(entry.key), _from_node(entry.value)] for entry in node.entries]
    return Box("map", pairs, node.anchor, node.tag)


def _from_value(value: Value) -> Box:
    if isinstance(value, AliasTo):
        return Box("alias", value.anchor)
    if isinstance(value, Reset):
        return Box("scalar", NULL, tag="!reset")
    if isinstance(value, Flow):
        return _from_value(value.value)
    if isinstance(value, Quoted):
        return Box("scalar", (value.text, True))
    if isinstance(value, dict):
        return Box("map", [[_from_value(key), _from_value(each)] for key, each in value.items()])
    if isinstance(value, list):
        return Box("list", [_from_value(item) for item in value])
    if isinstance(value, str):
        return Box("scalar", (value, True))
    if isinstance(value, bool):
        return Box("scalar", ("true" if value else "false", False))
    return Box("scalar", NULL if value is None else (str(value), False))


def _find(box: Box, route: Route) -> Box | None:
    found: Box | None = box
    for step in route:
        if found is None:
            return None
        if isinstance(step, int):
            found = found.content[step] if found.kind == "list" else None
        else:
            pair = _pair(found, step)
            found = pair[1] if pair else None
    return found


def _pair(box: Box, step: Step) -> list[Box] | None:
    name, occurrence = step if isinstance(step, Nth) else (step, 0)
    if box.kind != "map":
        return None
    for pair in box.content:
        if pair[0].kind == "scalar" and pair[0].content[0] == name:
            if occurrence == 0:
                return pair  # type: ignore[no-any-return]
            occurrence -= 1
    return None


@singledispatch
def _carry_out(operation: Operation, root: Box) -> None:
    raise TypeError(type(operation).__name__)


@_carry_out.register
def _(operation: Set, root: Box) -> None:
    new = _from_value(operation.value)
    box = _find(root, operation.route)
    if box is not None:
        box.kind, box.content, box.tag = new.kind, new.content, new.tag
        return
    parent = _grown(root, operation.route[:-1], "map")
    parent.content.append([_from_value(operation.route[-1]), new])


@_carry_out.register
def _(operation: Insert, root: Box) -> None:
    parent = _grown(root, operation.route[:-1], "map")
    pair = _pair(parent, operation.after)
    index = parent.content.index(pair) + 1 if pair else len(parent.content)
    key = _from_value(operation.route[-1])
    parent.content.insert(index, [key, _from_value(operation.value)])


@_carry_out.register
def _(operation: Append, root: Box) -> None:
    box = _grown(root, operation.route, "list")
    box.content.append(_from_value(operation.value))


@_carry_out.register
def _(operation: Prepend, root: Box) -> None:
    box = _find(root, operation.route)
    if box is not None and box.kind == "list":
        box.content.insert(0, _from_value(operation.value))


@_carry_out.register
def _(operation: Rename, root: Box) -> None:
    parent = _find(root, operation.route[:-1])
    pair = _pair(parent, operation.route[-1]) if parent else None
    if pair is not None:
        pair[0] = _from_value(operation.key)


@_carry_out.register
def _(operation: Rewrite, root: Box) -> None:
    box = _find(root, operation.route)
    if box is not None and box.kind == "scalar":
        box.content = (box.content[0].replace(operation.old, operation.new), True)


@_carry_out.register
def _(operation: Tag, root: Box) -> None:
    box = _find(root, operation.route)
    if box is not None:
        box.tag = operation.tag


@_carry_out.register
def _(operation: Wrap, root: Box) -> None:
    box = _find(root, operation.route)
    if box is not None:
        box.kind, box.content = "list", [Box(box.kind, box.content)]


@_carry_out.register
def _(operation: Enlist, root: Box) -> None:
    box = _find(root, operation.route)
    if box is not None and box.kind == "map":
        pairs = [(key.content[0], value.content) for key, value in box.content]
        texts = [key if value == NULL else key + operation.separator + value[0] for key, value in pairs]
        box.kind, box.content = "list", [Box("scalar", (text, True)) for text in texts]


@_carry_out.register
def _(operation: Unlist, root: Box) -> None:
    box = _find(root, operation.route)
    if box is not None and box.kind == "list":
        parts = [
            item.content if item.kind == "map" else [[item, Box("scalar", NULL)]] for item in box.content
        ]
        box.kind, box.content = "map", [pair for part in parts for pair in part]


def _grown(root: Box, route: Route, kind: str) -> Box:
    """Give the collection at `route`, made where it is missing or null."""
    box = _find(root, route)
    if box is None:
        parent = _grown(root, route[:-1], "map")
        box = Box(kind, [])
        parent.content.append([_from_value(route[-1]), box])
    elif box.kind == "scalar" or (box.kind != kind and not box.content):
        box.kind, box.content, box.tag = kind, [], None
    return box


def _delete(root: Box, route: Route, emptied: list[Box]) -> None:
    parent = _find(root, route[:-1])
    if parent is None or any(parent is each for each in emptied):
        return
    step = route[-1]
    if isinstance(step, int):
        del parent.content[step]
    else:
        pair = _pair(parent, step)
        parent.content[:] = [each for each in parent.content if each is not pair]
    if not parent.content and len(route) > 1:
        emptied.append(parent)
        _delete(root, route[:-1], emptied)
