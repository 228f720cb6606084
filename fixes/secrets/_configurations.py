"""The configuration that a service's container finds among the repository's files, and values that it
gets from its environment in place of what stands there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Sequence as List

from fixer.changes import Change
from fixer.stack import Service, Stack
from fixer.stack.merging import join
from fixes.secrets._giving import with_variable
from fixes.secrets._literals import TESTED, literals
from fixes.secrets._moving import variable_for


def configurations(service: Service, program: str) -> Iterator[str]:
    """Yield the paths at which a service's container has the configuration of a program, as the facts of
    its image say: of the file, and of what lies directly in the folder."""
    facts = service.facts
    for target, each in facts.configuration.items() if facts else ():
        if facts is not None and each == program:
            path = mounted_at(service, target)
            if target not in facts.folders:
                yield from [path] if path is not None else []
                continue
            yield from service.stack.repository.listed(path) if path is not None else []
            for mount in service.bind_mounts:
                if mount.path is not None and mount.target.startswith(f"{target}/"):
                    yield mount.path


def mounted_at(service: Service, target: str) -> str | None:
    """Give the path, relative to the root, of what a service's container has at an absolute path: that
    itself is mounted, or a folder above it. None where neither is."""
    above = [each for each in service.mounts if f"{target}/".startswith(f"{each.target.rstrip('/')}/")]
    mount = max(above, key=lambda each: len(each.target), default=None)
    if mount is None or mount.kind != "bind" or mount.path is None:
        return None
    return join(mount.path, target[len(mount.target) :].lstrip("/"))


def contents(stack: Stack, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the files that services read and that may hold a secret of somebody's, each once with its
    content: those of tests and documentation are left out, and large ones."""
    for path in sorted(set(paths)):
        content = stack.repository.searchable(path)
        if content is not None and not re.search(TESTED, path):
            yield path, content


def readers(stack: Stack, path: str, program: str) -> list[Service]:
    """Give the services, in all of the repository's stacks, that have a file as the configuration of a
    program."""
    return [each for each in stack.found_services if path in configurations(each, program)]


def has_variable(service: Service, name: str) -> bool:
    """Say whether a service's container has a variable that is not empty."""
    held = service.environment.get(name)
    return held is not None and (held.value != "" or ":?" in (held.text or ""))


def from_environment(
    services: List[Service], value: str, suggested: str, variable: str | None = None
) -> tuple[str, list[Change]] | None:
    """Give the name of the variable by which services get a value from `.env`, with the changes that
    give it to them: `variable`, or else the one that `.env` has it under. None where they would not all
    get it, since a name is taken."""
    changes: list[Change] = []
    names: set[str] = set()
    for service in services:
        written = [
            each.default_of or each.name for each in literals(service.stack) if each.value == value
        ]
        home = variable_for(service.stack, value, *written, suggested, files=service.files[:1])
        if home is None:
            return None
        name = variable or home.name
        edits = with_variable(service, name, home.reference)
        if edits is None or any(held != value for held in _held(service, name)):
            return None
        names.add(name)
        changes += [each for each in (*edits, *home.changes) if each not in changes]
    return (names.pop(), changes) if len(names) == 1 else None


def _held(service: Service, name: str) -> Iterator[str]:
    """What the stack and the service's files of variables set a variable to."""
    if name in service.environment:
        yield service.environment[name].value
    if listed := service.listed_variables.get(name):
        yield listed
