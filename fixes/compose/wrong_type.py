"""A value is a single text, number or boolean where its setting takes another kind of value.

## What is wrong

Each setting takes certain kinds of value. On another Compose stops: `services.web.ports must be a
array`, `services.web.user must be a string`, `services.web.healthcheck must be a mapping`.

## What dockfix does

- A text where a list belongs becomes a list of one. Several in one text become several where each is
  a name that the stack has, or a port. Lines such as `-8080:80`, which lack the blank behind the dash,
  become the items that were meant.
- A number, boolean or date where a text belongs gets quotes, and `restart: false` becomes `"no"`.
- A text where a mapping belongs goes below the key that it can only be meant for: a command of a
  `healthcheck` below `test`, a `logging` driver below `driver`, a condition of `depends_on` below
  `condition`, a secret's path below `file`. Lines such as `image:nginx`, which lack the blank behind
  the colon, become the entries that were meant.
- `1` and `0` where a boolean belongs become `true` and `false`.

Other cases say what is expected, also where one line holds several variables, and where `networks`
is `host`, `none` or `bridge`, which are modes of Docker's and no networks of the stack.

## Fix safety

Safe: Compose refuses the file as it is. A value that is used in places of several kinds, through an
anchor, is for a person.

## References

Compose specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Quoted, Scalar, Set, Value
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack
from fixer.stack.service import NETWORK_MODES
from fixer.stack.specification import Complaint, expectation, is_used_alike, kind_of
from fixer.stack.values import plain_value

fix = Fix(
    summary="A value is of a kind that its setting does not take.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

PATH = r"(\.{0,2}/|~/)\S*\Z"

MEANT = {
    "healthcheck": (("none|disabled?|false|off", "disable"), (r"[^\[{].*", "test")),
    "logging": ((r"[\w.-]+", "driver"),),
    "depends_on.*": (("service_started|service_healthy|service_completed_successfully", "condition"),),
    "secrets.*": ((PATH, "file"),),
    "configs.*": ((PATH, "file"),),
    "volumes.*": (("local|nfs", "driver"), ("external", "external")),
    "networks.*": (("bridge|overlay|macvlan|ipvlan", "driver"), ("external", "external")),
    "extends": ((r"[\w.-]+", "service"),),
}
"""The key that a text can only be meant for, where a mapping belongs: by what the text looks like."""

NAMES = {"networks": "network", "secrets": "secret", "configs": "config"}

WORDS = {
    "ports": r"[\d.:\[\]-]+(/\w+)?",
    "expose": r"[\d-]+(/\w+)?",
    "cap_add": r"[A-Z_]+",
    "cap_drop": r"[A-Z_]+",
    "profiles": r"[\w.-]+",
    "dns": r"[\d.:a-f]+",
    "dns_search": r"[\w.-]+",
    "group_add": r"[\w-]+",
    "platforms": r"[\w/]+",
}
"""What one item looks like in lists whose items are words."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find single values of a wrong kind. A missing value is `empty-setting`, a number for a time or
    a size is `invalid-duration` or `invalid-byte-size`."""
    for file in stack.files:
        for complaint in file.complaints:
            is_single = isinstance(complaint.node, Scalar) and kind_of(complaint.node) != "null"
            has_unit = complaint.shape.form in ("duration", "size")
            is_wrong = complaint.problem == "kind" and is_single and not has_unit
            if is_wrong and not file.is_stray(complaint.node):
                yield _finding(stack, file, complaint)


def _finding(stack: Stack, file: ComposeFile, complaint: Complaint) -> Finding:
    node = complaint.node
    assert isinstance(node, Scalar)
    place = Place(file.path, file.document.position(node))
    message = f"Compose refuses the file: {complaint.refusal}."
    value = _repaired(stack, file, node, complaint)
    if value is None or (node.anchor is not None and not is_used_alike(file.document, node)):
        steps = f"Write {complaint.key} as {expectation(complaint)}."
        if complaint.key == "networks" and node.value in NETWORK_MODES:
            steps = f"Write network_mode: {node.value} in place of networks if Docker's own is meant."
        return Finding(place, message, steps=steps)
    operation = Set(node.route, value, node.document)
    return Finding(place, message, (EditYaml(file.path, (operation,)),))


def _repaired(stack: Stack, file: ComposeFile, node: Scalar, complaint: Complaint) -> Value | None:
    """The value in the kind that belongs there, or None where that needs a person."""
    kinds, kind = complaint.shape.kinds, kind_of(node)
    if "text" in kinds and kind != "text":
        return _text(node, kind, complaint)
    if "boolean" in kinds:
        return {"1": True, "0": False, "true": True, "false": False}.get(node.value.lower())
    if "list" in kinds and (items := _items(stack, file, node, complaint)):
        return items
    return _entries(file, node, complaint) if "map" in kinds else None


def _text(node: Scalar, kind: str, complaint: Complaint) -> Value | None:
    if complaint.key == "restart":
        return Quoted("no") if kind == "boolean" and node.value.lower() == "false" else None
    if complaint.shape.form == "boolean":
        return {"1": True, "0": False}.get(node.value)
    is_doubtful = kind == "boolean" and complaint.key == "entrypoint"
    return None if is_doubtful or complaint.shape.choices else Quoted(node.value)


def _items(stack: Stack, file: ComposeFile, node: Scalar, complaint: Complaint) -> list[Value]:
    items = complaint.shape.items
    if items is None or "text" not in items.kinds:
        return []
    lines = _lines(file, node)
    if all(re.match(r"-\S", line) for line in lines):
        return [line[1:] for line in lines]
    if (
        "map" in complaint.shape.kinds
        and complaint.shape.values
        and "number" in complaint.shape.values.kinds
    ):
        return lines if all(re.match(r"[\w.-]+=\S*\Z", line) for line in lines) else []
    words = re.split(r"[\s,]+", node.value.strip(", \n"))
    if complaint.key == "networks" and node.value in NETWORK_MODES:
        return [node.value] if stack.declares("network", node.value) else []
    if len(words) > 1 and all(_is_item(stack, complaint.key, word) for word in words):
        return words
    is_one = " " not in node.value and ("," not in node.value or complaint.key == "volumes")
    return [Quoted(node.value) if node.style else node.value] if is_one else []


def _is_item(stack: Stack, key: str, word: str) -> bool:
    if key in ("depends_on", "links"):
        return word in stack.services
    if key in NAMES:
        return stack.declares(NAMES[key], word)
    return key in WORDS and bool(re.fullmatch(WORDS[key], word))


def _entries(file: ComposeFile, node: Scalar, complaint: Complaint) -> Value | None:
    shape = complaint.shape
    pairs = [re.match(r"([\w.-]+)(?::|=)(\S.*)\Z", line) for line in _lines(file, node)]
    if any(pair and re.search(r"\s[\w.-]+=", pair[2]) for pair in pairs):
        return None
    if not node.style and all(
        pair and (shape.values or pair[1] in (shape.keys or {})) for pair in pairs
    ):
        return {pair[1]: plain_value(pair[2]) for pair in pairs if pair}
    if complaint.path in (("volumes",), ("networks",)) and re.fullmatch(r"[\w.-]+", node.value):
        return {node.value: None}
    parent = complaint.path[-2] if len(complaint.path) > 1 else ""
    for pattern, key in MEANT.get(complaint.key, MEANT.get(f"{parent}.*", ())):
        if re.fullmatch(pattern, node.value, re.IGNORECASE if key == "disable" else 0):
            return {key: True if key in ("disable", "external") else node.value}
    return None


def _lines(file: ComposeFile, node: Scalar) -> list[str]:
    """A text's lines as they are written."""
    text = node.value if node.style else file.document.text[node.start : node.end]
    return [line.strip() for line in text.splitlines() if line.strip()]
