"""A comment of a Compose file still has a secret that is kept elsewhere.

## What is wrong

The password has moved to `.env` or to a secret's file, and a line that someone commented out
(`# POSTGRES_PASSWORD: kx4-orchard-58`) has it still, for everyone who reads the repository.

## What dockfix does

In the comment the secret's name takes its place: `${POSTGRES_PASSWORD}`, or `/run/secrets/NAME` for a
secret that has a file of its own.

What everyone tries first, short values and plain words are left: they may mean something else there.

## Fix safety

Safe: only comments change. The secret is still in the repository's history: change it.

## References

Compose documentation, Use secrets in Compose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditText
from fixer.documents.source import Edit
from fixer.documents.yaml import Scalar
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack
from fixer.stack.secrets import kept_secrets
from fixes.secrets._literals import is_secret
from fixes.secrets._moving import MOUNTED
from fixes.secrets._weak import is_well_known

fix = Fix(
    summary="A comment of a Compose file still has a secret that is kept elsewhere.",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
    exposed=True,
)

SHORTEST = 8
"""Characters of a value that is looked for."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find the values of the stack's secrets in the comments of its files."""
    kept = dict(_kept(stack))
    for file in stack.related_files:
        for value, name in kept.items():
            for start in _in_comments(file, value):
                place = Place(file.path, file.document.source.position(start))
                message = f"This comment has the value of {name}, for everyone who reads the repository."
                edit = Edit(start, start + len(value), name)
                yield Finding(place, message, (EditText(file.path, (edit,)),))


def _kept(stack: Stack) -> Iterator[tuple[str, str]]:
    """The values of the stack's secrets that can be nothing else, with what stands for each."""
    for secret in kept_secrets((stack,)):
        if secret.kind == "file":
            content = stack.repository.read(secret.path) or b""
            value, name = content.decode("utf-8", "replace").strip(), f"{MOUNTED}{secret.name}"
        else:
            value, name = stack.environment.get(secret.name, ""), f"${{{secret.name}}}"
        is_word = len(value) < SHORTEST or value.isalpha() or is_well_known(value)
        if is_secret(value) and not is_word:
            yield value, name


def _in_comments(file: ComposeFile, value: str) -> Iterator[int]:
    """The offsets at which a value stands in comments, as a word of its own."""
    text = file.document.source.text
    found = [each.start() for each in re.finditer(rf"(?<![\w-]){re.escape(value)}(?![\w-])", text)]
    scalars = [node for node in file.document.walk() if found and isinstance(node, Scalar)]
    for start in found:
        line = text[text.rfind("\n", 0, start) + 1 : start]
        if "#" in line and not any(node.start <= start < node.end for node in scalars):
            yield start
