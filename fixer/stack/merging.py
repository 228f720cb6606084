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

ONE_OR_MORE = ("tmpfs", "env_file", "dns", "dns_search", "dns_opt")
"""Settings that may be one text or a list of them."""

UNIQUE = ("cap_add", "cap_drop", "env_file", "dns", "dns_search", "dns_opt", "expose", "profiles")
"""Lists that hold an item once."""


class StackTooLarge(Exception):
    """The stack unfolds to more values than any real one has."""


class Unfolder:
    """Turns a file's nodes into values: aliases followed, merge keys expanded."""

    def __init__(self) -> None:
        self.count = 0

    def value(self, node: Node, file: ComposeFile, shared: bool = False) -> Value:
        """Give a node's value. Raises StackTooLarge."""
        self.add(1, file)
        target = resolve_alias(node)
        if target is None:
            return Value(None, node, file, shared)
        if target.anchor is not None:
            # What is written to be used elsewhere is not used where it stands.
            uses = file.document.alias_count.get(target.anchor, 0) + (not _is_extension(target))
            shared = shared or uses > 1
        if isinstance(target, Scalar):
            return Value(scalar_data(target), target, file, shared)
        if isinstance(target, Sequence):
            items = [self.value(item, file, shared) for item in target.items]
            return Value(items, target, file, shared)
        assert isinstance(target, Mapping)
        return Value(self._entries(target, file, shared), target, file, shared)

    def add(self, values: int, file: ComposeFile) -> None:
        """Count values that a file brings into the stack. Raises StackTooLarge."""
        self.count += values
        if self.count > MAXIMUM_VALUES:
            raise StackTooLarge(f"{file.path} unfolds to more than {MAXIMUM_VALUES:,} values")

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


class ListItem(Value):
    """An item `KEY=value` or `name` of a list where a mapping could stand as well."""

    __slots__ = ()


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
    if path == "build":
        base, override = _long_build(base), _long_build(override)
    elif path in ONE_OR_MORE:
        base, override = _as_list(base), _as_list(override)
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


def _long_build(build: Value) -> Value:
    """A build whose short form, the context, is made the long one."""
    if not isinstance(build.data, str):
        return build
    return Value({"context": build}, build.node, build.file, build.shared)


def _as_list(value: Value) -> Value:
    if not isinstance(value.data, str):
        return value
    return Value([value], value.node, value.file, value.shared)


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
    identify = identity(path)
    if identify is None:
        items += override.data
    else:
        places: dict[object, int] = {}
        for index, item in enumerate(items):
            places.setdefault(identify(item), index)
        for item in override.data:
            place = places.setdefault(identify(item), len(items))
            items[place : place + 1] = [item]
    return Value(items, override.node, override.file, override.shared)


def identity(path: str) -> Callable[[Value], object] | None:
    """Give what makes a later item of a list replace an earlier one; None where every item counts."""
    if path in ("volumes", "devices"):
        return _mount_target
    if path in ("secrets", "configs"):
        folder = "/run/secrets/" if path == "secrets" else "/"
        return lambda item: _reference_target(item, folder)
    if path == "ports":
        return _published
    if path == "tmpfs":
        return lambda item: str(item.data).partition("=")[0]
    return (lambda item: repr(item.plain())) if path in UNIQUE else None


def _mount_target(item: Value) -> str:
    """Where an item of `volumes` or `devices` appears in the container."""
    if isinstance(item.data, dict):
        target = _field(item, "target")
    else:
        parts = split_mount(str(item.data))
        target = parts[1] if len(parts) > 1 else parts[0]
    return target.rstrip("/") or target


def _reference_target(item: Value, folder: str) -> str:
    """Where an item of `secrets` or `configs` appears: a `target` counts as it is written."""
    if isinstance(item.data, dict):
        return _field(item, "target") or folder + _field(item, "source")
    return f"{folder}{item.data}"


def _published(item: Value) -> tuple[str, str, str, str]:
    """A port's address, published port, target and protocol, in whichever form it is written."""
    if isinstance(item.data, dict):
        host, published = _field(item, "host_ip"), _field(item, "published")
        target, protocol = _field(item, "target"), _field(item, "protocol")
    else:
        *before, last = split_mount(str(item.data))
        target, _, protocol = last.partition("/")
        host, published = ":".join(before[:-1]), before[-1] if before else ""
    return host.strip("[]"), published, target, protocol or "tcp"


def _field(item: Value, key: str) -> str:
    value = item.get(key)
    return "" if value is None else str(value.data)


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
        if path == "networks" and key in merged and isinstance(value, ListItem):
            continue
        # A variable without a value replaces one that has a value; a network without one does not.
        result = merge(merged.get(key) if path in NAMED else None, value, f"{path}.{key}")
        if result is None:
            merged.pop(key, None)
        else:
            merged[key] = result
    return Value(merged, override.node, override.file, override.shared)


def keyed(value: Value, path: str) -> dict[str, Value]:
    """Give a setting that may be a list or a mapping by key. An item `KEY=value` of a list keeps
    its own value, the whole item: where it is written is what a fix edits. One that is no text has no
    key."""
    if isinstance(value.data, dict):
        return dict(value.data)
    found: dict[str, Value] = {}
    for item in value.items():
        if isinstance(item.data, dict | list):
            continue
        text = str(item.data)
        separator = KEYED.get(path) or ("=" if "=" in text else ":")
        key = text if path in NAMED else text.partition(separator)[0]
        found[key] = ListItem(item.data, item.node, item.file, item.shared)
    return found


def join(folder: str, path: str) -> str:
    """Give a path that is written relative to a folder, relative to the root."""
    joined = os.path.normpath(os.path.join(folder, path))
    return "" if joined == "." else joined
