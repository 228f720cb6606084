"""What the jobs of a pipeline have to know of a stack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from shlex import quote
from typing import NamedTuple

from fixer import git
from fixer.documents.dotenv import DotenvDocument
from fixer.documents.yaml.tree import Scalar
from fixer.stack import Repository, Stack
from fixer.stack.interpolation import InterpolationError, variables

EXAMPLES = ("{path}.example", "{path}.sample", "{path}.template", "{path}.dist")

PLAIN = r"[A-Za-z_./][\w./:@-]*(?<!:)"
WORDS = r"(?i)(y|yes|n|no|on|off|true|false|null)\Z"
"""Words that YAML reads as something else than text."""


class Jobs(NamedTuple):
    """What is checked, built and looked at.

    `compose` are the options by which Compose finds the stack's files, as in a shell. `dockerfiles`
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
    dockfix: str


def jobs_of(stack: Stack) -> Jobs:
    """Give what the jobs have to know."""
    from importlib.metadata import version

    repository = stack.repository
    built = [service for service in stack.services.values() if service.build is not None]
    paths = [each.build.dockerfile_path for each in built if each.build and not each.build.inline]
    dockerfiles = [path for path in dict.fromkeys(paths) if path and repository.is_file(path)]
    images = [
        service.image.text
        for service in stack.services.values()
        if service.image and service.build is None and stack.is_known(service.image.value.text)
    ]
    missing = dict(_missing_files(stack))
    return Jobs(
        compose=" ".join(f"-f {quote(path)}" for path in stack.named),
        dockerfiles=tuple(map(quote, dockerfiles)),
        services=tuple(
            plain(service.name)
            for service in built
            if service.build and service.build.context is not None
        ),
        images=tuple(plain(image) for image in dict.fromkeys(images)),
        preparations=tuple(_commands(missing)),
        variables=dict(_needed_variables(stack, list(missing.values()))),
        branch=_branch(repository),
        dockfix=f"dockfix=={version('dockfix')}",
    )


def plain(text: str) -> str:
    """Give a text as YAML writes it."""
    import json

    is_plain = re.fullmatch(PLAIN, text) and not re.match(WORDS, text)
    return text if is_plain else json.dumps(text)


def _branch(repository: Repository) -> str:
    """The branch that the remote repository starts from, as far as that is known."""
    head = git.run(repository.root, "symbolic-ref", "--short", "refs/remotes/origin/HEAD")
    name = (head or b"").decode("utf-8", "replace").strip().removeprefix("origin/")
    return plain(name) if name else "main"


def _missing_files(stack: Stack) -> Iterator[tuple[str, str]]:
    """The files of variables that a fresh clone lacks, with the example that each is made from, empty
    where it has none."""
    repository = stack.repository
    dotenvs = dict.fromkeys(stack.dotenv_of(file) for file in stack.files)
    read = [
        file.path
        for service in stack.services.values()
        for file in service.env_files
        if file.path and file.required
    ]
    for path in dict.fromkeys([*read, *dotenvs]):
        if path in repository.files:
            continue
        names = (form.format(path=path) for form in EXAMPLES)
        example = next((name for name in names if name in repository.files), "")
        if example or path in read:
            yield path, example


def _commands(missing: dict[str, str]) -> Iterator[str]:
    for path, example in missing.items():
        yield f"cp {quote(example)} {quote(path)}" if example else f"touch {quote(path)}"


def _needed_variables(stack: Stack, examples: list[str]) -> Iterator[tuple[str, str]]:
    """The variables that Compose insists on and no example sets, with a value that does to look at the
    stack."""
    contents = [stack.repository.read(path) or b"" for path in examples if path]
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
