"""A redis configuration file holds its password.

## What is wrong

`requirepass redis_change_me` in a redis.conf is in the repository for everyone to read, and a value
that asks to be changed is the first that an attacker tries.

## What dockfix does

It takes the line out of the file. Where the server starts with that file and gets no other password,
the value becomes a Compose secret (`secrets/NAME.txt`, ignored by git), which the command reads:
`sh -c 'exec docker-entrypoint.sh redis-server FILE --requirepass "$$(cat /run/secrets/NAME)"'`.
redis has no variable that names a file. The service's health check follows. Where another service of
the stack logs in with the password, or with `--strategy default-password=env`, the value goes to
`.env` instead, and the command gets `--requirepass ${NAME:?}`; `hardcoded-password` lets the others
follow.

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

from fixer.changes import Change, EditText, EditYaml
from fixer.documents.redis import Directive, RedisDocument
from fixer.documents.yaml import Append, Operation, Scalar, Set, list_like
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import Mount, Service, Stack
from fixes.secrets._moving import MOUNTED, granted, secret_path, to_file, variable_for

fix = Fix(
    summary="A redis.conf holds the server's password.",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
    strategies=("file", "env"),
)

SERVER = "redis-server"


def detect(stack: Stack) -> Iterator[Finding]:
    """Find `requirepass` in the redis configuration files that services mount."""
    for service in stack.services.values():
        for mount in service.bind_mounts:
            content = stack.repository.read(mount.path) if mount.path else None
            if mount.path and content is not None and _is_configuration(service, mount):
                document = RedisDocument(content)
                directive = document.directive("requirepass")
                if directive is not None and directive.words:
                    position = document.source.position(directive.start)
                    place = Place(mount.path, position)
                    yield _finding(service, mount, place, document, directive)


def _is_configuration(service: Service, mount: Mount) -> bool:
    image = service.image.repository if service.image else ""
    is_server = "redis" in image or "valkey" in image
    return is_server and mount.target.endswith(".conf") and "exporter" not in image


def _finding(
    service: Service, mount: Mount, place: Place, document: RedisDocument, directive: Directive
) -> Finding:
    message = (
        f"The password of {service.name} stands in its configuration file, for everyone who reads"
        " the repository."
    )
    removal = EditText(place.path, (document.delete(directive),))
    words = service.command.words if service.command else []
    has_own = any(word.startswith("--requirepass") or "requirepass" in word for word in words)
    if has_own or mount.target not in " ".join(words):
        return Finding(place, message, (removal,))
    value = directive.words[0]
    changes = _moved(service, value) if service.entrypoint is None and words[0] == SERVER else []
    if not changes:
        steps = (
            f"Keep the password in a Compose secret, start {service.name} with --requirepass"
            ' "$$(cat /run/secrets/...)", give it to the services that log in, and remove the line.'
        )
        return Finding(place, message, steps=steps)
    return Finding(place, message, (removal, *changes))


def _moved(service: Service, value: str) -> list[Change]:
    """The changes that give the server its password another way, none where there is no certain one."""
    name = f"{service.name.lower().replace('-', '_')}_password"
    as_file = service.stack.strategies.get("default-password") != "env"
    if as_file and service.starts_as_root and not _is_used_elsewhere(service, value):
        return list(_secret(service, value, name))
    home = variable_for(service.stack, value, name.upper())
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


def _is_used_elsewhere(service: Service, value: str) -> bool:
    own = ("services", service.name)
    return any(
        isinstance(node, Scalar) and value in node.value and node.route[:2] != own
        for file in service.stack.related_files
        for node in file.document.walk()
    )


def _secret(service: Service, value: str, name: str) -> Iterator[Change]:
    command = service.command
    assert command is not None
    path = f"{MOUNTED}{name}"
    script = " ".join(map(shlex.quote, command.words)).replace("$", "$$")
    script = f'exec docker-entrypoint.sh {script} --requirepass "$$(cat {path})"'
    node = command.at.node
    words = list_like(node, ["sh", "-c", script])
    operations: list[Operation] = [Set(command.at.route, words, node.document)]
    operations += _health_check(service, path)
    yield EditYaml(command.at.file.path, tuple(operations))
    source = {"file": f"./{secret_path(name)}"}
    if edit := granted(service, command.at.file.path, name, source):
        yield edit
    yield from to_file(service.stack, name, value)


def _health_check(service: Service, path: str) -> Iterator[Operation]:
    """The health check that logs in with the secret, where there is one that asks the server."""
    test = service.healthcheck.test if service.healthcheck else None
    if test is None or "redis-cli" not in test.text or test.at.file is not service.files[0]:
        return
    line = f"REDISCLI_AUTH=$$(cat {path}) redis-cli ping | grep -q PONG"
    node = test.at.node
    yield Set(test.at.route, list_like(node, ["CMD-SHELL", line]), node.document)
