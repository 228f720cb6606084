"""A bracket or brace is not closed, or closed by another kind.

## What is wrong

A list in brackets goes on until its `]`. Compose says `did not find expected ',' or ']'` or `did not
find expected ',' or '}'`, mostly for a later line.

## What dockfix does

It closes the bracket where its line ends, or puts the right kind in place of the wrong one; one that
closes nothing goes.

## Fix safety

Safe: Compose reads nothing of the file as it is.

## References

YAML 1.2.2, 7.4 Flow collection styles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.documents.source import Edit
from fixer.documents.yaml.broken import BrokenYaml, Line
from fixer.finding import Fix, Repair, Safety, Severity

fix = Fix(
    summary="A bracket is not closed.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

REACH = 8
CLOSING = {"[": "]", "{": "}"}
QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|\$\{[^}]*\}")


def propose(broken: BrokenYaml) -> Iterator[Repair]:
    """Propose brackets on the lines where theirs do not match, the nearest first."""
    message = "Compose refuses the file: a bracket is not closed: did not find expected ',' or ']'."
    lines = [line for line in broken.lines[: broken.at + 1] if line.is_content]
    unmatched = [(line, edit) for line in lines for edit in _edits(line)]
    for line, edit in reversed(unmatched[-REACH:]):
        yield Repair(line.start + line.indent, message, (edit,))


def _edits(line: Line) -> Iterator[Edit]:
    """What makes the brackets of a line match."""
    start = line.start + line.indent
    text = QUOTED.sub(lambda found: " " * len(found[0]), line.content)
    opened: list[str] = []
    for index, each in enumerate(text):
        if each in CLOSING:
            opened.append(each)
        elif each in CLOSING.values():
            wanted = CLOSING[opened.pop()] if opened else ""
            if wanted != each:
                yield Edit(start + index, start + index + 1, wanted)
                return
    if opened:
        closing = "".join(CLOSING[each] for each in reversed(opened))
        yield Edit(line.end, line.end, closing)
