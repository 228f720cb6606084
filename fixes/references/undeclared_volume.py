"""A service uses a named volume that the stack does not declare.

## What is wrong

A mount such as `data:/var/lib/app` names a volume, and every named volume must stand under the
top-level `volumes`. Compose refuses the stack:
`service "web" refers to undefined volume data: invalid compose project`.

## What dockfix does

- Where a declared volume that nobody uses is spelled nearly so, the name is a slip: it is corrected
  where only fingers can have slipped (`db-data`, `dbdata`); else that takes `--unsafe`.
- Where another file of the same project declares the volume, its declaration is added to this file
  too. Where another project declares it as external or under a name of its own, it is declared
  external here.
- A name with a slash, as `backend/data`, cannot be a volume's: it is a folder, and gets its `./`.
- Else the volume is declared with `driver: local` in the file that uses it.

Where an override uses a volume that only its base declares, the declaration is added to the override
too, provided that the base's own declaration says nothing else, so that the resolved stack stays the
same.

## Fix safety

Safe: Compose refuses the stack as it is. The addition to an override changes nothing in the
resolved stack; it is a note, for readers who look at that file alone. External is unsafe: it may be a
volume of its own that is meant.

## References

Compose specification, Volumes top-level element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import ComposeFile, Mount, Stack
from fixer.stack.service import is_path
from fixes.references._declaring import (
    Undeclared,
    declared,
    declared_elsewhere,
    declaring_file,
    misspelled,
    renamed,
    undeclared_by,
)

fix = Fix(
    summary="A service uses a named volume that the stack does not declare.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

NAME = r"[a-zA-Z0-9._-]+"
"""What a volume can be called; anything else, as `backend/data`, is a path without its `./`."""

DECLARATION = {"driver": "local"}


def detect(stack: Stack) -> Iterator[Finding]:
    """Find volumes that are used but not declared, in the stack or in the override that uses them."""
    for service in stack.services.values():
        missing = {each.use.at.at: each for each in undeclared_by(service, "volume")}
        for mount in service.named_mounts:
            file = declaring_file(service, mount.at)
            if each := missing.get(mount.at.at):
                yield from _undeclared(each)
            elif _only_base_declares(stack, mount, file):
                yield _declared_in_base(mount, file)


def _undeclared(each: Undeclared) -> Iterator[Finding]:
    if re.fullmatch(NAME, each.use.name):
        yield misspelled(each) or declared_elsewhere(each) or declared(each, DECLARATION)
    elif not is_path(each.use.name):
        edit = EditYaml(each.use.at.file.path, (renamed(each.use, f"./{each.use.name}"),))
        yield Finding(each.use.at.at, each.message, (edit,))


def _declared_in_base(mount: Mount, file: ComposeFile) -> Finding:
    message = (
        f"The volume {mount.source} is declared only in a file that this one is merged onto, so a"
        " reader of this file finds it undefined."
    )
    declaration = EditYaml(file.path, (Set(("volumes", mount.source), DECLARATION),))
    return Finding(mount.at.at, message, (declaration,), Severity.NOTE)


def _only_base_declares(stack: Stack, mount: Mount, file: ComposeFile) -> bool:
    """Whether only files merged before this one declare the volume, and just as we would."""
    declaring = [each for each in stack.files if each.declares("volume", mount.source)]
    if not declaring or any(each not in stack.bases(file) for each in declaring):
        return False
    declaration = stack.declarations("volume").get(mount.source)
    return declaration is not None and bool(declaration.value.plain() == DECLARATION)
