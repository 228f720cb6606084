"""redis-server is given an option that it does not have.

## What is wrong

`--requirepass-file` looks like the `_FILE` variables of other images, but redis has no such option.
The server prints "FATAL CONFIG FILE ERROR ... Bad directive or wrong number of arguments" and exits,
again and again where a restart policy is set.

## What dockfix does

It lets a shell read the file: the command becomes `sh -c 'exec docker-entrypoint.sh redis-server ...
--requirepass "$$(cat FILE)"'`, with all other options as they are. `$$` is how Compose writes a `$`
that is meant for the container.

## Fix safety

Safe: the server cannot start as it is. The password then shows in the container's process list.

## References

redis/redis#12392 (a wish for such an option); docker-library/redis, docker-entrypoint.sh.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Operation, Rewrite, Scalar, Sequence, Set, list_like
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Command, Service, Stack

fix = Fix(
    summary="redis-server gets --requirepass-file, which does not exist.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

OPTION = "--requirepass-file"
WRAPPER = "exec docker-entrypoint.sh"
SHELL_SYNTAX = set("'`\\*?&;|<>()#~!")
"""Characters that a shell would take for something else than text."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find redis commands with the option."""
    for service in stack.services.values():
        command = service.command
        if command is not None and OPTION in command.words[:-1] and "redis-server" in command.words:
            yield _finding(service, command)


def _finding(service: Service, command: Command) -> Finding:
    message = f"redis-server has no option {OPTION}: {service.name} exits as soon as it starts."
    operations = _repair(service, command)
    if not operations:
        path = command.words[command.words.index(OPTION) + 1]
        steps = (
            f"Start redis-server through a shell that reads the file: sh -c '{WRAPPER} redis-server"
            f' ... --requirepass "$$(cat {path})"\'.'
        )
        return Finding(command.at.at, message, steps=steps)
    return Finding(command.at.at, message, (EditYaml(command.at.file.path, tuple(operations)),))


def _repair(service: Service, command: Command) -> list[Operation]:
    """The edits of the command; none where its start or its words leave any doubt."""
    image = service.image
    is_official = image is not None and image.repository in ("redis", "valkey/valkey")
    if not is_official or service.entrypoint is not None or command.words[0] != "redis-server":
        return []
    node, route, document = command.at.node, command.at.route, command.at.node.document
    if isinstance(node, Sequence):
        script = _shell_words([item.text for item in command.at.items()])
        return [Set(route, list_like(node, ["sh", "-c", f"{WRAPPER} {script}"]), document)]
    if not isinstance(node, Scalar) or SHELL_SYNTAX & set(node.value):
        return []
    return _wrapped_in_place(node, node.value.split())


def _wrapped_in_place(node: Scalar, words: list[str]) -> list[Operation]:
    """Edits of a text's first words, of the option, and of its last words, so that its lines stay
    as they are."""
    index = words.index(OPTION)
    path = words[index + 1]
    password = f'--requirepass "$$(cat {path})"'
    first = Rewrite(node.route, "redis-server", f"sh -c '{WRAPPER} redis-server", node.document)
    if node.value.count("redis-server") != 1 or node.value.count(f"{OPTION} {path}") != 1:
        return []
    if index + 2 == len(words):
        last = Rewrite(node.route, f"{OPTION} {path}", f"{password}'", node.document)
        return [first, last]
    option = Rewrite(node.route, f"{OPTION} {path}", password, node.document)
    for length in range(1, len(words) - index - 1):
        end = " ".join(words[-length:])
        if node.value.count(end) == 1:
            return [first, option, Rewrite(node.route, end, f"{end}'", node.document)]
    return []


def _shell_words(words: list[str]) -> str:
    """Give the command as a shell reads it, with the option replaced by what works."""
    parts: list[str] = []
    following = iter(words)
    for word in following:
        if word == OPTION:
            parts.append(f'--requirepass "$$(cat {next(following)})"')
        else:
            parts.append(shlex.quote(word))
    return " ".join(parts)
