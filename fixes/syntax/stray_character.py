"""A character stands where none belongs.

## What is wrong

A slip of the keyboard left a sign such as `@`, a backtick or a comma beside a key or value. Compose
says `found character that cannot start any token` or `did not find expected key`.

## What dockfix does

It removes the one character at which the parser gave up or the line starts or ends, if the whole file
can then be read and the specification has nothing against the line. A value that may be meant with
the character gets quotes instead (`unquoted-value`).

## Fix safety

Safe: Compose reads nothing of the file as it is. Where two repairs would do equally well the finding
is for a person.

## References

YAML 1.2.2, 5.3 Indicator characters.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.documents.source import Edit
from fixer.documents.yaml.broken import BrokenYaml
from fixer.finding import Fix, Repair, Safety, Severity

fix = Fix(
    summary="A character stands where none belongs.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

STRAY = "@`%,|>&*!?;=\\\"'[]{}:-"
"""Signs that YAML gives a meaning, and those beside them on a keyboard."""


def propose(broken: BrokenYaml) -> Iterator[Repair]:
    """Propose to take out a sign at the parser's place, or at either end of a line near it."""
    message = (
        "Compose refuses the file: a character stands where none belongs: found character that cannot"
        " start any token."
    )
    offsets = [broken.offset] if broken.offset < len(broken.text) else []
    for line in broken.near(before=1):
        offsets += [line.start + line.indent, line.end - 1]
    for offset in dict.fromkeys(offsets):
        if broken.text[offset] in STRAY:
            yield Repair(offset, message, (Edit(offset, offset + 1, ""),), 13)
