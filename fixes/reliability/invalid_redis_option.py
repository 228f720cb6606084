"""redis-server is given an option that it does not have.

## What is wrong

`--requirepass-file` looks like the `_FILE` variables of other images, but redis has no such option.
The server prints "FATAL CONFIG FILE ERROR ... Bad directive or wrong number of arguments" and exits,
again and again where a restart policy is set.

## What dockfix does

It lets a shell read the file: the command becomes `sh -c 'exec docker-entrypoint.sh redis-server ...
--requirepass "$$(cat FILE)"'`, with all other options as they are; where the command keeps its line
breaks, each gets the `\\` that a shell needs. `$$` is how Compose writes a `$` that is meant for the
container. Where an image of one's own, an entrypoint or the command's own quotes leave a doubt, the
finding says what to write.

## Fix safety

Safe: the server cannot start as it is. The password then shows in the container's process list.

## References

redis/redis#12392 (a wish for such an option); docker-library/redis, docker-entrypoint.sh.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Operation, Rewrite, Scalar, Sequence, Set, list_like
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Command, Service, Stack, Value

fix = Fix(
    summary="redis-server gets --requirepass-file, which does not exist.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

OPTION = "--requirepass-file"
SERVERS = ("redis-server", "valkey-server")
WRAPPER = "exec docker-entrypoint.sh"
SHELL_SYNTAX = set("'`\\*?&;|<>()#~!")
"""Characters that a shell would take for something else than text."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find redis commands with the option."""
    for service in stack.services.values():
        for command in (service.entrypoint, service.command):
            words = " ".join(command.words).split() if command is not None else []
            has_option = any(word.startswith(OPTION) for word in words)
            if command is not None and has_option and any(server in words for server in SERVERS):
                yield _finding(service, command)


def _finding(service: Service, command: Command) -> Finding:
    message = f"redis-server has no option {OPTION}: {service.name} exits as soon as it starts."
    operations = _repair(service, command)
    if not operations:
        steps = (
            f"Start redis-server through a shell that reads the file: sh -c '{WRAPPER} redis-server"
            ' ... --requirepass "$$(cat /run/secrets/...)"\'.'
        )
        return Finding(command.at.at, message, steps=steps)
    return Finding(command.at.at, message, (EditYaml(command.at.file.path, tuple(operations)),))


def _repair(service: Service, command: Command) -> list[Operation]:
    """The edits of the command; none where its start or its words leave any doubt."""
    node, words = command.at.node, command.words
    if isinstance(node, Sequence) and words[0] in ("sh", "bash") and words[1:2] == ["-c"]:
        return _in_script(command.at.items())
    image = service.image
    is_official = image is not None and image.repository in ("redis", "valkey/valkey")
    if not is_official or service.entrypoint is not None or words[0] not in SERVERS:
        return []
    if OPTION not in words[:-1]:
        return []
    if isinstance(node, Sequence):
        script = _shell_words([item.text for item in command.at.items()])
        value = list_like(node, ["sh", "-c", f"{WRAPPER} {script}"])
        return [Set(command.at.route, value, node.document)]
    if not isinstance(node, Scalar) or SHELL_SYNTAX & set(node.value):
        return []
    lines = [line.strip() for line in node.value.splitlines() if line.strip()]
    return _wrapped_lines(node, lines) if len(lines) > 1 else _wrapped_in_place(node)


def _in_script(items: Iterator[Value]) -> list[Operation]:
    """The option replaced in the script that a shell is given already."""
    script = list(items)[2]
    found = re.search(rf"{OPTION}\s+([^\s\"']+)(?=\s|$)", script.text)
    if found is None:
        return []
    password = f'--requirepass "$$(cat {found[1]})"'
    return [Rewrite(script.route, found[0], password, script.node.document)]


def _wrapped_lines(node: Scalar, lines: list[str]) -> list[Operation]:
    """Edits of a text that keeps its line breaks: a shell needs to be told that they end nothing."""
    if any(node.value.count(line) > 1 for line in lines):
        return []
    wrapped = [_with_password(line) for line in lines]
    wrapped[0] = f"sh -c '{WRAPPER} {wrapped[0]}"
    wrapped = [f"{line} \\" for line in wrapped[:-1]] + [f"{wrapped[-1]}'"]
    return [
        Rewrite(node.route, old, new, node.document) for old, new in zip(lines, wrapped, strict=True)
    ]


def _with_password(line: str) -> str:
    return re.sub(rf"{OPTION}\s+(\S+)", r'--requirepass "$$(cat \1)"', line)


def _wrapped_in_place(node: Scalar) -> list[Operation]:
    """Edits of a text's first words, of the option, and of its last words, so that its lines stay
    as they are."""
    words = node.value.split()
    index = words.index(OPTION)
    path = words[index + 1]
    password = f'--requirepass "$$(cat {path})"'
    server = words[0]
    first = Rewrite(node.route, server, f"sh -c '{WRAPPER} {server}", node.document)
    if node.value.count(server) != 1 or node.value.count(f"{OPTION} {path}") != 1:
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
