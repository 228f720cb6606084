"""Backups for a stack: scheduled dumps of each of its databases.

A database gets a service beside it, which runs the same image, and so has a client of the same
version. It is given the login as the database itself is given it: by the same variables and secrets.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from fixer.scaffold.connections import variables_of
from fixer.scaffold.credentials import VariableFile
from fixer.scaffold.files import Files, ScaffoldError
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack
from fixer.stack.interpolation import InterpolationError, variables
from fixer.stack.merging import join
from fixer.stack.settings import Command

KINDS = {"postgres-init": "postgres", "mysql-init": "mysql", "mongo-init": "mongo", "redis": "redis"}
"""What to call a database by a program whose configuration its image reads."""

LOGIN = {
    "postgres": ("POSTGRES_USER", "POSTGRES_PASSWORD"),
    "mysql": ("MARIADB_ROOT_PASSWORD", "MYSQL_ROOT_PASSWORD"),
    "mongo": ("MONGO_INITDB_ROOT_USERNAME", "MONGO_INITDB_ROOT_PASSWORD"),
    "redis": (),
}
"""The variables of the images that say who may read everything; each may have a twin with `_FILE`."""

PLAIN = r"[A-Za-z$/][\w./{}$?@-]*(:[\w./{}$?@-]+)*"
"""What stands in YAML without quotes."""

WORDS = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")
"""What YAML takes for something else than text."""


class Secret(NamedTuple):
    """A secret that a backup reads, and where."""

    source: str
    target: str


class Login(NamedTuple):
    """What a container is given to log in: variables with their values as the stack writes them (None
    for one that comes from the shell), files of variables, secrets, and mounts of single files."""

    variables: dict[str, str | None]
    env_files: tuple[VariableFile, ...] = ()
    secrets: tuple[Secret, ...] = ()
    mounts: tuple[str, ...] = ()


def files(stack: Stack) -> Files:
    """Give the files, by path relative to the root. Raises ScaffoldError where a login is written in
    the stack itself, since it would have to be repeated."""
    folder, _, base = stack.named[0].rpartition("/")
    databases = [(service, kind) for service in stack.services.values() if (kind := _kind(service))]
    if not databases:
        return {}
    stem, ending = os.path.splitext(base)
    name = f"{stem}.backup{ending}"
    names = [os.path.relpath(path, folder or ".") for path in stack.named]
    values = {
        "command": "docker compose " + " ".join(f"-f {each}" for each in (*names, name)),
        "databases": [_described(service, kind, folder) for service, kind in databases],
        "others": list(_other_volumes(stack, [service for service, _ in databases])),
    }
    scripts = ["schedule", "once", "fresh", *dict.fromkeys(kind for _, kind in databases)]
    return {
        join(folder, name): render("backup/compose.yaml.j2", **values),
        **{join(folder, f"backup/{script}.sh"): render(f"backup/{script}.sh.j2") for script in scripts},
        join(folder, "backup/README.md"): render("backup/README.md.j2", **values),
    }


def _kind(service: Service) -> str | None:
    """What database a service is, or None where it is none, or keeps nothing."""
    facts = service.facts
    if facts is None or service.build is not None or not service.networks:
        return None
    kind = next((KINDS[each] for each in facts.configuration.values() if each in KINDS), None)
    kept = [mount for mount in service.mounts if mount.kind in ("volume", "bind")]
    is_kept = any(mount.target in facts.data for mount in kept)
    return kind if kind != "redis" or is_kept else None


def _described(service: Service, kind: str, folder: str) -> dict[str, object]:
    login = _redis_login(service) if kind == "redis" else _login(service, LOGIN[kind], folder)
    image = service.image
    check = service.healthcheck
    return {
        "name": service.name,
        "kind": kind,
        "image": _scalar(image.value.text) if image else "",
        "profiles": sorted(service.profiles),
        "variables": {name: _scalar(text) for name, text in login.variables.items()},
        "env_files": login.env_files,
        "secrets": login.secrets,
        "mounts": login.mounts,
        "networks": [] if list(service.networks) == ["default"] else list(service.networks),
        "is_checked": check is not None and check.test is not None and not check.disabled,
        "users": [
            each.name for each in service.stack.services.values() if service.name in each.depends_on
        ],
    }


def _login(service: Service, names: tuple[str, ...], folder: str) -> Login:
    wanted = [each for name in names for each in (name, f"{name}_FILE")]
    own = {name: service.environment[name].text for name in wanted if name in service.environment}
    listed = [name for name in wanted if name in service.listed_variables and name not in own]
    random = [name for name in variables_of(service) if name.endswith("_RANDOM_ROOT_PASSWORD")]
    if random:
        raise ScaffoldError(f"nobody knows the password of {service.name}: {random[0]} makes one up")
    for name, text in own.items():
        if name.endswith("PASSWORD") and text and not _is_reference(text):
            raise _literal(service, name, "hardcoded-password")
    paths = {text for name, text in own.items() if name.endswith("_FILE")}
    paths |= {service.listed_variables[name] for name in listed}
    # A file that only the checkout has may hold what is given nowhere else.
    is_given = any(name.endswith(("PASSWORD", "PASSWORD_FILE")) for name in own)
    files = service.env_files if listed or not is_given else []
    start = folder or "."
    return Login(
        own,
        tuple(
            VariableFile(os.path.relpath(each.path, start), each.required) for each in files if each.path
        ),
        tuple(Secret(each.source, each.target) for each in service.secrets if each.target in paths),
        tuple(
            f"./{os.path.relpath(each.path, start)}:{each.target}:ro"
            for each in service.bind_mounts
            if each.path and each.target in paths
        ),
    )


def _redis_login(service: Service) -> Login:
    """The password as the server's command has it: from a secret, from one of Compose's variables, or
    from one of the container's."""
    text = " ".join(_written(part) for part in (service.entrypoint, service.command) if part)
    port = re.search(r"--port[ =]+[\"']?([^\s\"']+)", text)
    at: dict[str, str | None] = {"REDIS_PORT": port[1]} if port else {}
    secrets = [Secret(each.source, each.target) for each in service.secrets if each.target in text]
    if secrets:
        return Login({**at, "REDIS_PASSWORD_FILE": secrets[0].target}, secrets=(secrets[0],))
    given = re.search(r"--requirepass[ =]+[\"']?([^\s\"']+)", text)
    if given is None:
        if any(_has_password(service, mount) for mount in service.bind_mounts):
            raise _literal(service, "the password", "password-in-redis-configuration")
        return Login(at)
    own = re.fullmatch(r"\$\$\{?(\w+)\}?", given[1])
    password: str | None = given[1]
    if own and own[1] in service.environment:
        password = service.environment[own[1]].text
    if password is not None and not _is_reference(password):
        raise _literal(service, "the password", "hardcoded-password")
    return Login({**at, "REDISCLI_AUTH": password})


