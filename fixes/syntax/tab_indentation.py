"""A line is indented with tabs, or with blanks that YAML does not know.

## What is wrong

YAML allows blanks alone as indentation. On a tab Compose says `yaml: line 2: found character that
cannot start any token`; a no-break space, as pages on the web have it, becomes part of the key.

## What dockfix does

It puts blanks in place of the tabs and no-break spaces that lines start with, as many as make the
file mean something. Text inside block scalars stays as it is.

## Fix safety

Safe: Compose reads nothing of the file as it is.

## References

YAML 1.2.2, 6.1 Indentation spaces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fixer.changes import EditText
from fixer.documents.source import Edit
from fixer.documents.yaml.broken import BrokenYaml, Line, lines_of
from fixer.finding import Finding, Fix, Repair, Safety, Severity
from fixer.place import Place
from fixer.stack import Stack

fix = Fix(
    summary="A line is indented with tabs.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

FOREIGN = "\t\u00a0\u2003\u3000"
WIDTHS = (2, 4, 8)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find no-break spaces that have become part of keys."""
    for file in stack.files:
        if not any(each in file.document.text for each in FOREIGN[1:]):
            continue
        for line in _foreign(lines_of(file.document.source)):
            message = (
                "Compose refuses the file: no-break spaces stand where a line is indented, and count as"
                " part of its key: additional properties not allowed."
            )
            place = Place(file.path, file.document.source.position(line.start))
            yield Finding(place, message, (EditText(file.path, (_blanks(line, WIDTHS[0]),)),))


def propose(broken: BrokenYaml) -> Iterator[Repair]:
    """Propose blanks for all such indentation in the file, in several widths."""
    lines = _foreign(broken.lines)
    if not lines:
        return
    message = (
        "Compose refuses a file with tabs as indentation: found character that cannot start any token."
    )
    for width in WIDTHS:
        edits = tuple(_blanks(line, width) for line in lines)
        yield Repair(lines[0].start, message, edits)


def _margin(line: Line) -> str:
    return line.text[: len(line.text) - len(line.text.lstrip(" " + FOREIGN))]


def _foreign(lines: Iterable[Line]) -> list[Line]:
    return [
        line
        for line in lines
        if line.text.strip() and not line.in_text and any(each in FOREIGN for each in _margin(line))
    ]


def _blanks(line: Line, width: int) -> Edit:
    margin = _margin(line)
    blanks = "".join(" " * width if each == "\t" else " " for each in margin)
    return Edit(line.start, line.start + len(margin), blanks)
