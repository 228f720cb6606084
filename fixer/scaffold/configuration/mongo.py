"""MongoDB: settings, and the users of whom the container has the names and passwords."""

from __future__ import annotations

import re

from fixer.scaffold.configuration.initial import is_script
from fixer.scaffold.configuration.writing import Writer, configured, placed, version_of
from fixer.scaffold.connections import variables_of
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.scaffold.sizes import memory_limit
from fixer.stack import Mount, Service, Stack

ROOT = "MONGO_INITDB_ROOT_"
USER = r"(.+_)(USER|USERNAME)\Z"


def _init(stack: Stack, service: Service, mount: Mount) -> Files:
    if not is_script(mount, ".js") or () < version_of(service) < (6,):
        # The shell of older images cannot read variables.
        return {}
    users = _users(service)
    if not users:
        return {}
    return placed(mount, "10-users.js", render("mongo/init.js.j2", users=users))


def _users(service: Service) -> list[dict[str, str]]:
    """The pairs of variables that name a user and its password, or the file with that, in the
    container; the image itself takes care of the root user."""
    names = variables_of(service)
    found = []
    for name in names:
        match = re.match(USER, name)
        if match is None or name.startswith(ROOT):
            continue
        password = next((each for each in _passwords(match[1]) if each in names), "")
        database = next((each for each in _databases(match[1]) if each in names), "")
        if password:
            found.append({"name": name, "password": password, "database": database})
    return found


def _passwords(prefix: str) -> tuple[str, ...]:
    return tuple(f"{prefix}{end}" for end in ("PASSWORD", "PASS", "PASSWORD_FILE", "PASS_FILE"))


def _databases(prefix: str) -> tuple[str, ...]:
    return tuple(f"{prefix}{end}" for end in ("DATABASE", "DB", "DB_NAME"))


def _settings(stack: Stack, service: Service, mount: Mount) -> Files:
    memory = memory_limit(service)
    text = render(
        "mongo/mongod.conf.j2",
        # What the server takes by itself of a machine: half of the memory but for 1 GB.
        cache=max((memory - 1024) / 2048, 0.25) if memory else None,
    )
    return configured(service, mount, "mongod.conf", text)


WRITERS: dict[str, Writer] = {"mongo": _settings, "mongo-init": _init}
