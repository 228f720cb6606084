"""A redis configuration file holds its password.

## What is wrong

`requirepass please_change_me` in a redis.conf is in the repository for everyone to read, and a value
that asks to be changed is the first that an attacker tries.

## What dockfix does

It takes the line out of the file. Where the server starts with that file and gets no other password,
the value becomes a Compose secret (`secrets/NAME.txt`, ignored by git), which the command reads:
`sh -c 'exec docker-entrypoint.sh redis-server FILE --requirepass "$$(cat /run/secrets/NAME)"'`.
redis has no variable that names a file. The service's health check follows. Where another service of
the stack logs in with the password, or with `--strategy password-in-redis-configuration=env`, the value
goes to `.env` instead, and the command gets `--requirepass ${NAME:?}`; `hardcoded-password` lets the
others follow.

## Fix safety

Safe: the server asks for the same password as before, and where the file was not used nothing
changes.

## References

redis documentation, redis.conf (requirepass); redis/redis#12392.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from collections.abc import Sequence as List
from typing import NamedTuple

from fixer.changes import Change, EditText, EditYaml
from fixer.documents.redis import Directive, RedisDocument
from fixer.documents.yaml import Append, Operation, Scalar, Set, list_like
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.secret_names import variable_name
from fixer.stack import Mount, Service, Stack
from fixes.secrets._moving import MOUNTED, granted, secret_path, to_file, variable_for
from fixes.secrets._wrapping import written_words

fix = Fix(
    summary="A redis.conf holds the server's password.",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
    strategies=("file", "env"),
    exposed=True,
)

SERVERS = ("redis-server", "valkey-server")


class Reader(NamedTuple):
    """A service that mounts the configuration file, at `target` in its container."""

    service: Service
    target: str


def detect(stack: Stack) -> Iterator[Finding]:
    """Find `requirepass` in the redis configuration files that services mount, each once."""
    mounts = [mount for each in stack.services.values() for mount in _configurations(each)]
    for path in dict.fromkeys(mount.path for mount in mounts if mount.path):
        content = stack.repository.read(path)
        document = RedisDocument(content) if content is not None else None
        directive = document.directive("requirepass") if document else None
        if document is not None and directive is not None and directive.words:
            yield _finding(_readers(stack, path), path, document, directive)


def _configurations(service: Service) -> list[Mount]:
    image = service.image.repository if service.image else ""
    is_server = ("redis" in image or "valkey" in image) and "exporter" not in image
    return [each for each in service.bind_mounts if is_server and each.target.endswith(".conf")]


def _readers(stack: Stack, path: str) -> list[Reader]:
    """The services of all stacks that mount a file, each once for every way in which it is started."""
    found: dict[object, Reader] = {}
    for service in stack.found_services:
        started = [part.at.at for part in (service.command, service.entrypoint) if part]
        for mount in _configurations(service):
            if mount.path == path:
                key = (service.files[0].path, service.name, *started)
                found.setdefault(key, Reader(service, mount.target))
    return list(found.values())


def _finding(readers: List[Reader], path: str, document: RedisDocument, directive: Directive) -> Finding:
    service, place = readers[0].service, Place(path, document.source.position(directive.start))
    message = (
        f"The password of {service.name} stands in its configuration file, for everyone who reads"
        " the repository."
    )
    changes: list[Change] = [EditText(path, (document.delete(directive),))]
    for reader in readers:
        following = _following(reader, directive.words[0], is_alone=len(readers) == 1)
        if following is None:
            steps = (
                f"Keep the password in a Compose secret, start {reader.service.name} with --requirepass"
                ' "$$(cat /run/secrets/...)", give it to the services that log in, and remove the line.'
            )
            return Finding(place, message, steps=steps)
        changes += following
    return Finding(place, message, tuple(changes))


def _following(reader: Reader, value: str, is_alone: bool) -> list[Change] | None:
    """The changes after which a server has the password without the file, none where it does not take
    it from there; None in place of changes where that is not known, or where there is no certain way."""
    service = reader.service
    words = written_words(service.command) if service.command else []
    facts = service.facts if not service.build else None
    is_plain = facts is not None and facts.process is not None and service.entrypoint is None
    if not is_plain or words is None or _includes(reader):
        return None
    if any("requirepass" in word for word in words):
        return []
    if not all(service.stack.is_known(word) for word in words) or (words and words[0] not in SERVERS):
        return None
    if service.command is None or reader.target not in service.command.words:
        return []
    return _moved(service, words, value, is_alone) or None


def _includes(reader: Reader) -> bool:
    """Whether another configuration file of the service takes this one in."""
    repository = reader.service.stack.repository
    contents = [repository.read(each.path) for each in _configurations(reader.service) if each.path]
    return any(
        each.name == "include" and reader.target in each.words
        for content in contents
        if content is not None
        for each in RedisDocument(content).directives
    )


def _moved(service: Service, words: List[str], value: str, is_alone: bool) -> list[Change]:
    """The changes that give the server its password another way, none where there is no certain one."""
    name = variable_name(service.name, "password")
    as_file = service.stack.strategies.get("password-in-redis-configuration") != "env"
    as_file = as_file and value not in service.stack.environment.values()  # A client has it from there.
    if as_file and is_alone and service.starts_as_root:
        changes = _secret(service, words, value, name.lower())
        if changes:
            return changes
    assert service.command is not None
    home = variable_for(service.stack, value, name, files=[service.command.at.file])
    if home is None or not re.fullmatch(r"[\w.:@%+,-]+", value):
        return []
    return [_with_option(service, home.reference), *home.changes]


def _with_option(service: Service, reference: str) -> EditYaml:
    """The edit that starts the server with a password from a variable."""
    command = service.command
    assert command is not None
    at, document = command.at, command.at.node.document
    operations: tuple[Operation, ...] = tuple(
        Append(at.route, word, document) for word in ("--requirepass", reference)
    )
    if isinstance(at.node, Scalar):
        operations = (Set(at.route, f"{at.text} --requirepass {reference}", document),)
    return EditYaml(at.file.path, operations)


def _is_used(service: Service, value: str) -> bool:
    """Whether the stack's files have the password elsewhere than in the service's health check."""
    own = service.healthcheck.test.at if service.healthcheck and service.healthcheck.test else None
    known = (own.file.path, own.route) if own else None
    return any(
        isinstance(node, Scalar)
        and value in node.value
        and (file.path, node.route[: len(known[1]) if known else 0]) != known
        for file in service.stack.related_files
        for node in file.document.walk()
    )


def _secret(service: Service, words: List[str], value: str, name: str) -> list[Change]:
    """The changes by which the server reads its password from a file; none where a client of the stack
    logs in with it, or where a declaration would not count beside the command."""
    command = service.command
    assert command is not None
    kept = to_file(service.stack, name, value, command.at.file)
    health_check = _health_check(service, value, f"{MOUNTED}{name}")
    if kept is None or health_check is None or _is_used(service, value):
        return []
    if not service.stack.contributes(command.at.file):
        return []
    script = f'exec docker-entrypoint.sh {shlex.join(words)} --requirepass "$$(cat {MOUNTED}{name})"'
    node, path = command.at.node, command.at.file.path
    start = Set(command.at.route, list_like(node, ["sh", "-c", script]), node.document)
    source = {"file": f"./{secret_path(name)}"}
    edit = EditYaml(path, (start, *health_check))
    return [edit, *granted(service, path, name, source), *kept]


def _health_check(service: Service, value: str, path: str) -> tuple[Operation, ...] | None:
    """The edit of a health check that logs in with the password, none where it does not; None in place
    of edits where it does so in a way that a file cannot follow."""
    test = service.healthcheck.test if service.healthcheck else None
    if test is None or value not in test.text:
        return ()
    kind, *words = [item.text for item in test.at.items()] or ["CMD-SHELL", test.at.text]
    line = shlex.join(words) if kind == "CMD" else " ".join(words)
    option = (
        rf"""\bredis-cli\b(?P<before>[^|;&]*?)\s+(?:-a\s*|--pass\s+)["']?{re.escape(value)}["']?(?!\S)"""
    )
    line = re.sub(option, f'REDISCLI_AUTH="$$(cat {path})" redis-cli\\g<before>', line)
    command, node = service.command, test.at.node
    if value in line or command is None or test.at.file is not command.at.file:
        return None
    return (Set(test.at.route, list_like(node, ["CMD-SHELL", line]), node.document),)
