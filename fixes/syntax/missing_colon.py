"""A key stands without its colon.

## What is wrong

`services` on a line of its own, with what belongs to it below, is a text to YAML. Compose says
`mapping values are not allowed in this context` or `could not find expected ':'`.

## What dockfix does

It adds the colon where deeper lines follow.

## Fix safety

Safe: Compose reads nothing of the file as it is.

## References

YAML 1.2.2, 8.2.2 Block mappings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.documents.source import Edit
from fixer.documents.yaml.broken import BrokenYaml
from fixer.finding import Fix, Repair, Safety, Severity

fix = Fix(
    summary="A key stands without its colon.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

WORD = re.compile(r"[A-Za-z_][\w.-]*\Z")


def propose(broken: BrokenYaml) -> Iterator[Repair]:
    """Propose a colon behind single words above deeper lines."""
    message = (
        "Compose refuses the file: a key has no colon: mapping values are not allowed in this context."
    )
    for line in broken.near(before=2):
        following = next(broken.below(line), None)
        is_above = following is not None and (
            following.indent > line.indent or following.content.startswith("-")
        )
        if is_above and WORD.match(line.content):
            yield Repair(line.end, message, (Edit(line.end, line.end, ":"),))
