"""What the jobs of a pipeline have to know of a stack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from shlex import quote
from typing import NamedTuple

from fixer import git
from fixer.documents.dotenv import DotenvDocument
from fixer.documents.yaml.tree import Scalar
from fixer.scaffold.invocation import compose_command, files_to_make
from fixer.stack import Repository, Service, Stack
from fixer.stack.interpolation import InterpolationError, variables

PLAIN = r"[A-Za-z_./](?:[\w./@'\"$=>-]|:(?=\S)| (?=[^#\s]))*"
WORDS = r"(?i)(y|yes|n|no|on|off|true|false|null)\Z"
"""Words that YAML reads as something else than text."""


class Jobs(NamedTuple):
    """What is checked, built and looked at.

    `compose` is how Compose is called, as in a shell. `dockerfiles`
    are words of a shell too. `services` are those that are built, by name, with the name that Buildx has
    for the target; `images` those that are pulled. `preparations` are the commands that make the files
    which git has not, `variables` the values of those without which Compose refuses the stack.
    """

    compose: str
    dockerfiles: tuple[str, ...]
    services: tuple[str, ...]
    images: tuple[str, ...]
    preparations: tuple[str, ...]
    variables: dict[str, str]
    branch: str


def jobs_of(stack: Stack) -> Jobs:
    """Give what the jobs have to know."""
    repository = stack.repository
    built = [service for service in stack.services.values() if service.build is not None]
    paths = [each.build.dockerfile_path for each in built if each.build and not each.build.inline]
    dockerfiles = [path for path in dict.fromkeys(paths) if path and repository.is_file(path)]
    images = [
        service.image.text
        for service in stack.services.values()
        if service.image and service.build is None and stack.is_known(service.image.value.text)
    ]
    return Jobs(
        compose=compose_command(stack, ""),
        dockerfiles=tuple(map(quote, dockerfiles)),
        services=tuple(plain(service.name) for service in _unlike(built)),
        images=tuple(plain(image) for image in dict.fromkeys(images)),
        preparations=tuple(_commands(stack)),
        variables=dict(_needed_variables(stack)),
        branch=_branch(repository),
    )


def _unlike(services: list[Service]) -> Iterator[Service]:
    """Those of the services whose images are built here, one of those that are built alike."""
    seen: list[object] = []
    for service in services:
        build = service.build
        if build is None or build.context is None or build.value.plain() in seen:
            continue
        seen.append(build.value.plain())
        yield service


def plain(text: str) -> str:
    """Give a name or a command as YAML writes it."""
    import json

    is_plain = re.fullmatch(PLAIN, text) and not re.match(WORDS, text)
    return text if is_plain else json.dumps(text)


def _branch(repository: Repository) -> str:
    """The branch that the remote repository starts from, as far as that is known."""
    head = git.run(repository.root, "symbolic-ref", "--short", "refs/remotes/origin/HEAD")
    name = (head or b"").decode("utf-8", "replace").strip().removeprefix("origin/")
    return plain(name) if name else "main"


def _commands(stack: Stack) -> Iterator[str]:
    """The commands that make the files of variables which a fresh clone lacks."""
    for path, example, is_required in files_to_make(stack):
        if example:
            yield f"cp {quote(example)} {quote(path)}"
        elif is_required:
            yield f"touch {quote(path)}"


def _needed_variables(stack: Stack) -> Iterator[tuple[str, str]]:
    """The variables that Compose insists on and no file sets, with a value that does to look at the
    stack."""
    repository = stack.repository
    paths = [example for _, example, _ in files_to_make(stack)]
    paths += [path for path in map(stack.dotenv_of, stack.files) if path in repository.files]
    contents = [repository.read(path) or b"" for path in paths if path]
    known = {
        each.name for content in contents for each in DotenvDocument(content).variables if each.value
    }
    for file in stack.files:
        for node in file.document.walk():
            if not isinstance(node, Scalar):
                continue
            try:
                found = variables(node.value)
            except InterpolationError:
                continue
            for each in found:
                if "?" in each.operator and each.name not in known:
                    yield each.name, '"8080"' if each.name.upper().endswith("PORT") else "unset"
