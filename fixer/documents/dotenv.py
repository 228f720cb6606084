"""A `.env` file: variables with spans, parsed by python-dotenv."""

from __future__ import annotations

import re
from typing import NamedTuple

from fixer.documents.source import Edit, Source

PLAIN = r"[\w./:@%+,=-]*\Z"
"""Values that need no quotes."""

QUOTED = re.compile(r"""=[^\S\r\n]*("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""", re.DOTALL)
"""A value in quotes, which may have several lines."""


class Variable(NamedTuple):
    """A variable: its value without quotes, and the span of `NAME=value` without the newline. What
    follows the value on its line, a comment, is inside the span."""

    name: str
    value: str
    start: int
    end: int


class DotenvDocument:
    """A `.env` file's text and its variables in the order written; the last of a name counts.

    `is_readable` says that every line is a variable, a comment or empty: Compose refuses most files
    where one is not.
    """

    def __init__(self, data: bytes) -> None:
        from io import StringIO

        from dotenv.parser import parse_stream

        self.source = Source(data)
        self.variables: list[Variable] = []
        self.is_readable = True
        at = 0
        for binding in parse_stream(StringIO(self.source.text, newline="")):
            text = binding.original.string
            self.is_readable = self.is_readable and not binding.error
            if binding.key is not None and binding.value is not None:
                start = at + len(text) - len(text.lstrip())
                self.variables.append(
                    Variable(binding.key, binding.value, start, at + len(text.rstrip("\r\n")))
                )
            at += len(text)

    def get(self, name: str) -> str | None:
        """Give a variable's value, or None where it is not set."""
        found = [variable.value for variable in self.variables if variable.name == name]
        return found[-1] if found else None

    @property
    def quoted(self) -> list[tuple[int, int]]:
        """The spans of the values in quotes."""
        equals = ((each, self.source.text.index("=", each.start)) for each in self.variables)
        found = (QUOTED.match(self.source.text, at, each.end) for each, at in equals)
        return [each.span(1) for each in found if each]

    def set(self, name: str, value: str) -> Edit:
        """Give the edit that sets a variable: in its place, or on a new line at the end. What stands
        around the value, as a comment, stays."""
        text = self.source.text
        line = f"{name}={quoted(value)}"
        for variable in reversed(self.variables):
            if variable.name == name:
                first = text.index("=", variable.start) + 1
                written = text[first : variable.end]
                comment = re.search(r"\s+#.*\Z", written) if "#" not in variable.value else None
                return Edit(first, first + comment.start() if comment else variable.end, quoted(value))
        start = "\n" if text and not text.endswith("\n") else ""
        return Edit(len(text), len(text), f"{start}{line}\n")

    def delete(self, variable: Variable) -> Edit:
        """Give the edit that removes a variable with its line."""
        end = self.source.text.find("\n", variable.end)
        return Edit(variable.start, end + 1 if end >= 0 else len(self.source.text), "")


def quoted(value: str) -> str:
    """Give a value as a `.env` file holds it, in quotes where Compose would change it otherwise."""
    if re.match(PLAIN, value):
        return value
    # Compose keeps a backslash in single quotes, python-dotenv does not: double quotes are safe.
    if not any(character in value for character in "'\n\\"):
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("\n", "\\n")
    return f'"{escaped}"'
