"""A service names another one that the stack does not have.

## What is wrong

What `depends_on`, `links`, `volumes_from`, `extends`, `network_mode: service:NAME` and the like name
must be a service of the stack. Compose refuses it: `service "web" depends on undefined service "db":
invalid compose project`, or `cannot extend service "web" in compose.yaml: service "base" not found`.
A service that is there without a body is not unknown; `empty-service` tells of it.

## What dockfix does

- Where one service is spelled nearly so, or has that `container_name`, its name is written.
- Where one service runs the image of that name (`postgres` for the service `db`), its name is written.
- Where an `extends` names a service of another file of the stack, it gets that file's name.
- Where another Compose file of the folder or one above has the service, both belong together: the
  finding says how to start them.
- Else the entry of `depends_on`, `links` or `volumes_from` is removed. A network mode or `extends` means
  nothing without its service, so that a person has to say what is meant.

## Fix safety

Safe where only fingers can have slipped, or for a container's name: Compose refuses the stack as it
is. Unsafe where the spelling is merely near, for an image's name, and for a removal, since the service
may be meant to come back.

## References

Compose specification, depends_on, links, volumes_from, extends and network_mode.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete, Mapping, Operation, Scalar, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.spelling import nearest, slip
from fixer.stack import ComposeFile, Service, Stack, Use
from fixer.stack.discovery import DEFAULT_NAMES
from fixes.references._declaring import renamed

fix = Fix(
    summary="A service names another one that the stack does not have.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

REMOVABLE = ("depends_on", "links", "volumes_from")


def detect(stack: Stack) -> Iterator[Finding]:
    """Find names of services that lead to none."""
    for service in stack.services.values():
        for use in service.services_named:
            known = _known(stack, use)
            is_judged = use.name and (use.written is None or stack.is_known(use.written.text))
            completed = any(use.name in larger.services for larger in stack.larger)
            if known is not None and is_judged and use.name not in known and not completed:
                yield _finding(stack, service, use, known)


def _known(stack: Stack, use: Use) -> list[str] | None:
    """The services that can be named: all of the stack, by `extends` those of one file. None where
    that file is missing."""
    bodiless = [name for file in stack.files for name in _bodiless(file)]
    if use.kind != "extends":
        return list(dict.fromkeys([*stack.services, *bodiless]))
    path = _extended(stack, use)
    found = next((file for file in stack.files if file.path == path), None)
    return [*found.services, *_bodiless(found)] if found else None


def _bodiless(file: ComposeFile) -> list[str]:
    """The services that a file only names, with nothing below them."""
    section = file.root.get("services") if file.root else None
    entries = section.entries if isinstance(section, Mapping) else []
    values = [(entry.name, entry.value) for entry in entries]
    return [name for name, value in values if name and isinstance(value, Scalar) and value.is_null]


def _extended(stack: Stack, use: Use) -> str | None:
    """The file whose service an `extends` names: the one it stands in, where it names no other."""
    named = use.at.get("file")
    return stack.resolve(named.text, use.at.file) if named else use.at.file.path


def _finding(stack: Stack, service: Service, use: Use, known: list[str]) -> Finding:
    place = (use.written or use.at).at
    message = f"Compose refuses the stack: {_refusal(service, use)}."
    meant, safety = _meant(stack, service, use, known)
    if meant and "$" not in (use.written.text if use.written else ""):
        return Finding(place, message, (_edit(use, renamed(use, meant)),), safety=safety)
    if use.kind == "extends" and (file := _file_of(stack, use)):
        return Finding(place, message, (_edit(use, _with_file(stack, use, file)),))
    partner = _partner(stack, use.name)
    if partner and use.kind != "extends":
        names = " ".join(f"-f {name}" for name in (partner, *stack.named))
        return Finding(place, message, steps=f"Start both files together: docker compose {names} up.")
    if use.kind in REMOVABLE and not use.at.shared:
        removal = Delete(use.at.route, use.at.node.document)
        return Finding(place, message, (_edit(use, removal),), safety=Safety.UNSAFE)
    steps = f"Add the service {use.name}, or name one of these: {', '.join(known)}."
    return Finding(place, message, steps=steps)


def _refusal(service: Service, use: Use) -> str:
    if use.kind == "extends":
        return f'cannot extend service "{service.name}": service "{use.name}" not found'
    if use.kind == "additional_contexts":
        unknown = f'declares unknown service "{use.name}"'
        return f'service "{service.name}" {unknown} as additional contexts base'
    return f'service "{service.name}" depends on undefined service "{use.name}" ({use.kind})'


def _edit(use: Use, operation: Operation) -> EditYaml:
    return EditYaml(use.at.file.path, (operation,))


def _meant(stack: Stack, service: Service, use: Use, known: list[str]) -> tuple[str | None, Safety]:
    """The service that is meant, and how sure that is. One that the setting names already is not."""
    taken = {each.name for each in service.services_named if each.kind == use.kind}
    if use.kind != "extends" or _extended(stack, use) == use.at.file.path:
        taken.add(service.name)
    others = [name for name in known if name not in taken]
    if slipped := slip(use.name, others):
        return slipped, Safety.SAFE
    present = {name: stack.services[name] for name in others if name in stack.services}
    for name, other in present.items():
        container = other.value.get("container_name")
        if container is not None and container.text == use.name:
            return name, Safety.SAFE
    running = [name for name, each in present.items() if _runs(each, use.name)]
    near = nearest(use.name, others)
    return near or (running[0] if len(running) == 1 else None), Safety.UNSAFE


def _runs(service: Service, name: str) -> bool:
    image = service.image
    return image is not None and image.repository.rpartition("/")[2] == name


def _file_of(stack: Stack, use: Use) -> str | None:
    """The other file of the stack that has the service to extend."""
    found = [file.path for file in stack.files if use.name in file.services]
    return found[0] if found and not use.at.get("file") else None


def _with_file(stack: Stack, use: Use, path: str) -> Operation:
    """Extending reaches another file only by its name."""
    written = os.path.relpath(path, stack.folder_of(use.at.file) or ".")
    route, document = use.at.route, use.at.node.document
    if use.at.get("service"):
        return Set((*route, "file"), written, document)
    return Set(route, {"file": written, "service": use.name}, document)


def _partner(stack: Stack, name: str) -> str | None:
    """A Compose file of the same folder, or of one above, that has the service; best one that Compose
    looks for by itself."""
    project = stack.project_directory
    around = [
        other
        for other in stack.found
        if other.project_directory in ("", project) or project.startswith(f"{other.project_directory}/")
    ]
    found = [
        file.path
        for other in around
        for file in other.files
        if name in file.services and file not in stack.files
    ]
    default = [path for path in found if path.rpartition("/")[2] in DEFAULT_NAMES]
    return next(iter([*default, *found]), None)
