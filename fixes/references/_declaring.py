"""What a service names and the stack does not declare: found, and led back to what was meant."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from fixer.changes import EditYaml
from fixer.documents.yaml import (
    Mapping,
    Operation,
    Rename,
    Rewrite,
    Set,
    YamlDocument,
    YamlSyntaxError,
)
from fixer.finding import Finding, Safety, Severity
from fixer.spelling import nearest, slip
from fixer.stack import ComposeFile, Declaration, Service, Stack, Use, Value
from fixer.stack.examples import MARKS, words
from fixer.stack.files import SECTIONS
from fixer.stack.merging import join
from fixer.stack.service import OF_SERVICE


class Undeclared(NamedTuple):
    """A name that leads to nothing. `kind` is the section's (`secret`), `file` the one that it is to
    be declared in."""

    stack: Stack
    kind: str
    use: Use
    file: ComposeFile
    message: str


def undeclared(stack: Stack, kind: str) -> Iterator[Undeclared]:
    """Find the names that services use of a kind and the stack does not declare."""
    for service in stack.services.values():
        yield from undeclared_by(service, kind)


def undeclared_by(service: Service, kind: str) -> Iterator[Undeclared]:
    """Find the names of a kind that one service uses and the stack does not declare. One that a
    variable stands for is not judged, nor one that a file declares which is laid over this stack, or the
    example of such a file, which each checkout makes its own of."""
    stack = service.stack
    for use in service.uses(kind):
        is_default = kind == "network" and use.name == "default"
        if not use.name or "$" in use.name or is_default or stack.declares(kind, use.name):
            continue
        if any(larger.declares(kind, use.name) for larger in stack.larger):
            continue
        if _is_left_to_checkouts(stack, kind, use.name):
            continue
        message = (
            f'Compose refuses the stack: service "{service.name}" refers to undefined {use.kind}'
            f" {use.name}."
        )
        yield Undeclared(stack, kind, use, declaring_file(service, use.at), message)


def _is_left_to_checkouts(stack: Stack, kind: str, name: str) -> bool:
    """Whether an example of the project's override declares a name (`compose.override.yaml.example`)."""
    for path in stack.repository.listed(stack.project_directory):
        parts = words(path.rpartition("/")[2])
        if {"compose", "override"} <= set(parts) and set(MARKS) & set(parts):
            try:
                root = YamlDocument(stack.repository.searchable(path) or b"").root
            except YamlSyntaxError:
                continue
            section = root.get(SECTIONS[kind]) if isinstance(root, Mapping) else None
            if isinstance(section, Mapping) and section.get(name) is not None:
                return True
    return False


def declaring_file(service: Service, at: Value) -> ComposeFile:
    """Give the file to declare a name in: the one that uses it. What is extended from a file that
    only the extended service is taken of is declared where it is extended."""
    stack = service.stack
    own = [file for file in service.files if stack.contributes(file)]
    return at.file if stack.contributes(at.file) else own[-1]


def misspelled(each: Undeclared) -> Finding | None:
    """Give the finding for a name that is spelled nearly as a declared one which nobody uses: the two
    are made one, safely only where nothing but fingers can have slipped. None where there is no such
    name."""
    used = {use.name for use in _uses(each)}
    declared = each.stack.declarations(each.kind)
    unused = [name for name in declared if name not in used]
    slipped = slip(each.use.name, unused)
    near = slipped or nearest(each.use.name, unused)
    if near is None:
        return None
    place = each.use.at.at
    message = f"{each.message} {near}, which is declared, is used nowhere."
    edit = _made_one(each, declared[near])
    if edit is not None and slipped is not None:
        return Finding(place, message, (edit,))
    steps = (
        f"If {near} is meant, write it here; else declare {each.use.name} under the top-level"
        f" {SECTIONS[each.kind]}."
    )
    changes = (edit,) if edit is not None else ()
    return Finding(place, message, changes, safety=Safety.UNSAFE if changes else None, steps=steps)


def _uses(each: Undeclared) -> list[Use]:
    """What the services of all related stacks name of the kind."""
    services = [service for stack in each.stack.related for service in stack.services.values()]
    return [use for service in services for use in service.uses(each.kind)]


