r"""A backslash in double quotes starts no escape that YAML knows.

## What is wrong

In double quotes a backslash and the character behind it stand for another one, and few such pairs
exist: `"\d"` is none. Compose says `found unknown escape character`.

## What dockfix does

It doubles the backslash, which then stands for itself.

## Fix safety

Safe: Compose reads nothing of the file as it is.

## References

YAML 1.2.2, 5.7 Escaped characters.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.documents.source import Edit
from fixer.documents.yaml.broken import BrokenYaml
from fixer.finding import Fix, Repair, Safety, Severity

fix = Fix(
    summary="A backslash in double quotes starts no escape that YAML knows.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def propose(broken: BrokenYaml) -> Iterator[Repair]:
    """Propose a second backslash where the parser gave up."""
    at = broken.text.rfind("\\", 0, broken.offset + 1)
    if "escape" in broken.error.message and at >= 0:
        message = "Compose refuses the file: found unknown escape character."
        yield Repair(at, message, (Edit(at, at, "\\"),))
