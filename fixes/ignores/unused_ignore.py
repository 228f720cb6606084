"""A comment tells dockfix to ignore what is not there.

## What is wrong

`# dockfix: ignore[undeclared-volume]` keeps a fix from what stands in its line or, where the comment
has a line of its own, from the next one. Here nothing of that name is found: it was repaired, the line
has moved away, or the name is no fix's. The day a defect comes back, nobody would hear of it.

A comment that is misspelt, or stands where its file has no comments, as behind an instruction of a
Dockerfile, ignores nothing either.

## What dockfix does

It takes the name out of the comment, and the comment where no other name is left: in YAML, Dockerfiles,
environment files and redis.conf, where it can be proved that nothing reads it. In a script or another
configuration file, what looks like a comment may be a part of a text: that is for a person. In a file
of a kind that dockfix does not know nothing is said. Files of `secrets:` are not looked into.
Where a name is no fix's, or the comment is none, it says what to write.

Where the comment stands above a block, as a service, and the fix finds something further down in it, the
comment stays: it is about one line only, and has to be written above that one. Until then what is found
there is not repaired.

A comment is judged only where all that it may be about was looked at: not where `-f` names files, where
a stack that was not looked at reads the file too, or where a file could not be read. What is found may
depend on files that git ignores, and so be missing in one checkout alone: `unused-ignore` among the
names keeps such a comment.

## Fix safety

Safe: Compose, BuildKit and redis read no comments. The sign stays where it parts what would be read
together: empty lines from a text with `|+` above, a directive from the top of a Dockerfile.

## References

- docs/configuration.md
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from fixer import registry
from fixer.changes import EditText
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.ignores import Ignore, Unused

fix = Fix(
    summary="A comment tells dockfix to ignore what is not there.",
    severity=Severity.NOTE,
    safety=Safety.SAFE,
)


def review(unused: Iterable[Unused]) -> Iterator[Finding]:
    """Tell of the comments that ignored nothing, or that are none for dockfix."""
    for comment, names, missed in unused:
        if comment.misplaced:
            message = "This is no comment here, where comments have lines of their own."
            yield Finding(comment.place, message, steps="Write the comment above.")
            continue
        if comment.is_void:
            message = "This comment ignores nothing, as it is written."
            steps = f"Write {_meant(comment)} and the reason, or take it out."
            yield Finding(comment.place, message, steps=steps)
            continue
        unknown = registry.unknown(names)
        for name, near in unknown.items():
            message = f"There is no fix {name}, so that this name ignores nothing."
            steps = f"Write {near}, if that is what is meant." if near else "Take the name out."
            yield Finding(comment.place, message, steps=steps)
        for name, line in missed.items():
            message = f"ignore[{name}] is about one line only; what it names is found in line {line}."
            yield Finding(comment.place, message, steps=f"Write it above line {line}, or take it out.")
        if idle := [name for name in names if name not in unknown and name not in missed]:
            yield _idle(comment, idle)


def _idle(comment: Ignore, names: Sequence[str]) -> Finding:
    message = f"Nothing is found here that ignore[{', '.join(names)}] would leave out."
    edit = comment.without(names)
    if edit is None:
        steps = "Take the comment out." if len(names) == len(comment.names) else "Take the names out."
        return Finding(comment.place, message, steps=steps)
    return Finding(comment.place, message, (EditText(comment.place.path, (edit,)),))


def _meant(comment: Ignore) -> str:
    """A comment as it should be written, with the fixes that it names however it is spelt."""
    known = {name for rule in registry.all_rules() for name in (rule.name, rule.family)}
    words = re.findall(r"[a-z][a-z0-9-]+", comment.text.lower().partition("ignore")[2])
    names = ", ".join(word for word in words if word in known)
    return f"{comment.lead} dockfix: ignore[{names or 'FIX'}]"
