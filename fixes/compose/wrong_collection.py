"""A mapping stands where a list belongs, or a list where a mapping or a single text does.

## What is wrong

`ports`, `volumes` and the subnets of a network are lists; `healthcheck`, `build` and the top-level
`volumes` and `networks` are mappings. On the other one Compose stops: `services.web.ports must be a
array`, `volumes must be a mapping`, `non-string key in services.web.ports: 80`.

## What dockfix does

- A mapping that is one item in its long form (`ipam.config`, a GPU's reservation) gets a dash. Entries
  of `ports`, `volumes` and their like become items, `80: 80` the item `80:80`, and entries without a
  value become the items of that name. A volume of a service without a value is for a person: Docker
  refuses a name alone, and the section for all services may be meant.
- A list of entries loses its dashes: `- driver: bridge`, or `- data` for a volume. `KEY=value` becomes
  `KEY: value`. The words of a command where `healthcheck` stands go below `test`.
- A list of one text where a text belongs becomes that text. `{{upstreams 80}}` gets the quotes that
  make it one; without them Compose says `yaml: invalid map key`.

Other cases say what is expected.

## Fix safety

Safe: Compose refuses the file as it is, and nothing else can be meant.

## References

Compose specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import (
    Enlist,
    Flow,
    Mapping,
    Operation,
    Quoted,
    Scalar,
    Sequence,
    Set,
    Unlist,
    Wrap,
)
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack
from fixer.stack.shapes import Shape
from fixer.stack.specification import Complaint, expectation, is_used_alike, kind_of
from fixer.stack.values import plain_value

fix = Fix(
    summary="A mapping stands where a list belongs, or the other way round.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

WITH_COLON = ("ports", "volumes", "devices", "security_opt", "links")


def detect(stack: Stack) -> Iterator[Finding]:
    """Find collections of the wrong kind. A mapping as an item of a list is `pair-in-list`."""
    for file in stack.files:
        for complaint in file.complaints:
            node = complaint.node
            is_item = isinstance(node.parent, Sequence) and isinstance(node, Mapping)
            is_own = complaint.problem == "kind" and not is_item and not file.is_stray(node)
            if is_own and isinstance(node, Mapping | Sequence):
                yield _finding(file, complaint, node)


def _finding(file: ComposeFile, complaint: Complaint, node: Mapping | Sequence) -> Finding:
    place = Place(file.path, file.document.position(node))
    message = f"Compose refuses the file: {complaint.refusal}."
    text = file.document.text
    if text.startswith("{{", node.start):
        message = "Compose refuses the file: yaml: invalid map key: map[string]interface {}."
    if isinstance(node, Mapping):
        operation = _to_list(node, complaint) or _as_template(file, node, complaint.shape)
    else:
        operation = _to_mapping(node, complaint) or _to_text(node, complaint.shape)
    is_alike = node.anchor is None or is_used_alike(file.document, node)
    if complaint.key.isdigit():
        steps = f"YAML merges no lists: write these items into {complaint.path[-2]} itself."
        return Finding(place, message, steps=steps)
    if operation is None or not is_alike:
        steps = f"Write {complaint.key} as {expectation(complaint)}."
        if complaint.key == "volumes" and complaint.path[0] == "services" and isinstance(node, Mapping):
            steps += " If these are the stack's volumes, move them to the top level."
        return Finding(place, message, steps=steps)
    return Finding(place, message, (EditYaml(file.path, (operation,)),))


def _to_list(node: Mapping, complaint: Complaint) -> Operation | None:
    items = complaint.shape.items
    names = [entry.name for entry in node.entries]
    if items is None or not names or None in names:
        return None
    if items.keys and all(name in items.keys for name in names):
        return Wrap(node.route, node.document)
    values = [entry.value for entry in node.entries]
    is_plain = all(isinstance(value, Scalar) and not value.anchor for value in values)
    has_values = any(kind_of(value) != "null" for value in values if is_plain)
    # Names without a value among a service's volumes are a section that stands too far right.
    takes_values = complaint.key in WITH_COLON or not has_values
    if complaint.key == "volumes":
        takes_values = not any(
            entry.value.is_null and not entry.name.startswith("/")
            for entry in node.entries
            if isinstance(entry.value, Scalar) and entry.name is not None
        )
    if not is_plain or not takes_values or "text" not in items.kinds or "text" in complaint.shape.kinds:
        return None
    return Enlist(node.route, ":", node.document)


def _as_template(file: ComposeFile, node: Mapping, shape: Shape) -> Operation | None:
    """What stands in two braces is a template, which YAML takes for a mapping in a mapping."""
    text = file.document.text[node.start : node.end]
    is_template = text.startswith("{{") and "text" in shape.kinds and "\n" not in text
    return Set(node.route, Quoted(text), node.document) if is_template else None


def _to_mapping(node: Sequence, complaint: Complaint) -> Operation | None:
    shape = complaint.shape
    if "map" not in shape.kinds:
        return None
    scalars = [item for item in node.items if isinstance(item, Scalar) and not item.anchor]
    mappings = [item for item in node.items if isinstance(item, Mapping) and not item.anchor]
    names = [entry.name or "<<" for item in mappings for entry in item.entries]
    if len(mappings) == len(node.items) or (shape.values and "null" in shape.values.kinds):
        names += [item.value for item in scalars if "=" not in item.value]
        values = [entry.value for item in mappings for entry in item.entries]
        fit = shape.values is None or all(kind_of(each) in shape.values.kinds for each in values)
        if fit and len(scalars) + len(mappings) == len(node.items) and _are_keys(names, shape):
            return Unlist(node.route, node.document)
    if len(scalars) < len(node.items):
        return None
    pairs = [item.value.partition("=") for item in scalars]
    if all(equals for _, equals, _ in pairs) and _are_keys([name for name, _, _ in pairs], shape):
        entries = {name: plain_value(text) for name, _, text in pairs}
        return Set(node.route, Flow(entries) if node.flow else entries, node.document)
    if complaint.key == "healthcheck":
        words = [Quoted(item.value) if item.style else item.value for item in scalars]
        return Set(node.route, {"test": Flow(words) if node.flow else words}, node.document)
    return None


def _are_keys(names: list[str], shape: Shape) -> bool:
    is_section = shape.values is not None and shape.values.keys is not None
    known = r"[\w.-]+" if is_section else r".+"
    is_known = all(re.fullmatch(known, name) for name in names)
    if shape.values is None:
        is_known = all(name in (shape.keys or {}) for name in names)
    return is_known and bool(names) and "<<" not in names and len(set(names)) == len(names)


def _to_text(node: Sequence, shape: Shape) -> Operation | None:
    item = node.items[0] if len(node.items) == 1 else None
    if "text" not in shape.kinds or "null" in shape.kinds or not isinstance(item, Scalar) or item.anchor:
        return None
    text = Quoted(item.value) if item.style else item.value
    return Set(node.route, text, node.document)
