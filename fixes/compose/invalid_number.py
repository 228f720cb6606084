"""A text stands where a number or a boolean belongs, and cannot be read as one.

## What is wrong

`retries: three`, `cpus: 500m` or `privileged: treu` is a text. Compose tries to read it and stops:
`error while interpolating services.web.healthcheck.retries: failed to cast to expected type:
strconv.Atoi: parsing "three": invalid syntax`, `invalid boolean: treu`.

## What dockfix does

It repairs what can only mean one number: a decimal comma in `cpus` (not before three digits, where it
may part thousands), a thousandth as Kubernetes writes it (`500m` of a processor), blanks and
underscores, `unlimited` under `ulimits` (`-1`), and there `soft:hard` as `docker run` takes it. A
boolean that is misspelled, or `enabled` and `disabled`, becomes `true` or `false`. Else the finding
says what is expected.

## Fix safety

Safe: Compose refuses the stack as it is.

## References

Compose specification; compose-go, type casts of interpolation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Scalar, Set, Value
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.spelling import nearest
from fixer.stack import ComposeFile, Stack
from fixer.stack.specification import Complaint

fix = Fix(
    summary="A text stands where a number or a boolean belongs.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

EXPECTED = {"integer": "a whole number", "decimal": "a number", "boolean": "true or false"}

LONGEST = 20
"""No number that is meant has more characters."""

BOOLEANS = {"true": True, "false": False, "enabled": True, "disabled": False, "1": True, "0": False}


def detect(stack: Stack) -> Iterator[Finding]:
    """Find texts that are no number or boolean where one is wanted."""
    for file in stack.files:
        for complaint in file.complaints:
            if complaint.problem == "form" and complaint.shape.form in EXPECTED:
                yield _finding(file, complaint)


def _finding(file: ComposeFile, complaint: Complaint) -> Finding:
    node = complaint.node
    assert isinstance(node, Scalar)
    place = Place(file.path, file.document.position(node))
    refusal = f'parsing "{node.value}": invalid syntax'
    if complaint.shape.form == "boolean":
        refusal = f"invalid boolean: {node.value}"
    message = f"Compose refuses the stack: {complaint.location}: {refusal}."
    value = _repaired(node.value, complaint)
    if value is None or node.anchor is not None:
        steps = f"Write {complaint.key} as {EXPECTED[complaint.shape.form]}."
        return Finding(place, message, steps=steps)
    operation = Set(node.route, value, node.document)
    return Finding(place, message, (EditYaml(file.path, (operation,)),))


def _repaired(text: str, complaint: Complaint) -> Value | None:
    """The number or boolean that is meant, or None where that is not certain."""
    if complaint.shape.form == "boolean":
        near = nearest(text, BOOLEANS)
        return None if near is None else BOOLEANS[near]
    plain = re.sub(r"\s|_", "", text)
    if len(plain) > LONGEST or re.search(r",\d{3}\Z", plain):
        # A comma before three digits may part thousands.
        return None
    if complaint.shape.form == "integer":
        return _integer(plain, complaint)
    if re.search(r",\d{3}\Z", plain):
        return None
    if match := re.fullmatch(r"(\d+),(\d+)|(\d+\.?\d*)", plain):
        return float(f"{match[1]}.{match[2]}") if match[1] else float(plain)
    is_thousandths = complaint.key == "cpus" and re.fullmatch(r"\d+m", plain)
    return int(plain[:-1]) / 1000 if is_thousandths else None


def _integer(text: str, complaint: Complaint) -> Value | None:
    if re.fullmatch(r"-?\d+(\.0+)?", text):
        return int(float(text))
    if "ulimits" in complaint.path:
        if text.lower() in ("unlimited", "infinity", "-"):
            return -1
        pair = re.fullmatch(r"(\d+):(\d+)", text)
        is_limit = complaint.path[-2] == "ulimits"
        return {"soft": int(pair[1]), "hard": int(pair[2])} if pair and is_limit else None
    return None
