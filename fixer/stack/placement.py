"""Entries of a Compose file that stand where they do not belong, and where they do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fixer.documents.yaml.data import disagreements, same
from fixer.documents.yaml.routes import Route, Step
from fixer.documents.yaml.tree import (
    Entry,
    Mapping,
    Node,
    Scalar,
    Sequence,
    YamlDocument,
    resolve_alias,
)
from fixer.stack.shapes import ATTACHMENT, BUILD, DEPLOY, HEALTHCHECK, SERVICE
from fixer.stack.specification import Complaint, fits, is_setting, kind_of

SETTINGS = SERVICE.keys or {}
VERSION_1 = ("dockerfile", "log_driver", "log_opt", "net", "volume_driver")
"""Settings that only version 1 of the Compose file had."""

SECTIONS = ("services", "networks", "volumes", "secrets", "configs")
PARTS = {"build": BUILD, "healthcheck": HEALTHCHECK, "deploy": DEPLOY}
"""Settings of a service that are mappings, of which others are often written beside them."""

STARTS = {"build": ("context",), "healthcheck": ("test",)}
"""What tells of a part that is not there that the author means it; for others any key does."""

INNER = {
    "services.*": {"watch": "develop"},
    "services.*.deploy": {"limits": "resources", "reservations": "resources"},
    "services.*.deploy.resources": {"devices": "reservations"},
    "services.*.logging": {"max-file": "options", "max-size": "options"},
    "services.*.volumes.#": {"create_host_path": "bind", "nocopy": "volume", "propagation": "bind"},
    "networks.*": {"config": "ipam"},
    "volumes.*": {"device": "driver_opts", "o": "driver_opts", "type": "driver_opts"},
}
"""What is often written a level too high, and the mapping there that it belongs into."""

UNCLEAR = ("mode", "network", "pull")
"""Settings of a part that beside it may stand for another setting of the service."""

AMBIGUOUS = ("environment", "labels", "restart", "image")
"""Settings of a service that inside a part may stand for something else there."""


class Stray(NamedTuple):
    """An entry that stands where it does not belong. `words` are Compose's. `to` is the route where it
    belongs, None where that cannot be told or is taken; `steps` say it to a person."""

    node: Node
    words: str
    steps: str
    to: Route | None

    @property
    def after(self) -> Step | None:
        """The entry of its new mapping that it stands inside now, and goes behind."""
        route, depth = self.node.route, len(self.to or ()) - 1
        is_inside = self.to is not None and len(route) > depth + 1 and route[:depth] == self.to[:depth]
        return route[depth] if is_inside else None


def strays(document: YamlDocument, complaints: Iterable[Complaint]) -> tuple[Stray, ...]:
    """Give what stands in a wrong place, each entry once."""
    found: dict[int, Stray] = {}
    placement = _Placement(document)
    for complaint in complaints:
        for stray in placement.of(complaint):
            found.setdefault(id(stray.node), stray)
    return tuple(found.values())


def is_service(node: Node, strict: bool) -> bool:
    """Say whether a value reads like a service: it has an image or a build, or unless `strict`
    nothing but settings."""
    target = resolve_alias(node)
    entries = target.entries if isinstance(target, Mapping) else []
    if any(_names_container(entry) for entry in entries):
        return True
    return not strict and has_only_settings(node)


def has_only_settings(node: Node) -> bool:
    """Say whether a value is a mapping of settings that services have, or had in version 1."""
    target = resolve_alias(node)
    entries = target.entries if isinstance(target, Mapping) else []
    return bool(entries) and all(_is_setting(entry) for entry in entries)


def _is_setting(entry: Entry) -> bool:
    value = resolve_alias(entry.value)
    shape = SETTINGS.get(entry.name or "")
    if shape is None:
        return entry.name in (*VERSION_1, "<<")
    kind = kind_of(value) if value is not None else "null"
    return kind in shape.kinds or kind not in ("list", "map")


def _names_container(entry: Entry) -> bool:
    value = resolve_alias(entry.value)
    if entry.name == "image":
        return isinstance(value, Scalar) and not value.is_null
    if entry.name == "build":
        return value is not None and kind_of(value) != "null" and fits(value, BUILD)
    merged = value.items if isinstance(value, Sequence) else [entry.value]
    return entry.name == "<<" and any(is_service(each, strict=True) for each in merged)


class _Placement:
    """What the places of one file tell."""

    def __init__(self, document: YamlDocument) -> None:
        self.document = document
        self.services = [document.node(("services",), number) for number in range(len(document.roots))]

    def of(self, complaint: Complaint) -> Iterator[Stray]:
        node, path, key = complaint.node, complaint.path, complaint.key
        if complaint.problem == "misplaced" and node.route[:-1] == ("services",):
            yield self._among_services(node, key)
        elif complaint.problem == "kind" and path == ("volumes",) == node.route and _has_mounts(node):
            yield from self._of_last_service(node, "volumes", "volumes must be a mapping")
        elif complaint.problem == "unknown" and tuple(map(str, node.route)) == (*path, key):
            yield from self._unknown(node, path, key)

    def _unknown(self, node: Node, path: tuple[str, ...], key: str) -> Iterator[Stray]:
        words = f"{'.'.join(path)} additional properties '{key}' not allowed".lstrip()
        inner = INNER.get(_pattern(path), {}).get(key)
        if inner is not None:
            steps = f"Move {key} below {inner}."
            yield self._stray(node, words, steps, (*node.route[:-1], inner, key))
        elif not path:
            if is_service(node, strict=key in SETTINGS or self._services(node) is not None):
                if self._services(node) is None or not self._is_template(node):
                    steps = f"Move {key} below services."
                    yield self._stray(node, words, steps, ("services", key))
            elif key in SETTINGS and fits(node, SETTINGS[key]) and not self._is_template(node):
                yield from self._of_last_service(node, key, words)
        elif len(path) == 2 and path[0] in SECTIONS and path[0] != path[1] and path[1] in SECTIONS:
            yield from self._section_in_section(node, path, words)
        elif len(path) == 2 and path[0] == "services":
            yield from self._of_service(node, path[1], key, words)
        elif len(path) == 2 and node.parent is not None and is_service(node.parent, strict=True):
            steps = f"Move {path[1]} below services."
            yield self._stray(node.parent, words, steps, ("services", path[1]))
        elif len(path) == 3 and path[0] == "services":
            yield from self._in_part(node, path, key, words)

    def _stray(self, node: Node, words: str, steps: str, to: Route, joins: bool = False) -> Stray:
        """A stray entry, with `to` where it can be moved there, or `joins` what is there, or is
        there already."""
        there = self.document.node(to, node.document)
        into = self.document.node(to[:-1], node.document)
        if there is not None:
            has_room = same(there, node) or (joins and _can_join(there, node))
        elif into is None:
            has_room = node.route[:-1] == to[:-2]
        elif to[-2:-1] == ("build",) and isinstance(into, Scalar) and not into.is_null:
            # The short form is the context.
            has_room = to[-1] != "context"
        else:
            has_room = _is_block(into)
        is_block = node.parent is not None and not node.parent.flow
        return Stray(node, words, steps, to if has_room and is_block else None)

    def _services(self, node: Node) -> Node | None:
        return self.services[node.document]

    def _is_template(self, node: Node) -> bool:
        """Whether a value is there for aliases to use."""
        return node.anchor is not None and node.anchor in self.document.alias_count

    def _among_services(self, node: Node, key: str) -> Stray:
        words = f"services.{key} must be a mapping"
        if isinstance(node, Mapping):
            names = ", ".join(f"'{entry.name}'" for entry in node.entries)
            words = f"services.{key} additional properties {names} not allowed"
        if self._is_section(node, key):
            steps = f"Move {key} to the top level of the file, beside services."
            return self._stray(node, words, steps, (key,), joins=True)
        steps = f"Move {key} into the service that it belongs to."
        above = self._service_above(node)
        if above is None:
            return Stray(node, words, steps, None)
        return self._stray(node, words, steps, ("services", above, key))

    def _is_section(self, node: Node, key: str) -> bool:
        """Whether what stands among the services is a section of the whole file: no service has such a
        mapping, or the networks that it names are declared nowhere else."""
        if key not in SECTIONS or not isinstance(node, Mapping):
            return False
        if key != "networks":
            return True
        declared = self.document.node(("networks",), node.document)
        names = {entry.name for entry in declared.entries} if isinstance(declared, Mapping) else set()
        is_attachment = all(fits(entry.value, ATTACHMENT) for entry in node.entries)
        return not (is_attachment and names & {entry.name for entry in node.entries})

    def _service_above(self, node: Node) -> Step | None:
        """The service right above an entry that stands among the services."""
        services = node.parent
        assert isinstance(services, Mapping)
        above = services.entries[: [entry.value for entry in services.entries].index(node)]
        services_above = (
            each for each in reversed(above) if not is_setting(each.name or "", each.value)
        )
        found = next(services_above, None)
        return found.value.step if found else None

    def _of_last_service(self, node: Node, key: str, words: str) -> Iterator[Stray]:
        """A service's setting at the top of the file, behind the services."""
        root, services = node.parent, self._services(node)
        if not isinstance(root, Mapping) or not isinstance(services, Mapping) or not services.entries:
            return
        steps = f"Move {key} into the service that it belongs to."
        between = root.entries[: [entry.value for entry in root.entries].index(node)]
        while between and between[-1].value is not services and between[-1].name in SETTINGS:
            between.pop()
        last = services.entries[-1].name
        if last is None or not between or between[-1].value is not services:
            yield Stray(node, words, steps, None)
        else:
            yield self._stray(node, words, steps, ("services", last, key))

    def _section_in_section(self, node: Node, path: tuple[str, ...], words: str) -> Iterator[Stray]:
        """A section of the file that stands below another one, a level too far right."""
        outer, name = path
        section = node.parent
        if not isinstance(section, Mapping):
            return
        if name == "services" and not all(is_service(each.value, True) for each in section.entries):
            return
        if all(
            kind_of(resolve_alias(each.value) or each.value) in ("map", "null")
            for each in section.entries
        ):
            steps = f"Move {name} to the top level of the file, beside {outer}."
            yield self._stray(section, words, steps, (name,), joins=True)

    def _of_service(self, node: Node, service: str, key: str, words: str) -> Iterator[Stray]:
        """What a service does not have: a whole service, or a setting of one of its parts."""
        owner = node.parent
        assert isinstance(owner, Mapping)
        if is_service(node, strict=True):
            steps = f"Move {key} out of {service}, to the other services."
            stays = any(entry.name in SETTINGS or entry.name == "<<" for entry in owner.entries)
            stray = self._stray(node, words, steps, ("services", key))
            yield stray if stays else stray._replace(to=None)
            return
        homes = [
            name
            for name, part in PARTS.items()
            if key in (part.keys or {}) and key not in UNCLEAR and self._has(owner, name)
        ]
        known = (PARTS[homes[0]].keys or {}) if len(homes) == 1 else {}
        resources = (DEPLOY.keys or {})["resources"].keys or {}
        if key in known and fits(node, known[key]):
            steps = f"Move {key} into the {homes[0]} of {service}."
            yield self._stray(node, words, steps, ("services", service, homes[0], key))
        elif key in resources and fits(node, resources[key]):
            steps = f"Move {key} into deploy.resources of {service}."
            yield self._stray(node, words, steps, ("services", service, "deploy", "resources", key))

    def _has(self, owner: Mapping, part: str) -> bool:
        """Whether a service has a part, or what stands in the service tells that it is meant."""
        names = {entry.name for entry in owner.entries}
        return part in names or part == "deploy" or bool(names & set(STARTS[part]))

    def _in_part(self, node: Node, path: tuple[str, ...], key: str, words: str) -> Iterator[Stray]:
        """What stands in a part of a service, and belongs to the service."""
        _, service, part = path
        is_part = part in PARTS or part == "logging"
        if is_part and key in SETTINGS and key not in AMBIGUOUS and fits(node, SETTINGS[key]):
            steps = f"Move {key} out of {part}, beside it."
            yield self._stray(node, words, steps, ("services", service, key))


def _pattern(path: tuple[str, ...]) -> str:
    """A path with a star for the name of what is declared, and a hash for an index."""
    steps = ["#" if step.isdigit() else step for step in path]
    return ".".join([*steps[:1], *("*" for _ in steps[1:2]), *steps[2:]])


def _is_block(node: Node) -> bool:
    """Whether lines can be added to a value: a mapping that is no flow one, or nothing at all."""
    if isinstance(node, Mapping):
        return not node.flow
    return isinstance(node, Scalar) and node.is_null


def _can_join(there: Node, node: Node) -> bool:
    """Whether a section can take what another one of its name holds."""
    is_empty = isinstance(there, Scalar) and there.is_null
    return is_empty or (_is_block(there) and not disagreements(there, node))


def _has_mounts(node: Node) -> bool:
    """Whether a list is one of mounts, as a service has them."""
    items = node.items if isinstance(node, Sequence) else []
    return bool(items) and all(
        ":" in item.value if isinstance(item, Scalar) else isinstance(item, Mapping) for item in items
    )
