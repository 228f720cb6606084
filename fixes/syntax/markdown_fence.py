"""The fence of a Markdown code block was pasted with the file.

## What is wrong

A line of three backticks starts no YAML. Compose says `yaml: found character that cannot start any
token`.

## What dockfix does

It removes the lines of the fence.

## Fix safety

Safe: Compose reads nothing of the file as it is.

## References

CommonMark, Fenced code blocks.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.documents.yaml.broken import BrokenYaml
from fixer.finding import Fix, Repair, Safety, Severity

fix = Fix(
    summary="The fence of a Markdown code block stands in the file.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def propose(broken: BrokenYaml) -> Iterator[Repair]:
    """Propose to remove all fences."""
    fences = [line for line in broken.lines if not line.in_text and line.text.startswith("```")]
    if fences:
        message = "Compose refuses a Markdown fence: found character that cannot start any token."
        yield Repair(fences[0].start, message, tuple(line.removed() for line in fences))
