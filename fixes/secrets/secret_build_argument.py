"""A secret is passed to a build as an argument.

## What is wrong

Docker keeps the arguments of a build in the image: `docker history` shows the token to everyone who
can pull it. It makes no difference that the value came from the environment. Those of a stage that
is only copied from stay in the build's cache and its provenance. BuildKit warns of it
(`SecretsUsedInArgOrEnv`).

## What dockfix does

- The `ARG` leaves the Dockerfile, and each RUN instruction that reads it, by itself or through a
  file such as `.npmrc`, gets `--mount=type=secret,id=npm_token,env=NPM_TOKEN`: there it is a variable as
  before, and nowhere else.
- In Compose the argument becomes a secret of the build, taken from the same variable. A value that is
  written out goes to `.env` first.
- Where the Dockerfile hands the argument to the container (`ENV X=$X`), the service sets the variable
  in its environment instead.

Where an argument is used in another way (in `FROM`, in a label), or a RUN instruction leaves it in a
file of the image, a person has to decide. Keys that a browser gets anyway (`NEXT_PUBLIC_...`) are no
secrets.

## Fix safety

Safe: the instructions get the same value by a road that leaves nothing behind. Unsafe where the
container has had the variable, where only the application's own build can be what reads it, where the
`ARG` has a default, or where other files of the repository name it: an image that is built or run
without Compose gets it another way from then on (`docker build --secret
id=npm_token,env=NPM_TOKEN`). A secret is no part of the build cache's key: what was built with an old
one is used again. Mounting as a variable needs version 1.10 of BuildKit's frontend, which the `syntax`
line asks for, and Compose 2.40 to take the secret from `.env`. Images that were pushed still have the
secret: change it.

## References

Docker documentation, Build secrets and Build checks (SecretsUsedInArgOrEnv); Dockerfile reference, RUN
--mount=type=secret; Compose build specification, secrets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fixer.changes import Change
from fixer.documents.dockerfile import DockerfileDocument
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Service, Stack, Value
from fixer.stack.interpolation import InterpolationError, variables
from fixer.stack.merging import ListItem
from fixes.secrets._building import (
    PUBLIC,
    arguments,
    granted_to_build,
    home_of,
    is_build_secret,
    is_dummy,
    mounted,
    secret_name,
    without_arguments,
)
from fixes.secrets._dockerfiles import (
    Uses,
    builders,
    dockerfile_of,
    image_of,
    keeps,
    read_elsewhere,
    runners,
    uses_of,
)
from fixes.secrets._giving import kept_out, with_variable
from fixes.secrets._moving import variable_for

fix = Fix(
    summary="A secret is passed to a build as an argument.",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
    exposed=True,
)


class Source(NamedTuple):
    """Where an argument's value comes from: the variable, what stands for it in a Compose file, and the
    changes that put a value there which was written out."""

    variable: str
    reference: str
    changes: tuple[Change, ...] = ()


def detect(stack: Stack) -> Iterator[Finding]:
    """Find build arguments that hold secrets, each once for all the services that pass it."""
    seen: set[tuple[str, str]] = set()
    for service in stack.services.values():
        path, document = dockerfile_of(service)
        for name in service.build.args if service.build and document else ():
            if document and is_build_secret(name) and (path, name) not in seen:
                seen.add((path, name))
                yield from _findings(service, document, path, name)


def _findings(service: Service, document: DockerfileDocument, path: str, name: str) -> Iterator[Finding]:
    stack = service.stack
    found = uses_of(service, document, name)
    is_public = any(re.search(PUBLIC, pair.name) for _, pair in found.handed)
    passing = [each for each in builders(stack, path) if any(arguments(each, name))]
    texts = [_written(value) for each in passing for value in arguments(each, name)]
    opens_nothing = all(text is not None and (is_dummy(text) or text == name) for text in texts)
    if not found.declared or is_public or opens_nothing:
        return
    place = next(arguments(passing[0], name)).at
    image = [each for one in passing for each in image_of(document, one)]
    is_shown = any(instruction in image for instruction, _ in found.declared)
    where = "its cache keeps it"
    if is_shown:
        where = "everyone who can pull the image finds it in its history"
    message = f"{name} is an argument of the build of {service.name}: {where}."
    secret = name.lower()
    steps = (
        f"Delete ARG {name} from {path}, give the RUN instruction that needs it"
        f" --mount=type=secret,id={secret},env={name}, and replace the argument by a secret of the build"
        f" (secrets: [{secret}])."
    )
    changes, safety = _changes(stack, passing, document, path, name, found)
    severity = None if is_shown else Severity.NOTE
    yield Finding(place, message, changes, severity, safety, "" if changes else steps)


def _changes(
    stack: Stack, passing: list[Service], document: DockerfileDocument, path: str, name: str, found: Uses
) -> tuple[tuple[Change, ...], Safety | None]:
    """The changes, none where a person has to make them."""
    source = _source(passing, name)
    image = [each for service in passing for each in image_of(document, service)]
    has_default = any(pair.value for _, pair in found.declared)
    is_plain = not found.others and not keeps(document, found, image)
    is_plain = is_plain and not (has_default and len(passing) < len(builders(stack, path)))
    is_handed = any(instruction in image for instruction, _ in found.handed)
    if source is None or not is_plain or not (found.readers or is_handed):
        return (), None
    secret = secret_name(stack, source.variable, name)
    edit = mounted(document, path, found, secret or name.lower())
    if edit is None or secret is None:
        return (), None
    changes: list[Change] = [edit, *without_arguments(passing, name)]
    is_safe = not (found.handed or found.guessed or has_default or read_elsewhere(stack, path, name))
    for service in passing:
        if found.readers:
            changes += granted_to_build(service, secret, {"environment": source.variable})
        if source.changes:
            hidden, was_copied = kept_out(service, document)
            changes += hidden
            is_safe = is_safe and not was_copied
    for instruction, pair in found.handed:
        for service in runners(stack, document, path, instruction):
            edits = with_variable(service, pair.name, source.reference)
            if edits is None:
                return (), None
            changes += edits
    changes += source.changes
    return tuple(changes), None if is_safe else Safety.UNSAFE


def _written(value: Value) -> str | None:
    """An argument's value as written, None where it is the variable of its name."""
    if value.data is None:
        return None
    if isinstance(value, ListItem):
        _, equals, text = value.text.partition("=")
        return text if equals else None
    return value.text


def _source(passing: list[Service], name: str) -> Source | None:
    """Where the value comes from, if that is one place for all the services."""
    texts = {_written(value) for service in passing for value in arguments(service, name)}
    if len(texts) > 1:
        return None
    text = texts.pop()
    if text is None:
        return Source(name, f"${{{name}}}")
    try:
        known = variables(text)
    except InterpolationError:
        return None
    if not known:
        if "$" in text.replace("$$", ""):
            return None
        home = home_of(passing[0], text.replace("$$", "$"), name)
        return Source(home.name, home.reference, home.changes) if home else None
    first = known[0]
    if (first.start, first.end) != (0, len(text)) or first.operator.endswith("+"):
        return None
    if first.operator.endswith("-") and first.operand:
        if "$" in first.operand or is_dummy(first.operand):
            return None
        home = variable_for(passing[0].stack, first.operand, first.name, files=passing[0].files[:1])
        return Source(home.name, home.reference, home.changes) if home else None
    return Source(first.name, text)
