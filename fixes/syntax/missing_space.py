"""A blank is missing behind a colon or dash.

## What is wrong

`image:nginx` is one word to YAML, and `-"80:80"` no item. Compose says `mapping values are not
allowed in this context`, `could not find expected ':'` or, where the word stands alone, `services.web
must be a mapping`.

## What dockfix does

It adds the blank.

## Fix safety

Safe: Compose refuses the file as it is.

## References

YAML 1.2.2, 7.4.2 Flow mappings and 8.2.1 Block sequences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.documents.source import Edit
from fixer.documents.yaml.broken import BrokenYaml
from fixer.finding import Fix, Repair, Safety, Severity

fix = Fix(
    summary="A blank is missing behind a colon or dash.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

GLUED_KEY = re.compile(r"(?:- +)*[A-Za-z_][\w.-]*:(?=[^\s:/])")
GLUED_DASH = re.compile(r"-(?=[^\s-])")


def propose(broken: BrokenYaml) -> Iterator[Repair]:
    """Propose the blank on the lines where the parser gave up."""
    message = "Compose refuses the file: a blank is missing behind the {}: could not find expected ':'."
    for line in broken.near(before=2):
        for pattern, what in ((GLUED_KEY, "colon"), (GLUED_DASH, "dash")):
            found = pattern.match(line.content)
            if found is not None:
                at = line.start + line.indent + found.end()
                yield Repair(at - 1, message.format(what), (Edit(at, at, " "),))
