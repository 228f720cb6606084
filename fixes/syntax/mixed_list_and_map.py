"""Items of a list and keys of a mapping stand side by side.

## What is wrong

`environment`, `labels` and their like may be a list of `NAME=value` or a mapping of `NAME: value`,
but not both. Compose says `did not find expected key`, `did not find expected '-' indicator` or, for
an item such as `- NAME: value`, `services.web.environment.[0]: unexpected type map[string]interface
{}`.

## What dockfix does

It writes the line in the form of those above it.

## Fix safety

Safe: Compose refuses the file as it is.

## References

Compose specification, environment and labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.source import Edit
from fixer.documents.yaml import Mapping, Node, Scalar, Sequence, Set, resolve_alias
from fixer.documents.yaml.broken import BrokenYaml
from fixer.finding import Finding, Fix, Repair, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack
from fixer.stack.shapes import PAIRS

fix = Fix(
    summary="Items of a list and keys of a mapping stand side by side.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

ITEM = re.compile(r"- +([\"']?)([A-Za-z_][\w.-]*)=(.*)\1\Z")
KEY = re.compile(r"([A-Za-z_][\w.-]*):(?:\s+([\"']?)(.*)\2)?\Z")
PLAIN = re.compile(r"[A-Za-z0-9_./$](?:[^#:\"']|:(?=\S))*\Z")
NUMERIC = re.compile(r"[-+]?[\d._:]+\Z|(?i:true|false|yes|no|on|off|null|~)\Z")
SECTIONS = ("environment:", "labels:", "args:", "annotations:", "sysctls:")


def propose(broken: BrokenYaml) -> Iterator[Repair]:
    """Propose the other form for the line where the parser gave up."""
    message = "Compose refuses the file: list and map syntax are mixed: did not find expected key."
    for line in broken.near(before=0):
        parent = broken.parent(line)
        if parent is None or parent.content not in SECTIONS:
            continue
        item, key = ITEM.match(line.content), KEY.match(line.content)
        first = next(broken.below(parent), line)
        if first.content.startswith("-") == line.content.startswith("-"):
            continue
        if item is not None:
            text = f"{item[2]}: {_quoted(item[3])}".rstrip()
        elif key is not None:
            text = f"- {_as_item(key[1], key[3])}"
        else:
            continue
        start = line.start + line.indent
        yield Repair(start, message, (Edit(start, line.end, text),), 9)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find items of such lists that are a mapping."""
    for file in stack.files:
        for complaint in file.complaints:
            node = complaint.node
            if isinstance(node, Mapping) and isinstance(node.parent, Sequence):
                shape_is_item = complaint.problem == "kind" and complaint.shape is PAIRS.items
                if shape_is_item and complaint.path[-2] in [each[:-1] for each in SECTIONS]:
                    yield from _item_finding(file, node, ".".join(complaint.path[:-1]))


def _item_finding(file: ComposeFile, node: Mapping, path: str) -> Iterator[Finding]:
    place = Place(file.path, file.document.source.position(node.start))
    message = (
        f"Compose refuses the file: {path}: unexpected type map[string]interface {{}}, since an item of"
        " this list is a mapping."
    )
    texts = [_text(entry.name, resolve_alias(entry.value)) for entry in node.entries]
    if len(texts) != 1 or texts[0] is None:
        yield Finding(place, message, steps="Write each item as NAME=value.")
        return
    operation = Set(node.route, texts[0], node.document)
    yield Finding(place, message, (EditYaml(file.path, (operation,)),))


def _text(name: str | None, value: Node | None) -> str | None:
    if name is None or not isinstance(value, Scalar) or value.style in ("|", ">"):
        return None
    return name if value.is_null else f"{name}={value.value}"


def _as_item(name: str, value: str | None) -> str:
    if not value:
        return name
    text = f"{name}={value}"
    return f'"{text}"' if re.search(r": | #|[\"\\]", text) and '"' not in text else text


def _quoted(value: str) -> str:
    """A value as YAML reads it as text."""
    is_plain = PLAIN.match(value) and not NUMERIC.match(value)
    return value if is_plain or value.startswith(('"', "'")) else f'"{value}"'
