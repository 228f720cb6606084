"""A service uses a secret that the stack does not declare.

## What is wrong

Every secret must stand under the top-level `secrets` with the file or variable that it comes from.
Compose refuses the stack: `service "db" refers to undefined secret db_password: invalid compose
project`, or, for a build, `refers to undefined build secret`.

## What dockfix does

- Where a declared secret that nobody uses is spelled nearly so, the declaration gets the name that is
  used, for the path in the container, `/run/secrets/db_password`, follows it.
- Where another file of the same project declares the secret, its declaration is added to this file
  too. Where another project declares it as external, it is external here.
- Where one file is there for it (`secrets/db_password.txt`, `.secrets/db_password`, `db_password.txt`),
  the secret is declared with that file.
- Else a person has to say where the secret comes from. A file without a password in it would make
  Compose go on and the program fail.

## Fix safety

Safe: Compose refuses the stack as it is, and the file is named after the secret. External is unsafe.

## References

Compose specification, Secrets top-level element.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Stack
from fixes.references._declaring import (
    Undeclared,
    declared,
    declared_elsewhere,
    files_called,
    misspelled,
    undeclared,
)

fix = Fix(
    summary="A service uses a secret that the stack does not declare.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

FOLDERS = ("secrets", ".secrets", "secret", "")
ENDINGS = ("txt", "secret", "key")


def detect(stack: Stack) -> Iterator[Finding]:
    """Find secrets that are used but not declared."""
    for each in undeclared(stack, "secret"):
        yield misspelled(each) or declared_elsewhere(each) or _from_file(each)


def _from_file(each: Undeclared) -> Finding:
    found = files_called(each, FOLDERS, ENDINGS)
    if len(found) == 1:
        return declared(each, {"file": found[0]})
    source = f"the right one of these files: {', '.join(found)}"
    if not found:
        source = f"file: ./secrets/{each.use.name}.txt; put the secret there, and let git ignore it"
    steps = f"Declare {each.use.name} under the top-level secrets, with {source}."
    return Finding(each.use.at.at, each.message, steps=steps)
