"""A Compose file holds nothing.

## What is wrong

A file without content, or with nothing but comments or a `version`, is none for Compose: `empty compose
file`. One whose top is a list or a text is refused, too: `cannot unmarshal !!seq`, or as a further file
`top-level object must be a mapping`.

## What dockfix does

It tells which file that is. An override may be empty, and is left alone.

## Fix safety

Nothing is changed.

## References

Compose specification; compose-go, loader.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.documents.source import Position
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import Stack
from fixer.stack.specification import kind_of

fix = Fix(
    summary="A Compose file holds nothing.",
    severity=Severity.ERROR,
    safety=Safety.MANUAL,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find stacks whose files hold nothing."""
    file = stack.files[0]
    if not all(each.is_empty for each in stack.files):
        return
    root = file.document.root
    has_other = file.root is None and root is not None and kind_of(root) != "null"
    refusal = "top-level object must be a mapping" if has_other else "empty compose file"
    steps = "Write the services into it, or remove the file."
    place = Place(file.path, Position(1, 1))
    yield Finding(place, f"Compose refuses the file: {refusal}.", steps=steps)
