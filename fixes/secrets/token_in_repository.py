"""A token of a known form stands in a file of the stack.

## What is wrong

An access key of AWS, a token of GitHub, Slack, Stripe or another service that marks what it hands out:
programs look through public repositories for these forms and use what they find within minutes. It
counts no less where the variable's name does not tell what it is.

## What dockfix does

In a Compose file the token goes to `.env`, which git ignores, and `${NAME:?}` takes its place; the name
alone is added to `.env.example`. In a mounted file or a Dockerfile a person has to move it, and so with
a private key in a Compose file: it has many lines, and belongs into a file of its own.

Tokens of documentation (`AKIAIOSFODNN7EXAMPLE`), keys that a page shows to everyone, and those for
tests (`sk_test_...`) are no findings.

## Fix safety

Safe: the containers get the same value. The token is still in the repository's history: revoke it where
it came from.

## References

detect-secrets, which knows the forms; Compose documentation, Interpolation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.source import Source
from fixer.documents.yaml import Operation, Rewrite, Scalar, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.secret_names import PUBLIC, is_secret_name, variable_name
from fixer.stack import ComposeFile, Stack
from fixes.secrets._literals import TESTED, literals
from fixes.secrets._moving import variable_for
from fixes.secrets._secret_files import holds_private_key
from fixes.secrets._tokens import Token, tokens

fix = Fix(
    summary="A token of a known form stands in a file of the stack.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
    exposed=True,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find tokens in the stack's Compose files, in what they mount, and in their Dockerfiles."""
    told = {literal.node.start for literal in literals(stack)}
    for file in stack.files:
        if not re.search(TESTED, file.path):
            for node in file.document.walk():
                if isinstance(node, Scalar) and node.start not in told and not _is_public(node):
                    for token in tokens(node.value):
                        yield _moved(stack, file, node, token)
                    if holds_private_key(node.value):
                        yield _key(file, node)
    for path in dict.fromkeys(_other_files(stack)):
        content = stack.repository.searchable(path) if not re.search(TESTED, path) else None
        if content is not None and stack.repository.is_tracked(path):
            source = Source(content)
            for token in tokens(source.text):
                yield _told(Place(path, source.position(token.start)), token)


def _is_public(node: Scalar) -> bool:
    """Whether a browser gets to see the value anyway."""
    name = node.value.partition("=")[0] if isinstance(node.step, int) else str(node.step)
    return re.search(PUBLIC, name) is not None


def _other_files(stack: Stack) -> Iterator[str]:
    for service in stack.services.values():
        yield from (mount.path for mount in service.bind_mounts if mount.path)
        if service.build and service.build.dockerfile_path:
            yield service.build.dockerfile_path


def _moved(stack: Stack, file: ComposeFile, node: Scalar, token: Token) -> Finding:
    place = Place(file.path, file.document.position(node))
    name = token.name
    if not isinstance(node.step, int) and is_secret_name(str(node.step)):
        name = str(node.step)
    if node.route[:1] != ("services",):
        return _told(place, token)
    home = variable_for(stack, token.value, name, variable_name(str(node.route[1]), name), files=[file])
    if home is None:
        return _told(place, token)
    operation: Operation = Rewrite(node.route, token.value, f"${{{home.name}:?}}", node.document)
    if node.value == token.value:
        operation = Set(node.route, home.reference, node.document)
    return Finding(place, _message(token), (EditYaml(file.path, (operation,)), *home.changes))


def _key(file: ComposeFile, node: Scalar) -> Finding:
    place = Place(file.path, file.document.position(node))
    message = "A private key is written out here, for everyone who reads the repository."
    steps = (
        "Make a new key in a file that git ignores (secrets/private.key), declare it (secrets:"
        " private_key: file: ./secrets/private.key), give it to the service (secrets: [private_key]),"
        " and let the program read /run/secrets/private_key."
    )
    if node.route[:1] == ("configs",):
        steps = (
            "Make a new key in a file that git ignores (secrets/private.key), and write file:"
            " ./secrets/private.key here in the place of content."
        )
    return Finding(place, message, steps=steps)


def _told(place: Place, token: Token) -> Finding:
    steps = (
        f"Revoke it where it came from, and give the new one to the program by its environment or by a"
        f" Compose secret ({token.name}), which {place.path} does not hold."
    )
    return Finding(place, _message(token), steps=steps)


def _message(token: Token) -> str:
    article = "an" if token.name[0] in "AEIOU" else "a"
    return f"This has the form of {article} {token.name}, for everyone who reads the repository."
