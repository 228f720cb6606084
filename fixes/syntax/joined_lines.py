"""Two lines have become one.

## What is wrong

A line break was lost, so that a key or item stands behind the value of the line before:
`image: redis    ports:`. Compose says `mapping values are not allowed in this context` or `did not find
expected key`.

## What dockfix does

It breaks the line before the blanks that were the second line's indentation.

## Fix safety

Safe: Compose reads nothing of the file as it is.

## References

YAML 1.2.2, 8.2 Block collection styles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.documents.source import Edit
from fixer.documents.yaml.broken import BrokenYaml
from fixer.finding import Fix, Repair, Safety, Severity

fix = Fix(
    summary="Two lines have become one.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

JOINED = re.compile(r"(?<=\S)(?= {2,}(?:- \S|[\w.\"'-]+:(?: |\Z)))")
"""Where something is followed by what reads like the start of an indented line."""


def propose(broken: BrokenYaml) -> Iterator[Repair]:
    """Propose line breaks where the parser gave up, or on the line above."""
    message = (
        "Compose refuses the file: two lines have become one: mapping values are not allowed in this"
        " context."
    )
    for line in broken.near(before=1):
        for found in JOINED.finditer(line.text):
            offset = line.start + found.start()
            yield Repair(offset, message, (Edit(offset, offset, "\n"),), 9)
