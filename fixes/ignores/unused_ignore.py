"""A comment tells dockfix to ignore what is not there.

## What is wrong

`# dockfix: ignore[undeclared-volume]` keeps a fix from what stands in its line or, where the comment
has a line of its own, from the next one. Here nothing of that name is found: it was repaired, the line
has moved away, or the name is no fix's. The day a defect comes back, nobody would hear of it.

## What dockfix does

It removes the comment. Where the name is nearly that of a fix it says so, and leaves the comment to a
person.

Only a look at whole folders tells that nothing is found: the comments are not judged where files are
named, nor those for fixes that `--select` and `--ignore` leave out.

## Fix safety

Safe: Compose reads no comments.

## References

- docs/configuration.md
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fixer import registry
from fixer.changes import EditText
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.ignores import Ignore

fix = Fix(
    summary="A comment tells dockfix to ignore what is not there.",
    severity=Severity.NOTE,
    safety=Safety.SAFE,
)


def review(unused: Iterable[Ignore]) -> Iterator[Finding]:
    """Tell of the comments that ignored nothing."""
    for each in unused:
        near = {name: near for name, near in registry.unknown(each.names).items() if near}
        for name, other in near.items():
            message = f"There is no fix {name}, so that this comment ignores nothing."
            yield Finding(each.place, message, steps=f"Write {other}, if that is what is meant.")
        if not near:
            message = f"Nothing is found here that ignore[{', '.join(each.names)}] would leave out."
            yield Finding(each.place, message, (EditText(each.place.path, (each.removal,)),))
