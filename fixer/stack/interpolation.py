"""Compose's variables: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, `${NAME:+value}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
OPERATOR = re.compile(r":?[-?+]")

MAXIMUM_NESTING = 50
"""Defaults that hold variables are nested no deeper than this."""

MAXIMUM_GROWTH = 10_000
"""The values put into one text have no more characters than this, so that variables which double one
another stay small."""


class InterpolationError(Exception):
    """A `${` that is no variable, or more than the bounds above; `offset` says where in the text."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"invalid interpolation format at offset {offset}")
        self.offset = offset


class Variable(NamedTuple):
    """A variable in a text, from `start` to `end`. `operator` is empty or one of `:-`, `-`, `:?`,
    `?`, `:+`, `+`; `operand` is what stands behind it, which may hold variables of its own."""

    name: str
    operator: str
    operand: str
    start: int
    end: int


def variables(text: str) -> list[Variable]:
    """Give the outermost variables of a text. Raises InterpolationError.

    Compose takes a `$` that starts no variable for itself, as in `$2y$10$`.
    """
    found: list[Variable] = []
    at = text.find("$")
    while at >= 0:
        if text.startswith("$$", at):
            end = at + 2
        elif text.startswith("${", at):
            variable = _braced(text, at)
            found.append(variable)
            end = variable.end
        elif match := NAME.match(text, at + 1):
            found.append(Variable(match[0], "", "", at, match.end()))
            end = match.end()
        else:
            end = at + 1
        at = text.find("$", end)
    return found


def _braced(text: str, start: int) -> Variable:
    name = NAME.match(text, start + 2)
    if name is None:
        raise InterpolationError(start)
    operator = OPERATOR.match(text, name.end())
    at = operand = operator.end() if operator else name.end()
    depth = 1
    while depth:
        if at >= len(text) or depth > MAXIMUM_NESTING:
            raise InterpolationError(start)
        if text.startswith("${", at):
            depth, at = depth + 1, at + 2
        else:
            depth -= text[at] == "}"
            at += 1
    if operator is None and at != name.end() + 1:
        raise InterpolationError(start)
    return Variable(name[0], operator[0] if operator else "", text[operand : at - 1], start, at)


def unset(text: str, environment: Mapping[str, str]) -> list[Variable]:
    """Give the variables of a text, nested ones too, that have neither a value nor a default. Raises
    InterpolationError."""
    found: list[Variable] = []
    for variable in variables(text):
        value = environment.get(variable.name)
        is_set = value is not None if variable.operator in ("-", "?", "+") else bool(value)
        if variable.operator[-1:] in ("-", "+"):
            if is_set == variable.operator.endswith("+"):
                found += unset(variable.operand, environment)
        elif not is_set:
            found.append(variable)
    return found


def interpolate(text: str, environment: Mapping[str, str]) -> str:
    """Give a text with its variables replaced; one without a value becomes empty.

    Raises InterpolationError.
    """
    if "$" not in text:
        return text
    parts: list[str] = []
    at = growth = 0
    for variable in variables(text):
        value = _resolved(variable, environment)
        growth += len(value)
        if growth > MAXIMUM_GROWTH:
            raise InterpolationError(variable.start)
        parts += text[at : variable.start].replace("$$", "$"), value
        at = variable.end
    parts.append(text[at:].replace("$$", "$"))
    return "".join(parts)


def _resolved(variable: Variable, environment: Mapping[str, str]) -> str:
    value = environment.get(variable.name)
    is_set = bool(value) if variable.operator.startswith(":") else value is not None
    if variable.operator.endswith("-") and not is_set:
        return interpolate(variable.operand, environment)
    if variable.operator.endswith("+"):
        return interpolate(variable.operand, environment) if is_set else ""
    return value or ""
