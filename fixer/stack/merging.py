"""Compose's merge rules: aliases and merge keys, `extends`, and files laid over one another.

What appends, what is merged by key and what is replaced is measured against `docker compose config`;
the tests hold the result against it.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from fixer.documents.yaml.tree import Mapping, Node, Scalar, Sequence, resolve_alias
from fixer.stack.files import ComposeFile
from fixer.stack.values import Value, scalar_data

MAXIMUM_VALUES = 200_000
"""A stack that unfolds to more values than this is an alias bomb."""

REPLACED = ("command", "entrypoint", "healthcheck.test")
"""Lists that an override replaces; every other list it appends to."""

KEYED = {"environment": "=", "labels": "=", "sysctls": "=", "annotations": "=", "build.args": "=",
         "build.labels": "=", "deploy.labels": "=", "extra_hosts": ""}  # fmt: skip
"""Settings that may be a list of `KEY=value` or a mapping, and are merged by key all the same."""

NAMED = ("networks", "depends_on")
"""Settings that may be a list of names or a mapping, and are merged by name."""

BY_TARGET = ("volumes", "devices", "secrets", "configs")
"""Lists whose items an override replaces where they have one target in the container."""


class StackTooLarge(Exception):
    """The stack unfolds to more values than any real one has."""


class Unfolder:
    """Turns a file's nodes into values: aliases followed, merge keys expanded."""

    def __init__(self) -> None:
        self.count = 0

    def value(self, node: Node, file: ComposeFile, shared: bool = False) -> Value:
        """Give a node's value. Raises StackTooLarge."""
        self.count += 1
        if self.count > MAXIMUM_VALUES:
            raise StackTooLarge(f"{file.path} unfolds to more than {MAXIMUM_VALUES:,} values")
        target = resolve_alias(node)
        if target is None:
            return Value(None, node, file, shared)
        if target.anchor is not None:
            shared = shared or file.document.alias_count.get(target.anchor, 0) > 1
            shared = shared or (target is not node and not _is_extension(target))
        if isinstance(target, Scalar):
            return Value(scalar_data(target), target, file, shared)
        if isinstance(target, Sequence):
            items = [self.value(item, file, shared) for item in target.items]
            return Value(items, target, file, shared)
        assert isinstance(target, Mapping)
        return Value(self._entries(target, file, shared), target, file, shared)

    def _entries(self, mapping: Mapping, file: ComposeFile, shared: bool) -> dict[str, Value]:
        written: dict[str, Value] = {}
        merged: dict[str, Value] = {}
        for entry in mapping.entries:
            if entry.name == "<<":
                node = resolve_alias(entry.value)
                for source in node.items if isinstance(node, Sequence) else [entry.value]:
                    value = self.value(source, file, shared)
                    for key, each in value.entries():
                        merged.setdefault(key, each)
            elif entry.name is not None:
                written[entry.name] = self.value(entry.value, file, shared)
        return {**{key: value for key, value in merged.items() if key not in written}, **written}


def _is_extension(node: Node) -> bool:
    """Whether a node stands under a top-level `x-` key, where it is written to be used elsewhere."""
    route = node.route
    return bool(route) and str(route[0]).startswith("x-")


def merge(base: Value | None, override: Value, path: str = "file") -> Value | None:
    """Lay one value over another. `path` is a service's own dotted key (`build.args`), the empty
    string for a service, and starts with `file` for what is no service.

    None stands for a value that `!reset` took away.
    """
    tag = override.node.tag
    if tag == "!reset":
        return None
    if base is None or tag == "!override":
        return without_tags(override)
    if override.data is None and path not in REPLACED:
        return base
    if path in KEYED or path in NAMED:
        return _merge_keyed(base, override, path)
    if isinstance(base.data, dict) and isinstance(override.data, dict):
        if path == "logging" and _differs(base, override, "driver"):
            return override
        return _merge_mappings(base, override, path)
    if isinstance(base.data, list) and isinstance(override.data, list) and path not in REPLACED:
        return _merge_lists(base, override, path)
    return override


def without_tags(value: Value) -> Value | None:
    """Give a value as it counts when nothing stands below it: what is reset is gone."""
    if value.node.tag == "!reset":
        return None
    if isinstance(value.data, dict):
        kept = {key: each for key, item in value.entries() if (each := without_tags(item))}
        return Value(kept, value.node, value.file, value.shared)
    return value


def _differs(base: Value, override: Value, key: str) -> bool:
    one, other = base.get(key), override.get(key)
    return other is not None and (one is None or one.data != other.data)


def _merge_mappings(base: Value, override: Value, path: str) -> Value:
    merged: dict[str, Value] = dict(base.data)
    for key, value in override.entries():
        result = merge(merged.get(key), value, _below(path, key))
        if result is None:
            merged.pop(key, None)
        else:
            merged[key] = result
    return Value(merged, override.node, override.file, override.shared)


def _below(path: str, key: str) -> str:
    if path == "file.services":
        return ""
    return f"{path}.{key}" if path else key


def _merge_lists(base: Value, override: Value, path: str) -> Value:
    items = list(base.data)
    identify = _identity(path)
    for item in override.data:
        name = identify(item)
        place = next((i for i, each in enumerate(items) if identify(each) == name), None)
        if name is None or place is None:
            items.append(item)
        else:
            items[place] = item
    return Value(items, override.node, override.file, override.shared)


def _identity(path: str) -> Callable[[Value], object]:
    """What makes two items of a list the same; None where every item counts."""
    if path in BY_TARGET:
        return mount_target
    if path in ("ports", "cap_add", "cap_drop"):
        return lambda item: repr(item.plain())
    return lambda _: None


def mount_target(item: Value) -> str:
    """Give where an item of `volumes`, `devices`, `secrets` or `configs` appears in the container."""
    if isinstance(item.data, dict):
        for key in ("target", "source"):
            if value := item.get(key):
                return str(value.data)
        return ""
    parts = split_mount(str(item.data))
    return parts[1] if len(parts) > 1 else parts[0]


def split_mount(text: str) -> list[str]:
    """Split `source:target:mode` at its colons, but not inside `${...}` nor after a drive letter."""
    parts, depth, start = [], 0, 0
    for index, character in enumerate(text):
        if character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
        elif character == ":" and depth == 0:
            is_drive = index - start == 1 and text[start].isalpha()
            if not (is_drive and text[index + 1 : index + 2] in ("\\", "/")):
                parts.append(text[start:index])
                start = index + 1
    return [*parts, text[start:]]


def _merge_keyed(base: Value, override: Value, path: str) -> Value:
    merged = keyed(base, path)
    for key, value in keyed(override, path).items():
        result = merge(merged.get(key), value, f"{path}.{key}")
        if result is None:
            merged.pop(key, None)
        else:
            merged[key] = result
    return Value(merged, override.node, override.file, override.shared)


def keyed(value: Value, path: str) -> dict[str, Value]:
    """Give a setting that may be a list or a mapping by key. An item `KEY=value` of a list keeps
    its own value, the whole item: where it is written is what a fix edits."""
    if isinstance(value.data, dict):
        return dict(value.data)
    found: dict[str, Value] = {}
    for item in value.items():
        text = str(item.data)
        separator = KEYED.get(path) or ("=" if "=" in text else ":")
        key = text if path in NAMED else text.partition(separator)[0]
        found[key] = item
    return found


def join(folder: str, path: str) -> str:
    """Give a path that is written relative to a folder, relative to the root."""
    joined = os.path.normpath(os.path.join(folder, path))
    return "" if joined == "." else joined
