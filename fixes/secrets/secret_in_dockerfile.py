"""A password is written out in a Dockerfile.

## What is wrong

`ENV` and the default of an `ARG` are part of the image: `docker inspect` and `docker history` show the
password to everyone who can pull it, and the repository to everyone who reads it. BuildKit warns of it
(`SecretsUsedInArgOrEnv`).

## What dockfix does

The value goes to `.env`, which git ignores, and its name to `.env.example`. From there it gets to
where it is used:

- Services that run the image set the variable in their environment, unless they do so already.
- RUN instructions that read it get `--mount=type=secret,id=db_password,env=DB_PASSWORD`, and the
  builds of the services the secret to mount.

Where it is used in another way, has several values, or is left in a file by a RUN instruction, a
person has to decide; so too where git tracks `.env`.

## Fix safety

An `ARG` that only RUN instructions use is safe: they get the same value, and the image is the same.
The rest is unsafe: a container that is started without Compose has the variable no longer, and a RUN
instruction may read it without naming it. So is all where a script or a workflow builds images without
Compose, since it has to hand the secret over from then on. Images that were pushed still have the
password, and the history of the repository too: change it.

## References

Docker documentation, Build secrets and Build checks (SecretsUsedInArgOrEnv); Dockerfile reference, RUN
--mount=type=secret; Compose build specification, secrets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import Change
from fixer.documents.dockerfile import DockerfileDocument
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import Service, Stack
from fixes.secrets._building import (
    arguments,
    granted_to_build,
    home_of,
    is_build_secret,
    is_dummy,
    mounted,
    secret_name,
)
from fixes.secrets._dockerfiles import (
    Uses,
    builders,
    dockerfile_of,
    image_of,
    is_built_elsewhere,
    keeps,
    read_elsewhere,
    runners,
    uses_of,
)
from fixes.secrets._giving import kept_out, with_variable

fix = Fix(
    summary="A password is written out in a Dockerfile.",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
    exposed=True,
)


ONLY_STARTS = r"\bcollectstatic\b|\bcompilemessages\b|\bassets:precompile\b"
"""A command that wants a secret to be set and does nothing with it."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find passwords in the Dockerfiles that the stack's services are built from."""
    paths: set[str] = set()
    for service in stack.services.values():
        path, document = dockerfile_of(service)
        if document is None or path in paths:
            continue
        paths.add(path)
        for name in dict.fromkeys(_names(document)):
            found = uses_of(service, document, name)
            is_passed = any(any(arguments(each, name)) for each in builders(stack, path))
            if not is_passed and not _only_starts(document, found):
                yield _finding(service, document, path, name, found)


def _names(document: DockerfileDocument) -> Iterator[str]:
    """The variables that hold a password in the file."""
    for instruction in document.instructions:
        for pair in document.pairs(instruction) if instruction.name in ("ARG", "ENV") else ():
            is_literal = pair.written is not None and "$" not in pair.written
            is_literal = is_literal and pair.value != pair.name
            if is_literal and is_build_secret(pair.name) and not is_dummy(pair.value):
                yield pair.name


def _only_starts(document: DockerfileDocument, found: Uses) -> bool:
    """Whether the value only lets a step of the build begin: an `ARG` that nothing else uses."""
    texts = [document.source.text[each.start : each.end] for each in found.readers]
    is_argument = all(instruction.name == "ARG" for instruction, _ in found.declared)
    is_unused = not found.handed and not found.others
    if found.guessed:
        return is_argument and is_unused
    return is_argument and is_unused and all(re.search(ONLY_STARTS, text) for text in texts)


def _finding(
    service: Service, document: DockerfileDocument, path: str, name: str, found: Uses
) -> Finding:
    stack = service.stack
    instruction, pair = next(each for each in found.declared if each[1].written is not None)
    place = Place(path, document.source.position(pair.start))
    message = f"{name} is a password that is written out here, for everyone who reads the repository"
    if any(instruction in image_of(document, each) for each in builders(stack, path)):
        message += f" or can pull the image of {service.name}"
    changes, safety = _changes(service, document, path, name, found)
    secret = name.lower()
    steps = (
        f"Delete {name} from {path} and change the password. Set it in .env, give it to the containers"
        f" that read it (environment: {name}: ${{{name}:?}}), and to RUN instructions that do by"
        f" --mount=type=secret,id={secret},env={name} with secrets: [{secret}] under the build."
    )
    return Finding(place, f"{message}.", changes, safety=safety, steps="" if changes else steps)


def _changes(
    service: Service, document: DockerfileDocument, path: str, name: str, found: Uses
) -> tuple[tuple[Change, ...], Safety | None]:
    """The changes, none where a person has to make them."""
    stack = service.stack
    built = builders(stack, path)
    values = {pair.value for _, pair in found.declared if pair.value}
    image = [each for one in built for each in image_of(document, one)]
    set_for_containers = [
        (instruction, pair)
        for instruction, pair in [*found.declared, *found.handed]
        if instruction.name == "ENV" and instruction in image
    ]
    if len(values) > 1 or found.others or keeps(document, found, image):
        return (), None
    if not found.readers and not set_for_containers:
        return (), None
    home = home_of(service, values.pop(), name)
    secret = secret_name(stack, home.name, name) if home else None
    edit = mounted(document, path, found, secret or name.lower())
    if home is None or secret is None or edit is None:
        return (), None
    changes: list[Change] = [edit]
    is_safe = not (set_for_containers or found.guessed or read_elsewhere(stack, path, name))
    is_safe = is_safe and not (found.readers and is_built_elsewhere(stack))
    for instruction, pair in set_for_containers:
        for each in runners(stack, document, path, instruction):
            edits = with_variable(each, pair.name, home.reference)
            if edits is None:
                return (), None
            changes += edits
    for each in built if found.readers else ():
        changes += granted_to_build(each, secret, {"environment": home.name})
    if len(changes) > 1:
        for each in built:
            hidden, was_copied = kept_out(each, document)
            changes += hidden
            is_safe = is_safe and not was_copied
        changes += home.changes
    return tuple(changes), None if is_safe else Safety.UNSAFE
