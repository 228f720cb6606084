"""A value needs quotes: it starts with a character that means something to YAML, or has a colon.

## What is wrong

A plain value must not start with `@`, `*`, `%`, a backtick or `{{`, nor hold a colon with a blank
behind it. Compose says `found character that cannot start any token`, `did not find expected
alphabetic or numeric character` or, for `command: echo foo: bar`, `mapping values are not allowed in
this context`.

## What dockfix does

It puts the value in quotes.

## Fix safety

Safe: Compose refuses the file as it is, and the text in quotes is the text that was written.

## References

YAML 1.2.2, 7.3.3 Plain style.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.source import Edit
from fixer.documents.yaml import Alias, Quoted, Set
from fixer.documents.yaml.broken import BrokenYaml
from fixer.finding import Finding, Fix, Repair, Safety, Severity
from fixer.place import Place
from fixer.stack import Stack

fix = Fix(
    summary="A value needs quotes.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

VALUE = re.compile(r"((?:- +)*(?:[A-Za-z_][\w.-]*:\s+)?)(\S.*)\Z")
BRACKETED = re.compile(r"\[(?![\[ ])|\{(?!\{)")
"""What starts a list or mapping in one line, about which something else is wrong: no shell's test."""

ANCHOR_NAME = re.compile(r"[\w-]+\Z")


def propose(broken: BrokenYaml) -> Iterator[Repair]:
    """Propose quotes around the value on the line where the parser gave up, or on the one above."""
    message = (
        "Compose refuses the file: a value needs quotes: found character that cannot start any token."
    )
    for line in broken.near(before=1):
        found = VALUE.match(line.content)
        if found is None or not found[1] or found[2][0] in "\"'|>&!" or found[2].endswith(":"):
            continue
        value = found[2]
        if BRACKETED.match(value):
            continue
        start = line.end - len(value)
        yield Repair(start, message, (Edit(start, line.end, _quoted(value)),), 11)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find values such as `*.log`, which are read as an alias of an impossible name."""
    for file in stack.files:
        for node in file.document.walk():
            if isinstance(node, Alias) and node.target is None and not ANCHOR_NAME.match(node.name):
                value = file.document.text[node.start : node.end]
                message = (
                    "Compose refuses the file: a value that starts with * needs quotes: did not find"
                    " expected alphabetic or numeric character."
                )
                place = Place(file.path, file.document.position(node))
                operation = Set(node.route, Quoted(value), node.document)
                yield Finding(place, message, (EditYaml(file.path, (operation,)),))


def _quoted(value: str) -> str:
    if '"' in value or "\\" in value:
        return "'" + value.replace("'", "''") + "'"
    return f'"{value}"'
