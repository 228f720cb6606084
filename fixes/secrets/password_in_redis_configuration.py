"""A redis configuration file holds its password.

## What is wrong

`requirepass redis_change_me` in a redis.conf is in the repository for everyone to read, and a value
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

from fixer.changes import Change, EditText, EditYaml
from fixer.documents.redis import Directive, RedisDocument
from fixer.documents.yaml import Append, Operation, Scalar, Set, list_like
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.images import image_facts
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
    words = written_words(service.command) if service.command else []
    steps = (
        f"Keep the password in a Compose secret, start {service.name} with --requirepass"
        ' "$$(cat /run/secrets/...)", give it to the services that log in, and remove the line.'
    )
    facts = image_facts(service.image.repository) if service.image and not service.build else None
    is_plain = facts is not None and facts.process is not None and service.entrypoint is None
    has_own = any("requirepass" in word for word in words or ())
    is_known = has_own or not words or words[0] in SERVERS
    if not is_plain or words is None or not is_known:
        return Finding(place, message, steps=steps)  # It is not known whether the server reads the file.
    is_read = service.command is not None and mount.target in service.command.words
    if has_own or not is_read:
        return Finding(place, message, (removal,))
    changes = _moved(service, words, directive.words[0])
    if not changes:
        return Finding(place, message, steps=steps)
    return Finding(place, message, (removal, *changes))


def _moved(service: Service, words: List[str], value: str) -> list[Change]:
    """The changes that give the server its password another way, none where there is no certain one."""
    name = variable_name(service.name, "password")
    as_file = service.stack.strategies.get("password-in-redis-configuration") != "env"
    as_file = as_file and value not in service.stack.environment.values()  # A client has it from there.
    if as_file and service.starts_as_root:
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
