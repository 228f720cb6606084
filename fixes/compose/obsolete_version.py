"""A Compose file has a top-level `version`.

## What is wrong

Compose reads every file by one specification and ignores the key. It warns on each command:
"the attribute `version` is obsolete, it will be ignored, please remove it to avoid potential
confusion".

## What dockfix does

It removes the key, and the comment that belongs to it. A file that is called after a swarm or stack
keeps it, since `docker stack deploy` refuses a file without; so does one whose version has an
anchor, since the value is used elsewhere.

## Fix safety

Safe: the resolved configuration stays the same.

## References

Compose specification, Version and name top-level elements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import Stack

fix = Fix(
    summary="A Compose file has the obsolete `version` key.",
    severity=Severity.NOTE,
    safety=Safety.SAFE,
)

FOR_SWARM = r"(?i)(stack|swarm)[^/]*\Z"
"""`docker stack deploy` still reads the key, and refuses a file without it."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find top-level `version` keys."""
    for file in stack.files:
        entry = file.root.entry("version") if file.root else None
        is_used = entry is not None and entry.value.anchor is not None
        if entry is not None and not is_used and not re.search(FOR_SWARM, file.path):
            place = Place(file.path, file.document.position(entry.value))
            message = "Compose ignores `version` and warns about it on every command."
            yield Finding(place, message, (EditYaml(file.path, (Delete(("version",)),)),))
