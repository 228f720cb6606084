"""A service, volume, secret or config has a name that Compose does not take.

## What is wrong

Names are made of letters, digits, `.`, `_` and `-`. On another character, as a blank, Compose stops:
`services additional properties 'My Web' not allowed`. A `container_name` that has one it passes on, and
Docker refuses the container: `Invalid container name (my app), only [a-zA-Z0-9][a-zA-Z0-9_.-] are
allowed`; one of a single letter Compose refuses itself: `does not match pattern`.

## What dockfix does

It puts `-` in place of what is not allowed, where the name is declared and wherever services name it.
If that name is taken by another, or nothing is left of it, the finding says what to do.

## Fix safety

Safe: Compose or Docker refuses the stack as it is.

## References

Compose specification, Services, Volumes, Secrets and Configs top-level elements.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Mapping, Node, Operation, Rename, Scalar, Set, resolve_alias
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Service, Stack
from fixes.references._declaring import renamed

fix = Fix(
    summary="A name has characters that Compose does not take.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

NAME = r"[a-zA-Z0-9._-]+"
CONTAINER_NAME = r"[a-zA-Z0-9][a-zA-Z0-9_.-]+"

KINDS = {"services": "service", "volumes": "volume", "secrets": "secret", "configs": "config"}


def detect(stack: Stack) -> Iterator[Finding]:
    """Find names with other characters."""
    for file in stack.files:
        for section in KINDS:
            node = file.root.get(section) if file.root else None
            for entry in node.entries if isinstance(node, Mapping) else ():
                name = entry.name
                if name and name != "<<" and name[:2] != "x-" and not re.fullmatch(NAME, name):
                    yield _finding(stack, file, section, name, entry.value)
    for service in stack.services.values():
        yield from _container(service)


def _finding(stack: Stack, file: ComposeFile, section: str, name: str, node: Node) -> Finding:
    place = Place(file.path, file.document.position(node))
    message = f"Compose refuses the file: {section} additional properties '{name}' not allowed."
    new = _allowed(name)
    others = {
        each
        for other in stack.related
        for each in (other.services if section == "services" else other.declarations(KINDS[section]))
        if each != name
    }
    if not new or new in others | {_allowed(each) for each in others}:
        return Finding(place, message, steps=f"Name {name} otherwise, and where it is used too.")
    edits: dict[str, tuple[Operation, ...]] = {}
    for path, operation in _renamings(stack, section, name, new):
        edits[path] = (*edits.get(path, ()), operation)
    return Finding(place, message, tuple(EditYaml(path, each) for path, each in edits.items()))


def _allowed(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-zA-Z0-9._-]+", "-", plain).strip("-._")


def _renamings(stack: Stack, section: str, name: str, new: str) -> Iterator[tuple[str, Operation]]:
    """What gives a name the new one, in every file of the stacks that share it."""
    for file in stack.related_files:
        node = file.root.get(section) if file.root else None
        for entry in node.entries if isinstance(node, Mapping) else ():
            if entry.name == name:
                yield file.path, Rename(entry.value.route, new, entry.value.document)
        for written in file.services.values() if section == "services" else ():
            extends = written.get("extends")
            named = extends.get("service") if isinstance(extends, Mapping) else extends
            named = resolve_alias(named) if named is not None else None
            if isinstance(named, Scalar) and named.value == name:
                yield file.path, Set(named.route, new, named.document)
    services = stack.related_services
    for service in services:
        kind = KINDS[section]
        for use in service.services_named if kind == "service" else service.uses(kind):
            if use.name == name and use.kind != "extends":
                yield use.at.file.path, renamed(use, new)


def _container(service: Service) -> Iterator[Finding]:
    value = service.value.get("container_name")
    if value is None or not isinstance(value.data, str) or "$" in value.text:
        return
    name, new = value.text, _allowed(value.text)
    if re.fullmatch(CONTAINER_NAME, name):
        return
    message = (
        f"Docker refuses to create the container of {service.name}: Invalid container name ({name}),"
        " only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed."
    )
    if not re.search(CONTAINER_NAME, name):
        message = (
            f"Compose refuses the file: services.{service.name}.container_name '{name}' does not match"
            f" pattern '{CONTAINER_NAME}'."
        )
    operation = Set(value.route, new, value.node.document)
    is_free = len(new) > 1 and new not in _other_container_names(service)
    changes = (EditYaml(value.file.path, (operation,)),) if is_free else ()
    steps = "Give it a free name of two characters or more, or take container_name away."
    yield Finding(value.at, message, changes, steps=steps)


def _other_container_names(service: Service) -> set[str]:
    """What the containers of other services are called, in any of the stacks, or will be."""
    found: set[str] = set()
    for stack in service.stack.related:
        for other in stack.services.values():
            value = other.value.get("container_name")
            if value is not None and other.name != service.name:
                name = stack.interpolate(value.text, value.file)
                found |= {name, _allowed(name)}
    return found