def _written(command: Command) -> str:
    """A command as the stack writes it, variables in place."""
    if command.form == "exec":
        return " ".join(item.text for item in command.at.items())
    return command.at.text


def _has_password(service: Service, mount: Mount) -> bool:
    from fixer.documents.redis import RedisDocument

    content = service.stack.repository.read(mount.path) if mount.path else None
    is_settings = mount.target.endswith(".conf") and content is not None
    return is_settings and RedisDocument(content or b"").directive("requirepass") is not None


def _is_reference(text: str) -> bool:
    """Whether a text is one of Compose's variables, with no default."""
    try:
        found = variables(text)
    except InterpolationError:
        return False
    is_whole = len(found) == 1 and (found[0].start, found[0].end) == (0, len(text))
    return is_whole and not (found[0].operator.endswith("-") and found[0].operand)


def _literal(service: Service, name: str, fix: str) -> ScaffoldError:
    return ScaffoldError(
        f"the repository itself holds {name} of {service.name}, which a backup would have to repeat:"
        f" move it first, with `dockfix --apply --select {fix}`"
    )


def _other_volumes(stack: Stack, databases: list[Service]) -> Iterator[tuple[str, str]]:
    """The named volumes that hold something else, each with a service that mounts it."""
    covered = {mount.source for service in databases for mount in service.named_mounts}
    for service in stack.services.values():
        for mount in service.named_mounts:
            if mount.source not in covered:
                covered.add(mount.source)
                yield mount.source, service.name


def _scalar(text: str | None) -> str:
    import json

    if text is None:
        return ""
    is_plain = re.fullmatch(PLAIN, text) and text.lower() not in WORDS
    return text if is_plain else json.dumps(text, ensure_ascii=False)
