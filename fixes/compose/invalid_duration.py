"""A time has no unit, or one that Compose does not know.

## What is wrong

The times of a health check, `stop_grace_period` and the delays of `deploy` are numbers with units:
`30s`, `1m30s`, `500ms`. Compose stops at another form: `services.web.healthcheck.interval must be a
string`, `time: missing unit in duration "30"`, `time: unknown unit "sec" in duration "30sec"`.

## What dockfix does

It writes the unit as Compose knows it: `30 sec` and `30 seconds` become `30s`, `1min` becomes `1m`. A
number without a unit, up to an hour, gets the seconds that are meant in these settings. A larger one
is for a person, and so is a comma before three digits, which may part thousands.

## Fix safety

Safe: Compose refuses the stack as it is. Unsafe for a number without a unit over two minutes, which may
be meant in milliseconds.

## References

Compose specification, Specifying durations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Scalar, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack
from fixer.stack.specification import Complaint

fix = Fix(
    summary="A time has no unit, or one that Compose does not know.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

UNITS = {
    "ms": ("ms", "msec", "msecs", "millis", "millisecond", "milliseconds"),
    "s": ("s", "sec", "secs", "second", "seconds"),
    "m": ("m", "min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
    "w": ("w", "week", "weeks"),
}
"""Compose's units, and how else they are written."""

LONGEST = 3600
"""The largest number that is read as seconds where no unit stands."""

CERTAIN = 120
"""The largest one that can only be seconds."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find times that Compose cannot read."""
    for file in stack.files:
        for complaint in file.complaints:
            is_asked = complaint.problem in ("form", "kind") and complaint.shape.form == "duration"
            if is_asked and isinstance(complaint.node, Scalar) and not complaint.node.is_null:
                yield _finding(file, complaint, complaint.node)


def _finding(file: ComposeFile, complaint: Complaint, node: Scalar) -> Finding:
    place = Place(file.path, file.document.position(node))
    refusal = complaint.refusal
    if complaint.problem == "form":
        refusal = f"'{complaint.decoded_location}' time: {_refusal(node.value)}"
    message = f"Compose refuses the stack: {refusal}."
    value = _repaired(node.value)
    if value is None or node.anchor is not None:
        steps = f"Write {complaint.key} with its unit, as 30s, 1m30s or 500ms."
        return Finding(place, message, steps=steps)
    operation = Set(node.route, value, node.document)
    is_bare = re.fullmatch(r"[\d.,\s]+", node.value) is not None
    safety = Safety.UNSAFE if is_bare and float(value.removesuffix("s")) > CERTAIN else None
    return Finding(place, message, (EditYaml(file.path, (operation,)),), safety=safety)


def _refusal(text: str) -> str:
    if re.fullmatch(r"[\d.]+", text):
        return f'missing unit in duration "{text}"'
    unit = re.match(r"[-+]?(?:[\d.]+(?:ms|s|m|h|d|w)(?=\d))*[\d.]+([^\d.]+)", text)
    return f'unknown unit "{unit[1]}" in duration "{text}"' if unit else f'invalid duration "{text}"'


def _repaired(text: str) -> str | None:
    """The time in Compose's form, or None where it is not certain."""
    if re.search(r"\d,\d{3}(?!\d)", text):
        return None
    parts = re.findall(r"(\d+(?:[.,]\d+)?)\s*([a-z]*)[\s,]*", text.lower())
    if "".join(number + unit for number, unit in parts) != re.sub(r"\s|,(?!\d)", "", text.lower()):
        return None
    if len(parts) == 1 and not parts[0][1]:
        number = float(parts[0][0].replace(",", "."))
        return f"{parts[0][0].replace(',', '.')}s" if number <= LONGEST else None
    units = [next((each for each in UNITS if unit in UNITS[each]), None) for _, unit in parts]
    if not parts or None in units:
        return None
    return "".join(
        f"{number.replace(',', '.')}{unit}" for (number, _), unit in zip(parts, units, strict=True)
    )
