"""Markers of a merge conflict were left in the file.

## What is wrong

Git writes `<<<<<<<`, `=======` and `>>>>>>>` around two versions of the same lines. Compose says
`could not find expected ':'`.

## What dockfix does

Where both versions mean the same, or only one of them makes a file that the specification has
nothing against, that one stays. Otherwise which one is right is for a person to say.

## Fix safety

Safe: Compose reads nothing of the file as it is, and nothing is guessed.

## References

git-merge, How conflicts are presented.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from fixer.documents.yaml.broken import BrokenYaml, Line
from fixer.finding import Fix, Repair, Safety, Severity

fix = Fix(
    summary="Markers of a merge conflict were left in the file.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


class _Conflict(NamedTuple):
    markers: list[Line]
    ours: list[Line]
    theirs: list[Line]


def propose(broken: BrokenYaml) -> Iterator[Repair]:
    """Propose either side of the first conflict."""
    conflict = _first(broken.lines)
    if conflict is None:
        return
    message = (
        "Compose refuses the file: merge-conflict markers are left in it: could not find expected ':'."
    )
    for lines in (conflict.theirs, conflict.ours):
        edits = tuple(line.removed() for line in (*conflict.markers, *lines))
        yield Repair(conflict.markers[0].start, message, edits)


def _first(lines: list[Line]) -> _Conflict | None:
    """The first conflict; a base between the versions, as diff3 writes it, is a marker's."""
    found = _Conflict([], [], [])
    part: list[Line] | None = None
    for line in lines:
        if line.text.startswith("<<<<<<<"):
            found = _Conflict([line], [], [])
            part = found.ours
        elif part is not None and line.text.startswith("|||||||"):
            found.markers.append(line)
            part = found.markers
        elif part is not None and line.text.rstrip() == "=======":
            found.markers.append(line)
            part = found.theirs
        elif part is not None and line.text.startswith(">>>>>>>"):
            found.markers.append(line)
            return found
        elif part is not None:
            part.append(line)
    return None
