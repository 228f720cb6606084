"""Items of lists, as several fixes of this family see them."""

from __future__ import annotations

from fixer.documents import yaml
from fixer.documents.yaml import Node, Quoted, Scalar
from fixer.stack import Service, Value


def as_written(item: Value) -> yaml.Value:
    """Give an item as it is put into another list: in quotes where it has some."""
    if isinstance(item.node, Scalar):
        return Quoted(item.text) if item.node.style else item.data
    return item.plain()


def may_go(service: Service, item: Value, kept: Value) -> bool:
    """Say whether an item's removal reaches only stacks and services in which another one, that says
    the same, stays."""
    if item.node is kept.node:
        return False
    if _owner(item) is _owner(kept):
        return True
    is_own = _owner(item) is service.written_in(item.file) and not item.shared
    files = service.stack.files
    return is_own and files.index(item.file) >= files.index(kept.file)


def _owner(item: Value) -> Node | None:
    """The mapping that has the setting in which an item is written."""
    node: Node | None = item.node
    while node is not None and isinstance(node.step, int):
        node = node.parent
    return node.parent if node is not None else None
