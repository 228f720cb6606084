"""A service's setting stands where services do, a level too far left.

## What is wrong

Under `services` every key is a service's name. Compose takes `depends_on` or `ports` there for a
service: `services.depends_on must be a mapping`.

## What dockfix does

It moves the setting, with what is nested in it, to the right, so that it belongs to the service above.
Where that service has the setting already, or is not written as a block, the finding says what to do.

## Fix safety

Safe: Compose refuses the file as it is, and no service can be meant by such a key.

## References

Compose specification, Services top-level element.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditText
from fixer.documents.source import Edit
from fixer.documents.yaml import Entry, Mapping, Node, Scalar
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack

fix = Fix(
    summary="A service's setting stands where services do.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

STEP = 2
"""How far a setting goes to the right below a service that has none yet."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find settings among the services."""
    for file in stack.files:
        nodes = [each.node for each in file.complaints if each.problem == "misplaced"]
        for node in nodes:
            yield _finding(file, node, nodes)


def _finding(file: ComposeFile, node: Node, misplaced: list[Node]) -> Finding:
    services = node.parent
    assert isinstance(services, Mapping)
    values = [entry.value for entry in services.entries]
    entry = services.entries[values.index(node)]
    above = [each for each in services.entries[: values.index(node)] if each.value not in misplaced]
    place = Place(file.path, file.document.position(node))
    message = f"Compose refuses the file: services.{entry.name} must be a mapping."
    column = _column(file, above[-1]) if above else None
    if column is None or services.flow or _has(above[-1], entry.name):
        steps = f"Move {entry.name} into the service that it belongs to."
        return Finding(place, message, steps=steps)
    shift = column - _column_of(file, entry.key.start)
    first = _first_line(file, entry.key.start)
    lines = [
        start
        for start, text in file.document.source.lines()
        if text.strip() and first <= start < node.end
    ]
    edits = tuple(Edit(start, start, " " * shift) for start in lines)
    return Finding(place, message, (EditText(file.path, edits),))


def _first_line(file: ComposeFile, offset: int) -> int:
    """Where a setting's first line starts, or that of the comment right above it."""
    source = file.document.source
    start = source.line_start(offset)
    margin = source.text[start:offset]
    while start > 0 and source.text.startswith(f"{margin}#", source.line_start(start - 1)):
        start = source.line_start(start - 1)
    return start


def _column(file: ComposeFile, service: Entry) -> int | None:
    """The column of a service's settings, or None where it is written otherwise than as a block."""
    value = service.value
    if isinstance(value, Mapping) and not value.flow and value.entries:
        return _column_of(file, value.entries[0].key.start)
    is_null = isinstance(value, Scalar) and value.is_null
    return _column_of(file, service.key.start) + STEP if is_null else None


def _column_of(file: ComposeFile, offset: int) -> int:
    return file.document.source.position(offset).column - 1


def _has(service: Entry, name: str | None) -> bool:
    return isinstance(service.value, Mapping) and any(
        entry.name == name for entry in service.value.entries
    )
