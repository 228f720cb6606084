"""One Compose file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from fixer.documents.yaml.tree import Mapping, Node, Scalar, Sequence, YamlDocument, resolve_alias
from fixer.spelling import nearest
from fixer.stack.placement import Stray, is_service, strays
from fixer.stack.specification import Complaint, complaints, is_known, is_setting

WHOLE_SERVICE = ("image", "build", "extends", "provider")
"""A service with none of these says only what changes in a service of another file."""

SECTIONS = {"volume": "volumes", "network": "networks", "secret": "secrets", "config": "configs"}


class Include(NamedTuple):
    """A file that another one includes, as written. Its own paths start from `project_directory`,
    from its folder where that is None, and so does `.env`, which counts if no `env_files` are named."""

    path: str
    project_directory: str | None
    env_files: tuple[str, ...]


class ComposeFile:
    """A Compose file: its path relative to the root and its document."""

    def __init__(self, path: str, document: YamlDocument) -> None:
        self.path = path
        self.document = document

    @property
    def folder(self) -> str:
        """The folder that the file lies in, empty for the root."""
        return self.path.rpartition("/")[0]

    @property
    def root(self) -> Mapping | None:
        """The mapping at the top, or None where the file holds none."""
        root = self.document.root
        return root if isinstance(root, Mapping) else None

    @property
    def is_empty(self) -> bool:
        """Whether the file holds nothing for Compose: no mapping, or a `version` alone."""
        return self.root is None or all(entry.name == "version" for entry in self.root.entries)

    @cached_property
    def services(self) -> dict[str, Mapping]:
        """The services as this file writes them, by name."""
        section = self.root.get("services") if self.root else None
        found: dict[str, Mapping] = {}
        for entry in section.entries if isinstance(section, Mapping) else []:
            value = resolve_alias(entry.value)
            name = entry.name or ""
            if not name or not isinstance(value, Mapping) or is_setting(name, value):
                continue
            # Of two with one name, which is a mistake, the one that is whole tells more.
            if name not in found or not has_key(found[name], WHOLE_SERVICE):
                found[name] = value
        return found

    @cached_property
    def is_fragment(self) -> bool:
        """Whether the file only means something on top of another: one of its services has neither
        image nor build, and the file includes nothing that could have them."""
        if self.root is None or self.root.get("include") is not None:
            return False
        return not all(
            has_key(each, WHOLE_SERVICE) or _means_whole(each) for each in self.services.values()
        )

    @cached_property
    def complaints(self) -> tuple[Complaint, ...]:
        """What the specification has against the file."""
        return tuple(complaints(self.document))

    @cached_property
    def strays(self) -> tuple[Stray, ...]:
        """What stands in the file where it does not belong."""
        return strays(self.document, self.complaints)

    def is_stray(self, node: Node) -> bool:
        """Say whether a value stands where it does not belong, by itself or with what is around it."""
        around: Node | None = node
        while around is not None and id(around) not in self._stray_ids:
            around = around.parent
        return around is not None

    @cached_property
    def _stray_ids(self) -> set[int]:
        return {id(each.node) for each in self.strays}

    @cached_property
    def unwrapped_services(self) -> tuple[Stray, ...]:
        """The services of a file that has no `services` key."""
        if self.root is None or self.root.entry("services") is not None:
            return ()
        return tuple(each for each in self.strays if is_service(each.node, strict=False))

    def declares(self, kind: str, name: str) -> bool:
        """Say whether this file itself declares a volume, network, secret or config."""
        section = self.root.get(SECTIONS[kind]) if self.root else None
        return isinstance(section, Mapping) and section.entry(name) is not None

    def includes(self) -> Iterator[Include]:
        """Yield what stands under `include`, one for each path."""
        section = self.root.get("include") if self.root else None
        for item in section.items if isinstance(section, Sequence) else []:
            node = resolve_alias(item)
            long = node if isinstance(node, Mapping) else None
            folder = next(_texts(long.get("project_directory")), None) if long else None
            environment = tuple(_texts(long.get("env_file"))) if long else ()
            for path in _texts(long.get("path") if long else node):
                yield Include(path, folder, environment)

    def extended_files(self) -> Iterator[str]:
        """Yield the paths under the services' `extends.file`, as written."""
        for service in self.services.values():
            extends = service.get("extends")
            file = extends.get("file") if isinstance(extends, Mapping) else None
            yield from _texts(file)


def has_key(mapping: Mapping, names: tuple[str, ...]) -> bool:
    """Say whether a mapping has one of the keys, itself or through a merge."""
    pending: list[Node] = [mapping]
    seen: set[int] = set()
    while pending:
        node = resolve_alias(pending.pop())
        if node is None or (isinstance(node, Scalar) and not node.is_null):
            # An alias without an anchor, or a name that lacks its `*`, may stand for anything.
            return True
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Sequence):
            pending += node.items
        elif isinstance(node, Mapping):
            if any(entry.name in names for entry in node.entries):
                return True
            pending += [entry.value for entry in node.entries if entry.name == "<<"]
    return False


def _means_whole(service: Mapping) -> bool:
    """Whether a service without image or build has a key that is a misspelling of one."""
    names = [entry.name for entry in service.entries if entry.name is not None]
    return any(not is_known(name) and nearest(name, WHOLE_SERVICE) for name in names)


def _texts(node: Node | None) -> Iterator[str]:
    node = resolve_alias(node) if node else None
    for each in node.items if isinstance(node, Sequence) else [node]:
        if isinstance(each, Scalar):
            yield each.value
