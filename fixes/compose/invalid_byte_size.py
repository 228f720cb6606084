"""A size of memory is written with a unit that Compose does not know.

## What is wrong

Sizes are numbers with `b`, `k`, `m`, `g` or `t`, also as `kb` or `KiB`: `512m`, `1.5g`. Kubernetes
writes `512Mi`, and there Compose stops: `'services[web].mem_limit' invalid suffix: 'mi'`. So it does at
`1,5g` (`strconv.ParseFloat: parsing "1,5": invalid syntax`) and at a bare number under `deploy`
(`services.web.deploy.resources.limits.memory must be a string`).

## What dockfix does

It writes the unit as Compose knows it: `512Mi` becomes `512m`, `2 gigabytes` becomes `2g`, `1,5g`
becomes `1.5g`. A comma before three digits may part thousands and is for a person. A bare number under
`deploy` gets quotes if it can be a number of bytes; a smaller one is for a person, since Docker refuses
memory limits under 6 MB. `"-1"` loses its quotes.

## Fix safety

Safe: Compose refuses the stack as it is. `Mi` and Compose's `m` are the same 1,048,576 bytes.

## References

Compose specification, Specifying byte values; go-units, RAMInBytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Quoted, Scalar, Set, Value
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack
from fixer.stack.specification import Complaint, kind_of

fix = Fix(
    summary="A size of memory is written with a unit that Compose does not know.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

SMALLEST = 6 * 1024 * 1024
"""Docker refuses a memory limit of less bytes."""

NAMES = {"k": "kilo", "m": "mega", "g": "giga", "t": "tera"}


def detect(stack: Stack) -> Iterator[Finding]:
    """Find sizes that Compose cannot read."""
    for file in stack.files:
        for complaint in file.complaints:
            is_asked = complaint.problem in ("form", "kind") and complaint.shape.form == "size"
            if is_asked and isinstance(complaint.node, Scalar) and not complaint.node.is_null:
                yield _finding(file, complaint, complaint.node)


def _finding(file: ComposeFile, complaint: Complaint, node: Scalar) -> Finding:
    place = Place(file.path, file.document.position(node))
    refusal = complaint.refusal
    if complaint.problem == "form":
        refusal = f"'{complaint.decoded_location}' {_refusal(node.value)}"
    message = f"Compose refuses the stack: {refusal}."
    value = _repaired(node, complaint)
    if value is None or node.anchor is not None:
        steps = f"Write {complaint.key} with its unit, as 512m or 2g."
        return Finding(place, message, steps=steps)
    operation = Set(node.route, value, node.document)
    return Finding(place, message, (EditYaml(file.path, (operation,)),))


def _refusal(text: str) -> str:
    number, suffix = re.fullmatch(r"(.*[\d. ]|)([^\d. ]*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    if not number or number.startswith("-"):
        return f"invalid size: '{text}'"
    number = number.removesuffix(" ")
    if not re.fullmatch(r"\d*\.?\d*", number):
        return f'strconv.ParseFloat: parsing "{number}": invalid syntax'
    return f"invalid suffix: '{suffix.lower()}'"


def _repaired(node: Scalar, complaint: Complaint) -> Value | None:
    """The size in Compose's form, or None where it is not certain."""
    text = node.value
    if complaint.problem == "kind":
        is_bytes = kind_of(node) == "number" and bool(re.fullmatch(r"[1-9][0-9]{0,17}", text))
        return Quoted(text) if is_bytes and int(text) >= SMALLEST else None
    if text == "-1" and "number" in complaint.shape.kinds:
        return -1
    if re.search(r",\d{3}(?!\d)", text):
        return None
    match = re.fullmatch(r"\s*(\d+)(?:[.,](\d+))?\s*([a-z]*)\s*", text.lower())
    if match is None or re.search(r",\d{3}(?!\d)", text):
        # A comma before three digits may part thousands.
        return None
    number = match[1] + (f".{match[2]}" if match[2] else "")
    unit = match[3]
    if unit in ("", "b", "byte", "bytes"):
        return None if match[2] else f"{number}b" if unit else number
    letter = unit[0]
    name = NAMES.get(letter, "")
    prefixes = (letter, name, f"{letter}i", name[:3])
    endings = ("", "b", "o", "s", "byte", "bytes", "bs")
    words = [prefix + ending for prefix in prefixes for ending in endings]
    return f"{number}{letter}" if name and unit in words else None
