"""Scripts that a container starts with: they wait for what it depends on, and run its command."""

from __future__ import annotations

import re
import shlex

from fixer.scaffold.configuration.writing import Writer
from fixer.scaffold.files import Files
from fixer.scaffold.images import facts_of
from fixer.scaffold.ports import http_port
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack

WAITING = r"(?i)(\A|[-_])wait([-_]|\.sh\Z)"
STARTING = r"(?i)entry-?point"
PROGRAMS = (
    "bundle", "celery", "daphne", "flask", "gunicorn", "java", "node", "npm", "php-fpm", "pnpm",
    "python", "python3", "rails", "sidekiq", "uvicorn", "yarn",
)  # fmt: skip
"""What is a program also where it stands alone; another word may be the script's own argument."""

ADDRESS = r"[\w.-]+:\d+"
OPTIONS = r"-s|--strict|-q|--quiet|-t|--timeout|--timeout=\d+|\d+"


def is_started(service: Service, target: str) -> bool:
    """Say whether a service's container starts with the script at a path, one that waits or that
    starts the command."""
    name = target.rpartition("/")[2]
    is_meant = re.search(WAITING, name) or re.search(STARTING, name)
    return is_meant is not None and any(word.rpartition("/")[2] == name for word in _words(service))


def _script(stack: Stack, service: Service, mount: Mount) -> Files:
    facts = facts_of(service)
    if facts is None or facts.process is None or _has_entrypoint(service):
        return {}
    name = mount.target.rpartition("/")[2]
    if any(word.rpartition("/")[2] == name for word in facts.process.entrypoint):
        return {}
    words = _words(service)
    at = next(index for index, word in enumerate(words) if word.rpartition("/")[2] == name)
    arguments = words[at + 1 :]
    addresses = any(re.fullmatch(ADDRESS, word) for word in arguments)
    if addresses or "--" in arguments:
        before = arguments[: arguments.index("--")] if "--" in arguments else arguments
        if not all(re.fullmatch(rf"{ADDRESS}|{OPTIONS}", word) for word in before):
            return {}
        return {mount.path or "": render("scripts/wait-for.sh.j2", name=name)}
    if not arguments or arguments[0].startswith("-"):
        return {}
    if len(arguments) == 1 and arguments[0].rpartition("/")[2] not in PROGRAMS:
        return {}
    text = render(
        "scripts/entrypoint.sh.j2",
        addresses=_addresses(service),
        own=facts.process.entrypoint if service.entrypoint else (),
    )
    return {mount.path or "": text}


def _words(service: Service) -> list[str]:
    """What the container runs, as words; a line for a shell is taken apart."""
    words = [
        word for part in (service.entrypoint, service.command) for word in (part.words if part else ())
    ]
    if "-c" in words[1:2]:
        try:
            return shlex.split(" ".join(words[2:]))
        except ValueError:
            return []
    return words


def _has_entrypoint(service: Service) -> bool:
    """Whether the service's own Dockerfile says what the image starts with."""
    path = service.build.dockerfile_path if service.build else None
    document = service.stack.dockerfile(path) if path else None
    return document is not None and bool(document.named("ENTRYPOINT"))


def _addresses(service: Service) -> list[str]:
    """Where the services answer that this one depends on."""
    found = []
    for name in service.depends_on:
        other = service.stack.services.get(name)
        if other is None:
            continue
        facts = other.facts if other.build is None else None
        port = str(facts.serves[0].port) if facts and facts.serves else http_port(other)
        found += [f"{name} {port}"] if port else []
    return found


WRITERS: dict[str, Writer] = {"start-script": _script}
