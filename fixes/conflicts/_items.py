"""Items of lists, as several fixes of this family see them."""

from __future__ import annotations

from collections.abc import Collection

from fixer.changes import EditYaml
from fixer.documents import yaml
from fixer.documents.yaml import Append, Node, Quoted, Scalar, Tag
from fixer.stack import ComposeFile, Service, Value


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
    is_above = files.index(item.file) >= files.index(kept.file)
    return is_own and is_above and _are_together(service, item.file, [kept])


def overriding(service: Service, setting: str, replaced: Collection[Value]) -> EditYaml | None:
    """Give the change after which the last file's list stands alone, with `!override` and those items
    of the files below that are not `replaced`; None where the list is shared or serves other bases."""
    value = service.value.data[setting]
    below = [item for item in value.items() if item.node.parent is not value.node]
    is_own = value.node.parent is service.written_in(value.file) and not value.shared
    if not is_own or value.node.tag is not None or not _are_together(service, value.file, below):
        return None
    route, document = value.route, value.node.document
    kept = [item for item in below if all(item.node is not each.node for each in replaced)]
    appended = [Append(route, as_written(item), document) for item in kept]
    return EditYaml(value.file.path, (Tag(route, "!override", document), *appended))


def _are_together(service: Service, file: ComposeFile, others: Collection[Value]) -> bool:
    """Whether every stack that has a file also has those in which other items are written."""
    stacks = [each for each in service.stack.related if file in each.files]
    return all(item.file in each.files for each in stacks for item in others)


def _owner(item: Value) -> Node | None:
    """The mapping that has the setting in which an item is written."""
    node: Node | None = item.node
    while node is not None and isinstance(node.step, int):
        node = node.parent
    return node.parent if node is not None else None
