"""What the Compose specification has against a file, in Compose's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fixer.documents.yaml.tree import Mapping, Node, Scalar, Sequence, YamlDocument, resolve_alias
from fixer.stack.shapes import FILE, FORMS, SERVICE, SERVICES, Shape
from fixer.stack.values import scalar_data

GO_TYPES = {
    "list": "[]interface {}",
    "map": "map[string]interface {}",
    "null": "<nil>",
    "number": "int",
    "boolean": "bool",
    "date": "time.Time",
}
"""The names that Compose calls the kinds by where it merges lists."""

LISTS_OF_PAIRS = (
    "annotations", "build.additional_contexts", "build.args", "build.labels", "build.tags", "cap_add",
    "cap_drop", "deploy.labels", "dns", "dns_opt", "dns_search", "environment", "labels", "links",
    "profiles", "sysctls", "tmpfs",
)  # fmt: skip
"""A service's lists in which Compose tells items apart by what stands before `=`, so that it looks at
their kind before it checks the file."""

PAIRED = ("ports", "volumes", "devices")
"""A service's lists whose items have a colon, and a long form."""

DATE = r"\d{4}-\d\d?-\d\d?([Tt ].*)?\Z"
"""A plain scalar that Compose takes for a date."""


class Complaint(NamedTuple):
    """Something that the specification does not allow. `problem` is `unknown` (a key, `node` is its
    value), `kind` (of the value), `form` (of a text), `choice` (a text that is none of the choices),
    `missing` (a required key, named by `key`) or `misplaced` (a service's key where services stand)."""

    problem: str
    key: str
    node: Node
    shape: Shape
    path: tuple[str, ...]
    """The keys and indices that lead here in Compose's own words, as `services`, `web`, `ports`."""

    @property
    def location(self) -> str:
        """The place in Compose's own words."""
        return ".".join(self.path)

    @property
    def decoded_location(self) -> str:
        """The place as Compose calls it where it makes use of a value: `services[web].mem_limit`."""
        steps = (f"[{each}]" if each.isdigit() else f".{each}" for each in self.path[2:])
        return f"{self.path[0]}[{''.join(self.path[1:2])}]{''.join(steps)}"

    @property
    def refusal(self) -> str:
        """What Compose says of a value of a wrong kind, or of a key that is missing."""
        kind = kind_of(self.node)
        place = self.path if self.problem == "missing" else self.path[:-1]
        if kind == "map" and (refusal := self._of_long_form()):
            return refusal
        if self.problem == "missing":
            is_other = "text" in self.shape.kinds or "number" in self.shape.kinds
            words = f"must be a {self.shape.words}" if is_other else f"missing property '{self.key}'"
            return f"{self.location} {words}"
        if self.key.isdigit() and (".".join(place[2:]) in LISTS_OF_PAIRS or place[-1:] == ("aliases",)):
            return f"{'.'.join(place)}.[{self.key}]: unexpected type {GO_TYPES[kind]}"
        if kind == "date":
            return f"{self.location} invalid jsonType time.Time"
        return f"{self.location} must be a {self.shape.words}"

    def _of_long_form(self) -> str:
        """What Compose says of a mapping before it checks the file against the specification."""
        entries = self.node.entries if isinstance(self.node, Mapping) else []
        names = [each for each in entries if each.name is not None]
        number = next((each for each in names if kind_of(each.key) in ("number", "boolean")), None)
        if number is not None:
            place = re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", self.location)
            return f"non-string key in {place}: {number.name}"
        *above, last = self.path
        is_item = len(above) == 3 and above[-1] in PAIRED and last.isdigit()
        if not is_item or any(each.name == "target" for each in names):
            return ""
        wanted = "target port" if above[-1] == "ports" else "mount target"
        noun = "ports" if above[-1] == "ports" else above[-1].removesuffix("s")
        return f"service {noun} {'.'.join(above)}.[{last}] is missing a {wanted}"


def kind_of(node: Node) -> str:
    """Give a node's kind: text, number, boolean, null, list or map."""
    if isinstance(node, Sequence):
        return "list"
    if isinstance(node, Mapping):
        return "map"
    assert isinstance(node, Scalar)
    data = scalar_data(node)
    if data is None:
        return "null"
    if isinstance(data, str) and not node.style and node.tag is None and re.match(DATE, data):
        return "date"
    if isinstance(data, bool):
        return "boolean"
    return "number" if isinstance(data, int | float) else "text"


EXPECTED = {
    "text": "a text (in quotes where it looks like a number)",
    "number": "a number",
    "boolean": "true or false",
    "list": "a list, each item on a line of its own behind a dash and a blank",
    "map": "a mapping, each entry on a line of its own as `key: value`",
}