def _made_one(each: Undeclared, near: Declaration) -> EditYaml | None:
    """The edit that gives name and declaration one spelling. A volume keeps the declared one, under
    which its data lies, and so does a network that is named only once; a secret or config keeps the
    one that is used, since the path in the container follows it."""
    places = {use.at.at for use in _uses(each) if use.name == each.use.name}
    keeps_declared = each.kind == "volume" or (each.kind == "network" and len(places) == 1)
    declaring = [file for file in each.stack.related_files if file.declares(each.kind, near.name)]
    if keeps_declared or (each.kind == "network" and (near.external or len(declaring) > 1)):
        return EditYaml(each.use.at.file.path, (renamed(each.use, near.name),))
    if near.external or len(declaring) > 1 or near.value.shared:
        return None
    value = near.value
    return EditYaml(value.file.path, (Rename(value.route, each.use.name, value.node.document),))


def renamed(use: Use, name: str) -> Operation:
    """Give the operation that puts another name in the place of one."""
    if use.written is None:
        return Rename(use.at.route, name, use.at.node.document)
    text, node = use.written.text, use.written.node
    start = OF_SERVICE if text.startswith(OF_SERVICE) else ""
    new = start + name + text.removeprefix(start).removeprefix(use.name)
    return Rewrite(use.written.route, text, new, node.document)


def declared_elsewhere(each: Undeclared) -> Finding | None:
    """Give the finding for a name that other files of the repository declare.

    A file of the same project may be meant to be laid over this one, or this one over it: the same
    declaration here changes nothing then. What another project declares as external or under a name
    of its own is shared between projects, and so external here, if that is what is meant. None where
    there is nothing of the sort.
    """
    project = each.stack.project_directory
    beside = _declarations(
        each, [stack for stack in each.stack.related if stack.project_directory == project]
    )
    values = [declaration.value.plain() for declaration in beside]
    agree = all(value == values[0] for value in values)
    if values and (agree or each.kind in ("network", "volume")):
        told = f"{each.message} It is declared in {beside[0].value.file.path} only."
        value = values[0] if agree else None
        return declared(each._replace(message=told), value, Severity.NOTE)
    others = _declarations(
        each, [stack for stack in each.stack.found if stack.project_directory != project]
    )
    shared = [_shared(declaration) for declaration in others]
    if not shared or shared[0] is None or any(value != shared[0] for value in shared):
        return None
    where = others[0].value.file.path
    told = f"{each.message} The {each.kind} of that name in {where} is shared between projects."
    return declared(each._replace(message=told), shared[0], safety=Safety.UNSAFE)


def _declarations(each: Undeclared, stacks: Iterable[Stack]) -> list[Declaration]:
    found = [stack.declarations(each.kind).get(each.use.name) for stack in stacks]
    return [declaration for declaration in found if declaration]


def _shared(declaration: Declaration) -> dict[str, Any] | None:
    """What another project has to declare to use the same; None where it is the project's own."""
    name = declaration.value.get("name")
    is_shared = declaration.external if name is None else "$" not in name.text
    if not is_shared:
        return None
    return {"external": True} if name is None else {"external": True, "name": name.text}


def declared(
    each: Undeclared, value: Any, severity: Severity | None = None, safety: Safety | None = None
) -> Finding:
    """Give the finding whose change declares the name."""
    route = (SECTIONS[each.kind], each.use.name)
    edit = EditYaml(each.file.path, (Set(route, value),))
    return Finding(each.use.at.at, each.message, (edit,), severity, safety)


def files_called(each: Undeclared, folders: Iterable[str], endings: Iterable[str]) -> list[str]:
    """Give the files, as a Compose file of the project names them, that lie in one of the folders and
    are called like the name, with one of the endings or without."""
    wanted = [words(each.use.name), *(words(f"{each.use.name}.{ending}") for ending in endings)]
    repository, project = each.stack.repository, each.stack.folder_of(each.file)
    return [
        f"./{os.path.relpath(path, project or '.')}"
        for folder in folders
        for path in repository.listed(join(project, folder))
        if words(path.rpartition("/")[2]) in wanted and repository.is_file(path)
    ]
