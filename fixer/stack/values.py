"""The merged view of a stack: values that know in which file and where they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fixer.documents.yaml.routes import Route
from fixer.documents.yaml.tree import Node, Scalar
from fixer.place import Place

if TYPE_CHECKING:
    from fixer.stack.files import ComposeFile

BOOLEANS = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}


class Value:
    """A value of the merged view.

    `data` is a scalar (str, int, float, bool or None), a dict of values by key or a list of values.
    `node` is where it is written, aliases followed, in `file`. A collection that several files
    contribute to has the node of the last one. `shared` says that it stands under an anchor which
    is used in more than one place, so that an edit there reaches others too.
    """

    __slots__ = ("data", "file", "node", "shared")

    def __init__(self, data: Any, node: Node, file: ComposeFile, shared: bool) -> None:
        self.data = data
        self.node = node
        self.file = file
        self.shared = shared

    @property
    def at(self) -> Place:
        """Where the value is written; for a mapping's entry, where its key is."""
        return Place(self.file.path, self.file.document.position(self.node))

    @property
    def route(self) -> Route:
        """The route by which an operation reaches the value in its file."""
        return self.node.route

    @property
    def text(self) -> str:
        """A scalar as it is written, without quotes and before interpolation; else empty."""
        return self.node.value if isinstance(self.node, Scalar) else ""

    def get(self, key: str) -> Value | None:
        """Give the value of a mapping's key, or None."""
        found = self.data.get(key) if isinstance(self.data, dict) else None
        return found if isinstance(found, Value) else None

    @property
    def is_empty(self) -> bool:
        """Whether this is an empty list or mapping, or null."""
        return self.data is None or self.data in ([], {})

    def entries(self) -> Iterator[tuple[str, Value]]:
        """Yield a mapping's keys and values; nothing for anything else."""
        if isinstance(self.data, dict):
            yield from self.data.items()

    def items(self) -> Iterator[Value]:
        """Yield a list's items; nothing for anything else."""
        if isinstance(self.data, list):
            yield from self.data

    @property
    def size(self) -> int:
        """How many values this one holds, itself included."""
        parts = [*self.items(), *(value for _, value in self.entries())]
        return 1 + sum(each.size for each in parts)

    def plain(self) -> Any:
        """Give the value as plain data."""
        if isinstance(self.data, dict):
            return {key: value.plain() for key, value in self.data.items()}
        if isinstance(self.data, list):
            return [value.plain() for value in self.data]
        return self.data


def scalar_data(scalar: Scalar) -> str | int | float | bool | None:
    """Give a scalar as Compose types it (YAML's core schema)."""
    text = scalar.value
    if scalar.style or (scalar.tag and scalar.tag != "!reset"):
        return text
    if scalar.is_null:
        return None
    if text in BOOLEANS:
        return BOOLEANS[text]
    if text[:1] in "+-.0123456789":
        for convert in (_integer, float):
            try:
                return convert(text)
            except ValueError:
                continue
    return text


def plain_value(text: str) -> str | int:
    """Give what a plain scalar of this text stands for, if that is a text or a whole number of usual
    size and form."""
    return int(text) if re.fullmatch(r"0|[1-9][0-9]{0,17}", text) else text


def scalar_text(data: Any) -> str:
    """Give a scalar as the text that Compose makes of it where a text is wanted: `420` for `0644`."""
    if isinstance(data, bool):
        return str(data).lower()
    if isinstance(data, float) and data.is_integer() and abs(data) < 1e21:
        return str(int(data))
    return "" if data is None else str(data)


def _integer(text: str) -> int:
    """An integer in decimal, `0x` hexadecimal, or `0o` or leading-zero octal form."""
    if len(text) > 100:
        raise ValueError(text)
    digits = text.lstrip("+-")
    if len(digits) > 1 and digits[0] == "0" and digits.isdigit():
        return int(text, 8)
    return int(text.replace("_", ""), 0)