def expectation(complaint: Complaint) -> str:
    """Say to a person what may stand in a place."""
    shape = complaint.shape
    if shape.choices:
        return " or ".join(shape.choices)
    return ", or ".join(words for kind, words in EXPECTED.items() if kind in shape.kinds)


def shape_at(path: tuple[str, ...]) -> Shape | None:
    """Give what may stand at a place that is named in Compose's words."""
    shape: Shape | None = FILE
    for step in path:
        if shape is None:
            return None
        shape = (
            shape.items if step.isdigit() and shape.items else (shape.keys or {}).get(step, shape.values)
        )
    return shape


def complaints(document: YamlDocument) -> Iterator[Complaint]:
    """Yield what the specification has against a Compose file, each place once."""
    seen: set[tuple[int, int]] = set()
    for root in document.roots:
        yield from _check(root, FILE, (), seen)


def is_used_alike(document: YamlDocument, node: Node) -> bool:
    """Say whether a value that may be used in several places, by aliases, stands in places of one
    kind, so that what is right for one is right for all."""
    seen: set[tuple[int, int]] = set()
    for root in document.roots:
        for _ in _check(root, FILE, (), seen):
            pass
    return sum(1 for each, _ in seen if each == id(node)) == 1


def fits(node: Node, shape: Shape) -> bool:
    """Say whether the specification has nothing against a value of a shape."""
    return next(_check(node, shape, (), set()), None) is None


def _check(
    written: Node, shape: Shape, path: tuple[str, ...], seen: set[tuple[int, int]]
) -> Iterator[Complaint]:
    node = resolve_alias(written)
    if node is None or node.tag in ("!reset", "!override") or (id(node), id(shape)) in seen:
        return
    seen.add((id(node), id(shape)))
    kind = kind_of(node)
    key = path[-1] if path else ""
    if kind not in shape.kinds and not _may_be(node, kind, shape):
        yield Complaint("kind", key, node, shape, path)
    elif isinstance(node, Scalar) and kind == "text" and "$" not in node.value:
        if shape.choices and node.value not in shape.choices:
            yield Complaint("choice", key, node, shape, path)
        elif shape.form and not re.match(FORMS[shape.form], node.value):
            yield Complaint("form", key, node, shape, path)
    elif isinstance(node, Sequence) and shape.items is not None:
        for index, item in enumerate(node.items):
            below = (*path, str(index))
            if len(path) == 3 and key in PAIRED and _is_pair(item, shape.items):
                yield Complaint("kind", str(index), item, shape.items, below)
            else:
                yield from _check(item, shape.items, below, seen)
    elif isinstance(node, Mapping):
        names = set[str | None]()
        for entry in node.entries:
            name = entry.name
            names.add(name)
            if name == "<<":
                yield from _check_merged(entry.value, shape, path, seen)
            elif name is not None and not name.startswith("x-"):
                inner = (shape.keys or {}).get(name) or shape.values
                if shape is SERVICES and is_setting(name, entry.value):
                    yield Complaint("misplaced", name, entry.value, shape, (*path, name))
                elif inner is not None:
                    yield from _check(entry.value, inner, (*path, name), seen)
                elif shape.keys is not None:
                    yield Complaint("unknown", name, entry.value, shape, path)
        for name in shape.required:
            if name not in names and "<<" not in names:
                yield Complaint("missing", name, node, shape, path)


def _is_pair(item: Node, shape: Shape) -> bool:
    """Whether an item is `a: b` where the text `a:b` belongs, which is no mapping in long form."""
    entries = item.entries if isinstance(item, Mapping) else []
    return (
        len(entries) == 1
        and entries[0].name not in (shape.keys or {})
        and isinstance(entries[0].value, Scalar)
    )


def _check_merged(
    written: Node, shape: Shape, path: tuple[str, ...], seen: set[tuple[int, int]]
) -> Iterator[Complaint]:
    node = resolve_alias(written)
    for each in node.items if isinstance(node, Sequence) else [written]:
        if isinstance(resolve_alias(each), Mapping):
            # What is merged need not have the required keys.
            yield from _check(each, shape._replace(required=()), path, seen)


def is_known(name: str) -> bool:
    """Say whether a service may have a key."""
    return name == "<<" or name.startswith("x-") or name in (SERVICE.keys or {})


def is_setting(name: str, written: Node) -> bool:
    """Say whether what stands where a service should is a service's setting."""
    node = resolve_alias(written)
    known = SERVICE.keys or {}
    if name not in known or node is None or kind_of(node) == "null":
        return False
    is_service = isinstance(node, Mapping) and any(
        entry.name == "<<" or entry.name in known for entry in node.entries
    )
    return not is_service


def _may_be(node: Node, kind: str, shape: Shape) -> bool:
    """Whether a variable stands where it becomes what is wanted."""
    is_variable = kind == "text" and isinstance(node, Scalar) and "$" in node.value
    return is_variable and bool(shape.kinds & {"number", "boolean"})
