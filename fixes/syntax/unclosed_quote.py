"""A quote is opened and not closed, or closed by another kind of quote.

## What is wrong

Everything up to the next quote of that kind belongs to the text. Compose says `did not find expected
key`, `found unexpected end of stream` or `did not find expected ',' or ']'`, mostly for a later line.

## What dockfix does

It closes the quote where the line ends, or before the comma or bracket that follows; a quote that
closes what was not opened is opened at the value's start. The result must be one that the
specification has nothing against.

## Fix safety

Safe: Compose reads nothing of the file as it is. Where two places would do equally well the finding
is for a person.

## References

YAML 1.2.2, 7.3 Flow scalar styles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.documents.source import Edit
from fixer.documents.yaml.broken import BrokenYaml, Line
from fixer.finding import Fix, Repair, Safety, Severity

fix = Fix(
    summary="A quote is not closed.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

REACH = 8
VALUE = re.compile(r"((?:- +)*(?:[^\s\"'#][^\"'#]*?:\s+)?)(\S.*)\Z")


def propose(broken: BrokenYaml) -> Iterator[Repair]:
    """Propose quotes on lines with an odd number of them, the nearest first."""
    message = "Compose refuses the file: a quote is not closed: did not find expected key."
    odd = [
        (line, quote)
        for line in broken.lines[: broken.at + 1]
        if not line.in_text
        for quote in ('"', "'")
        if _is_odd(line, quote)
    ]
    for line, quote in reversed(odd[-REACH:]):
        for edit, cost in _edits(line, quote):
            yield Repair(line.start + line.indent + line.content.index(quote), message, (edit,), cost)


def _is_odd(line: Line, quote: str) -> bool:
    text = line.content.replace("\\\\", "").replace('\\"', "")
    if quote == "'":
        # An apostrophe within a word is none.
        text = re.sub(r"\w'\w", "", re.sub(r'"[^"]*"', "", text))
    return not text.startswith("#") and text.count(quote) % 2 == 1


def _edits(line: Line, quote: str) -> Iterator[tuple[Edit, int]]:
    start, content = line.start + line.indent, line.content
    found = VALUE.match(content)
    value = found[2] if found else content
    at = line.end - len(value)
    other = "'" if quote == '"' else '"'
    if value.startswith(quote) and value.endswith(other) and len(value) > 1:
        yield Edit(line.end - 1, line.end, quote), 8
    if value.startswith(other) and value.endswith(quote) and len(value) > 1:
        yield Edit(line.end - 1, line.end, other), 8
    if value.startswith(quote):
        yield Edit(line.end, line.end, quote), 10
    elif value.endswith(quote) and value.count(quote) == 1:
        yield Edit(at, at, quote), 10
        yield Edit(line.end - 1, line.end, ""), 10
    opened = content.rindex(quote)
    for bracket in re.finditer(r"[,\]}]", content):
        if bracket.start() > opened or content.count(quote, 0, bracket.start()) % 2:
            yield Edit(start + bracket.start(), start + bracket.start(), quote), 10
