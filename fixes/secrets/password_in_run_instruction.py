"""A password is written out in a RUN instruction.

## What is wrong

The commands of a Dockerfile are kept with the image: `docker history --no-trunc` shows a token in the
URL of a package index, or a password behind `curl -u`, to everyone who can pull it.

## What dockfix does

The value goes to `.env`, which git ignores, and its name to `.env.example`. In the command a variable
takes its place, which `--mount=type=secret,id=...,env=...` gives to that instruction alone, and the
builds of the services get the secret to mount.

A person has to decide where the command would still leave the password in the image, as `git clone`
does in `.git/config`; where it stands in single quotes, in which a shell replaces nothing, or in
`ADD`; and where git tracks `.env`.

## Fix safety

Safe: the command is the same. Unsafe where the image copies its whole context with an `.env` in it,
which `.dockerignore` leaves out from then on, and where a script or a workflow builds images without
Compose: it has to hand the secret over from then on (`docker build --secret id=...,env=...`). Images
that were pushed still have the password, and the history of the repository too: change it.

## References

Docker documentation, Build secrets; Dockerfile reference, RUN --mount=type=secret; pip documentation,
Authentication.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fixer.changes import Change, EditText
from fixer.documents.dockerfile import DockerfileDocument, Instruction
from fixer.documents.source import Edit
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.secret_names import variable_name
from fixer.stack import Service, Stack
from fixes.secrets._building import granted_to_build, home_of, is_dummy, mounts_of, secret_name
from fixes.secrets._credentials import LOGIN, OPTIONS, VALUE
from fixes.secrets._dockerfiles import builders, dockerfile_of, image_of, is_built_elsewhere, writes
from fixes.secrets._giving import kept_out
from fixes.secrets._weak import is_well_known

fix = Fix(
    summary="A password is written out in a RUN instruction.",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
    exposed=True,
)

WAYS = (
    LOGIN,
    r"(?P<option>://)(?P<value>(?:gh[pousr]_|github_pat_|glpat-)[\w-]+)@(?P<host>[^\s/:?,\"']*)",
    rf"(?i:(?P<option>\bAuthorization:\s*(?:Bearer|Token|Basic)\s+)){VALUE}",
    *OPTIONS[:-1],
)
"""How a command is told a password. In a variable of its own, as the last of the options has it, it is
most often one that opens nothing."""


class Written(NamedTuple):
    """A password in an instruction, with its span, and the host it is for, where that is known."""

    instruction: Instruction
    value: str
    kind: str
    host: str
    start: int
    end: int


def detect(stack: Stack) -> Iterator[Finding]:
    """Find passwords in the commands of the Dockerfiles that services are built from."""
    paths: set[str] = set()
    for service in stack.services.values():
        path, document = dockerfile_of(service)
        if document is not None and path not in paths:
            paths.add(path)
            groups: dict[str, list[Written]] = {}
            for each in _passwords(document):
                groups.setdefault(each.value, []).append(each)
            for group in groups.values():
                yield _finding(service, document, path, group)


def _passwords(document: DockerfileDocument) -> Iterator[Written]:
    for instruction in document.instructions:
        if instruction.name in ("RUN", "ADD"):
            text = document.source.text[instruction.start : instruction.end]
            taken: set[int] = set()
            for match in (each for way in WAYS for each in re.finditer(way, text)):
                value, option, at = match["value"], match["option"], match.start("value")
                opens = "$" not in value and not is_dummy(value) and not is_well_known(value)
                if opens and at not in taken:
                    taken.add(at)
                    kind = "TOKEN" if re.search(r"(?i)token|bearer|oauth|://\Z", option) else "PASSWORD"
                    host = match.groupdict().get("host") or ""
                    start = instruction.start + at
                    yield Written(instruction, value, kind, host, start, start + len(value))


def _finding(service: Service, document: DockerfileDocument, path: str, found: list[Written]) -> Finding:
    first = found[0]
    place = Place(path, document.source.position(first.start))
    message = (
        f"A password stands in this {first.instruction.name} instruction, for everyone who reads the"
        f" repository or the history of the image of {service.name}."
    )
    known = next((each.host for each in found if each.host), "")
    is_named = re.match(r"[a-z][\w.-]*\.[a-z]+\Z", known)
    owner = known.removeprefix("www.").rpartition(".")[0] if is_named else service.name
    name = variable_name(owner, first.kind)
    changes, safety = _changes(service, document, path, name, found)
    secret = name.lower()
    steps = (
        f"Change the password, keep the new one in .env as {name}, declare it under secrets ({secret}:"
        f" environment: {name}), name it under the build's secrets, and let the RUN instruction read it"
        f" by --mount=type=secret,id={secret},env={name}, so that no file of the image keeps it."
    )
    return Finding(place, message, changes, safety=safety, steps="" if changes else steps)


def _changes(
    service: Service, document: DockerfileDocument, path: str, name: str, found: list[Written]
) -> tuple[tuple[Change, ...], Safety | None]:
    """The changes, none where a person has to make them."""
    stack, built = service.stack, builders(service.stack, path)
    image = [each for one in built for each in image_of(document, one)]
    if not all(_can_follow(document, each, each.instruction in image) for each in found):
        return (), None
    home = home_of(service, found[0].value, name)
    secret = secret_name(stack, home.name, home.name) if home else None
    if home is None or secret is None:
        return (), None
    mounts = mounts_of(document, {each.instruction: [home.name] for each in found}, secret)
    if mounts is None:
        return (), None
    reference = f"${{{home.name}}}"
    edits = [
        Edit(each.start, each.end, reference if _quote(document, each) else f'"{reference}"')
        for each in found
    ]
    changes: list[Change] = [EditText(path, (*edits, *mounts)), *home.changes]
    is_safe = not is_built_elsewhere(stack)
    for each in built:
        hidden, was_copied = kept_out(each, document)
        changes += [*granted_to_build(each, secret, {"environment": home.name}), *hidden]
        is_safe = is_safe and not was_copied
    return tuple(changes), None if is_safe else Safety.UNSAFE


def _can_follow(document: DockerfileDocument, found: Written, is_kept: bool) -> bool:
    """Whether a variable can take the password's place: the shell replaces it there, and the command
    leaves it in no file of the image."""
    instruction = found.instruction
    text = document.source.text[instruction.start : instruction.end]
    if instruction.name != "RUN" or instruction.is_json or re.search(r"<<-?\s*['\"\\]", text):
        return False
    return _quote(document, found) != "'" and not (is_kept and writes(text, [found.value]))


def _quote(document: DockerfileDocument, found: Written) -> str:
    """The quotes that a password stands in, empty where it stands in none."""
    before = document.source.text[found.instruction.start : found.start]
    outside = re.sub(r"\\.|\"(?:\\.|[^\"\\])*\"|'[^']*'", "", before)
    opened = re.search(r"['\"]", outside)
    return opened[0] if opened else ""
