"""A key or item is indented so that it belongs nowhere.

## What is wrong

Keys of one mapping and items of one list start at one column. Where one does not, Compose says `did
not find expected key`, `did not find expected '-' indicator` or `mapping values are not allowed in
this context`, often with a line several above the wrong one.

## What dockfix does

It moves the line, with what is nested below it, to the nearest column that lines above it start at,
if the whole file can then be read and the specification knows the key there.

## Fix safety

Safe: Compose reads nothing of the file as it is. Where two columns would do equally well the finding
is for a person.

## References

YAML 1.2.2, 8.2 Block collection styles.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.documents.yaml.broken import BrokenYaml, Line
from fixer.finding import Fix, Repair, Safety, Severity

fix = Fix(
    summary="A key or item is indented so that it belongs nowhere.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

REACH = 8
"""How many columns a line is moved at most."""


def propose(broken: BrokenYaml) -> Iterator[Repair]:
    """Propose other columns for the lines where the parser gave up."""
    message = "Compose refuses the file: a line's indentation fits no other: did not find expected key."
    for line in broken.near(before=2):
        for column in _columns(broken, line):
            shift = column - line.indent
            for block in _blocks(broken, line):
                if all(each.indent + shift >= 0 for each in block):
                    edits = tuple(each.indented(each.indent + shift) for each in block)
                    cost = 10 + abs(shift) + min(len(block), 5)
                    yield Repair(line.start + line.indent, message, edits, cost)


def _columns(broken: BrokenYaml, line: Line) -> list[int]:
    """The columns at which lines around this one start, or the keys in their items."""
    columns: set[int] = set()
    around = [*list(broken.above(line))[:40], *list(broken.below(line))[:3]]
    for each in around:
        columns |= {each.indent, each.indent + 2} if each.content.startswith("- ") else {each.indent}
        if each.content.endswith(":"):
            columns.add(each.indent + 2)
    return [each for each in sorted(columns) if 0 < abs(each - line.indent) <= REACH]


def _blocks(broken: BrokenYaml, line: Line) -> Iterator[list[Line]]:
    """What may move: the line alone, it with what is nested below it, and with its followers."""
    yield [line]
    nested: list[Line] = [line]
    followers: list[Line] = [line]
    is_nested = True
    for each in broken.lines[broken.lines.index(line) + 1 :]:
        if not each.text.strip():
            continue
        if each.indent < line.indent:
            break
        is_nested = is_nested and each.indent > line.indent
        followers.append(each)
        if is_nested:
            nested.append(each)
    if len(nested) > 1:
        yield nested
    if len(followers) > len(nested):
        yield followers
