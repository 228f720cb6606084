"""The file is not UTF-8.

## What is wrong

Letters such as e with an accent were saved in an older encoding (Latin-1 or Windows-1252). Compose
says `yaml: incomplete UTF-8 octet sequence` or `invalid trailing UTF-8 octet`.

## What dockfix does

It writes these letters in UTF-8, and leaves all other bytes as they are.

## Fix safety

Safe: Compose reads nothing of the file as it is. Bytes that Windows-1252 does not have are left.

## References

YAML 1.2.2, 5.2 Character encodings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.documents.source import Edit
from fixer.documents.yaml.broken import BrokenYaml
from fixer.finding import Fix, Repair, Safety, Severity

fix = Fix(
    summary="The file is not UTF-8.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

FOREIGN = re.compile("[\udc80-\udcff]+")


def propose(broken: BrokenYaml) -> Iterator[Repair]:
    """Propose UTF-8 for the bytes that are none."""
    found = list(FOREIGN.finditer(broken.text))
    if not found or "\0" in broken.text:
        return
    try:
        edits = tuple(
            Edit(each.start(), each.end(), each[0].encode("utf-8", "surrogateescape").decode("cp1252"))
            for each in found
        )
    except UnicodeDecodeError:
        return
    message = "Compose refuses the file, which is not UTF-8: yaml: incomplete UTF-8 octet sequence."
    yield Repair(found[0].start(), message, edits)
