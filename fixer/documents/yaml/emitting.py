"""New YAML text for a value, in the indentation and quoting style of the document around it."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from fixer.documents.yaml.tree import Mapping, Scalar, Sequence, YamlDocument
from fixer.documents.yaml.values import AliasTo, Flow, Quoted, Reset, Value

READ_DIFFERENTLY = r"(?i)(yes|no|on|off|[-+]?\d[\d_]*(:[0-5]?\d)+)\Z"
"""Plain scalars that YAML 1.1 loaders take for a boolean or a number in base 60."""


class Layout(NamedTuple):
    """How a document is written: columns a level of mapping adds, columns from a key to the dash
    of its list, and the quote its author prefers."""

    step: int
    dash: int
    quote: str


def layout_of(document: YamlDocument) -> Layout:
    """Measure a document's layout by the majority of its nodes."""
    steps: dict[int, int] = {}
    dashes: dict[int, int] = {}
    quotes = {'"': 0, "'": 0}
    for node in document.walk():
        if isinstance(node, Scalar):
            if node.style in quotes:
                quotes[node.style] += 1
        elif isinstance(node, Mapping | Sequence) and not node.flow and node.parent is not None:
            parent = node.parent
            if not isinstance(parent, Mapping) or parent.flow:
                continue
            distance = column_of(document, node) - column_of(document, parent)
            counts = steps if isinstance(node, Mapping) else dashes
            counts[distance] = counts.get(distance, 0) + 1
    steps.pop(0, None)
    step = max(steps, key=lambda each: steps[each]) if steps else 2
    dash = max(dashes, key=lambda each: dashes[each]) if dashes else step
    return Layout(step, dash, "'" if quotes["'"] > quotes['"'] else '"')


def column_of(document: YamlDocument, node: Mapping | Sequence) -> int:
    """Give the column (from zero) at which a block collection's keys or dashes stand."""
    if isinstance(node, Mapping):
        at = node.entries[0].key.start if node.entries else node.start
    else:
        at = dash_of(document, node, len(node.items) - 1) if node.items else node.start
    return column_in_line(document, at)


def column_in_line(document: YamlDocument, offset: int) -> int:
    """Give the column (from zero) of an offset."""
    return offset - document.source.line_start(offset)


def dash_of(document: YamlDocument, sequence: Sequence, index: int) -> int:
    """Give the offset of the dash before a block sequence's item."""
    return document.text.rfind("-", sequence.start, max(sequence.items[index].start, 1))


def is_inline(value: Value) -> bool:
    """Say whether a value is written on its key's line."""
    if isinstance(value, dict | list):
        return not value
    return not (isinstance(value, str) and "\n" in value)


def inline(value: Value, layout: Layout, in_flow: bool) -> str:
    """Write a value in one line; collections take flow style."""
    if isinstance(value, AliasTo):
        return f"*{value.anchor}"
    if isinstance(value, Reset):
        return "!reset null"
    if isinstance(value, Flow):
        return inline(value.value, layout, in_flow)
    if isinstance(value, Quoted):
        return _quoted(value.text, layout)
    if isinstance(value, dict):
        pairs = (
            f"{inline(key, layout, True)}: {inline(item, layout, True)}" for key, item in value.items()
        )
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(inline(item, layout, True) for item in value) + "]"
    if value is None:
        return "null" if in_flow else ""
    # libyaml takes no colon in a plain scalar inside brackets.
    if isinstance(value, str) and (
        re.match(READ_DIFFERENTLY, value) or "\n" in value or (in_flow and ":" in value)
    ):
        return _quoted(value, layout)
    return _scalar(value, in_flow, layout)


def block(value: Value, column: int, layout: Layout) -> list[str]:
    """Write a collection or a text of several lines as lines that start at `column`.

    A text's first line is its `|` header, which goes on its key's line.
    """
    pad = " " * column
    if isinstance(value, str):
        body = value.split("\n")
        header = "|" if value.endswith("\n") else "|-"
        if header == "|":
            body.pop()
        return [header, *(pad + line if line else "" for line in body)]
    lines: list[str] = []
    if isinstance(value, dict):
        for key, item in value.items():
            lines += entry(key, item, column, layout)
    else:
        for item in value:
            lines += list_item(item, column, layout)
    return lines


def entry(key: Value, value: Value, column: int, layout: Layout) -> list[str]:
    """Write `key: value` as lines whose first stands at `column`."""
    head = " " * column + (key if key == "<<" else inline(key, layout, False)) + ":"
    if is_inline(value):
        text = inline(value, layout, False)
        return [f"{head} {text}" if text else head]
    inner = column + (layout.dash if isinstance(value, list) else layout.step)
    lines = block(value, inner, layout)
    if isinstance(value, str):
        return [f"{head} {lines[0]}", *lines[1:]]
    return [head, *lines]


def list_item(value: Value, column: int, layout: Layout) -> list[str]:
    """Write `- value` as lines whose first stands at `column`."""
    head = " " * column + "-"
    if is_inline(value):
        text = inline(value, layout, False)
        return [f"{head} {text}" if text else head]
    lines = block(value, column + 2, layout)
    if isinstance(value, str):
        return [f"{head} {lines[0]}", *lines[1:]]
    return [f"{head} {lines[0].lstrip(' ')}", *lines[1:]]


def _quoted(text: str, layout: Layout) -> str:
    would_escape = "'" not in text and ('"' in text or "\\" in text)
    if text.isprintable() and (layout.quote == "'" or would_escape):
        return "'" + text.replace("'", "''") + "'"
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    return _dump({"k": DoubleQuotedScalarString(text)})[len("k: ") :]


def _scalar(value: Any, in_flow: bool, layout: Layout) -> str:
    if not isinstance(value, str):
        return _dump({"k": value})[len("k: ") :]
    text = _dump([value], flow=True)[1:-1] if in_flow else _dump({"k": value})[len("k: ") :]
    return _quoted(value, layout) if text[:1] in ("'", '"') else text


def _dump(value: Any, flow: bool = False) -> str:
    from io import StringIO

    stream = StringIO()
    _dumper(flow).dump(value, stream)
    return stream.getvalue().rstrip("\n")


@cache
def _dumper(flow: bool) -> Any:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 1 << 20
    yaml.allow_unicode = True
    if flow:
        yaml.default_flow_style = True
    return yaml
