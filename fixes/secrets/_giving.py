"""How a service gets a variable from `.env`, and its image does not get the file."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fixer.changes import Change, EditYaml, EnsureLine
from fixer.documents.dockerfile import DockerfileDocument
from fixer.documents.dockerignore import IgnoreFile
from fixer.documents.yaml import Append, Operation, Set
from fixer.scaffold.dockerignore import ignore_file
from fixer.stack import Service
from fixer.stack.merging import join
from fixes.secrets._dockerfiles import dockerfile_of
from fixes.secrets._moving import Home


def with_variable(service: Service, name: str, text: str) -> tuple[EditYaml, ...] | None:
    """Give the edit that sets a variable of a service, none where something sets it already: the stack,
    or a file that the service reads its environment from. None in place of edits where what sets the
    environment is not the service's alone."""
    if name in service.environment:
        return ()
    dotenv = join(service.stack.project_directory, ".env")
    is_to_come = f"${{{name}" in text and any(each.path == dotenv for each in service.env_files)
    if is_to_come or service.listed_variables.get(name):
        return ()
    file, route = service.files[0], ("services", service.name, "environment")
    own = service.value_in(file)
    value = own.get("environment") if own else None
    operation: Operation = Set((*route, name), text)
    if value is not None and value.data is not None:
        if value.shared or value.route != route:
            return None
        document = value.node.document
        operation = Set((*route, name), text, document)
        if isinstance(value.data, list):
            operation = Append(route, f"{name}={text}", document)
    return (EditYaml(file.path, (operation,)),)


def given(services: Iterable[Service], name: str, home: Home) -> list[Change] | None:
    """Give the changes by which services that are built here get a variable from its home, and keep
    the project's `.env` out of their images. None where one cannot get it."""
    changes: list[Change] = []
    for service in services:
        edits = with_variable(service, name, home.reference)
        if edits is None:
            return None
        _, document = dockerfile_of(service)
        changes += [*edits, *(kept_out(service, document)[0] if document else ())]
    return [*changes, *home.changes]


def kept_out(service: Service, document: DockerfileDocument) -> tuple[list[Change], bool]:
    """Give the changes that keep the project's `.env` out of an image which copies its whole context,
    and whether the image has had one until now."""
    path = join(service.stack.project_directory, ".env")
    changes = left_out(service, document, path)
    return changes, bool(changes) and service.stack.repository.is_file(path)


def left_out(service: Service, document: DockerfileDocument, path: str) -> list[Change]:
    """Give the change that keeps a file out of an image which copies its whole context; none where it
    does not, or leaves the file out already."""
    stack, build = service.stack, service.build
    assert build is not None and build.context is not None and build.dockerfile_path is not None
    copies = [word for each in document.instructions for word in each.copied]
    is_inside = not build.context or path.startswith(f"{build.context}/")
    if not is_inside or not any(re.fullmatch(r"\./?|\*|/", word) for word in copies):
        return []
    ignoring = ignore_file(stack.repository, build.context, build.dockerfile_path)
    text = (stack.repository.read(ignoring) or b"").decode("utf-8", "replace")
    wanted = path[len(build.context) :].lstrip("/")
    return [] if IgnoreFile(text).leaves_out(wanted) else [EnsureLine(ignoring, wanted)]
