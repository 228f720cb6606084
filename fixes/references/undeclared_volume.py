"""A service uses a named volume that the stack does not declare.

## What is wrong

A mount such as `data:/var/lib/app` names a volume, and every named volume must stand under the
top-level `volumes`. Compose refuses the stack:
`service "web" refers to undefined volume data: invalid compose project`.

## What dockfix does

It declares the volume with `driver: local` in the file that uses it. Where an override uses a
volume that only its base declares, the declaration is added to the override too, provided that the
base's own declaration says nothing else, so that the resolved stack stays the same.

## Fix safety

Safe: Compose refuses the stack as it is. The addition to an override changes nothing in the
resolved stack; it is a note, for readers who look at that file alone.

## References

Compose specification, Volumes top-level element.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import ComposeFile, Mount, Service, Stack

fix = Fix(
    summary="A service uses a named volume that the stack does not declare.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

DECLARATION = {"driver": "local"}


def detect(stack: Stack) -> Iterator[Finding]:
    """Find volumes that are used but not declared, in the stack or in the override that uses them."""
    for service in stack.services.values():
        for mount in service.named_mounts:
            # A service that is extended from another file is declared where it is extended.
            own = [file for file in service.files if stack.contributes(file)]
            file = mount.at.file if stack.contributes(mount.at.file) else own[-1]
            if not stack.declares("volume", mount.source):
                yield _undeclared(service, mount, file)
            elif _only_base_declares(stack, mount, file):
                yield _declared_in_base(mount, file)


def _undeclared(service: Service, mount: Mount, file: ComposeFile) -> Finding:
    message = (
        f'Compose refuses the stack: service "{service.name}" refers to undefined volume {mount.source}.'
    )
    return Finding(mount.at.at, message, (_declaration(mount, file),))


def _declared_in_base(mount: Mount, file: ComposeFile) -> Finding:
    message = (
        f"The volume {mount.source} is declared only in a file that this one is merged onto, so a"
        " reader of this file finds it undefined."
    )
    return Finding(mount.at.at, message, (_declaration(mount, file),), Severity.NOTE)


def _declaration(mount: Mount, file: ComposeFile) -> EditYaml:
    return EditYaml(file.path, (Set(("volumes", mount.source), DECLARATION),))


def _only_base_declares(stack: Stack, mount: Mount, file: ComposeFile) -> bool:
    """Whether only files merged before this one declare the volume, and just as we would."""
    declaring = [each for each in stack.files if each.declares("volume", mount.source)]
    if not declaring or any(each not in stack.bases(file) for each in declaring):
        return False
    value = stack.declarations("volume")[mount.source].value
    return bool(value.plain() == DECLARATION)
