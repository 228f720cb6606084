"""What the services of a stack connect to on a server: databases, and as whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from fixer.stack import Service

HOST = r"(?i)(.*?)(URL_)?(HOST|HOSTNAME|HOST_NAME|SERVER|ADDR|ADDRESS)\Z"
DATABASE = ("DATABASE", "DB", "NAME", "DB_NAME", "DBNAME", "DATABASE_NAME", "URL_DATABASE")
USER = ("USER", "USERNAME", "DB_USER", "USER_NAME", "URL_USER")
NAME = r"[A-Za-z_][\w-]{0,62}"
"""What is taken for a database's or a user's name, which then needs no care in any dialect."""


class Connection(NamedTuple):
    """A database that a service connects to; `user` is empty where that is not known."""

    service: Service
    database: str
    user: str


def connections(server: Service, schemes: str) -> list[Connection]:
    """Give what the stack's other services open on a server: by URLs, whose scheme the pattern
    `schemes` matches, by what .NET calls a connection string, and by variables that belong together
    (`DB_HOST`, `DB_NAME`, `DB_USER`)."""
    found = [
        Connection(service, database, user if re.fullmatch(NAME, user) else "")
        for service in server.stack.services.values()
        if service is not server
        for database, user in _opened(variables_of(service), names_of(server), schemes)
        if re.fullmatch(NAME, database)
    ]
    return list(dict.fromkeys(found))


def names_of(service: Service) -> frozenset[str]:
    """Give the names under which other containers reach a service."""
    names = {service.name}
    for key in ("container_name", "hostname"):
        value = service.value.get(key)
        if value is not None:
            names.add(service.stack.interpolate(value.text, value.file))
    for network in service.networks.values():
        aliases = network.get("aliases")
        names |= {item.text for item in aliases.items()} if aliases else set()
    return frozenset(names)


def variables_of(service: Service) -> dict[str, str]:
    """Give the values of a container's variables, wherever they are set."""
    own = {each.name: each.value for each in service.environment.values()}
    return {**service.listed_variables, **own}


def _opened(
    variables: Mapping[str, str], hosts: frozenset[str], schemes: str
) -> Iterator[tuple[str, str]]:
    for name, value in variables.items():
        url = re.fullmatch(rf"(?:jdbc:)?(?:{schemes})(?:\+\w+)?:(//.*)", value)
        if url:
            prefix = re.sub(r"(?i)(JDBC_)?(URL|URI|DSN)\Z", "", name)
            for database, user in _of_url(url[1], hosts):
                yield database, user or _first(variables, prefix, USER)
        elif ";" in value:
            yield from _of_pairs(value, hosts)
        elif re.sub(r":\d+\Z", "", value) in hosts and (found := re.match(HOST, name)):
            prefix = found[1]
            database = _first(variables, prefix, DATABASE)
            if database:
                yield database, _first(variables, prefix, USER)


def _of_url(text: str, hosts: frozenset[str]) -> Iterator[tuple[str, str]]:
    try:
        url = urlsplit(text)
        host = url.hostname
    except ValueError:
        return
    if host in hosts:
        yield unquote(url.path.strip("/")), unquote(url.username or "")


def _of_pairs(text: str, hosts: frozenset[str]) -> Iterator[tuple[str, str]]:
    pairs = {
        key.strip().lower(): value.strip()
        for key, equals, value in (part.partition("=") for part in text.split(";"))
        if equals
    }
    host = pairs.get("host") or pairs.get("server") or pairs.get("data source") or ""
    if re.sub(r"[:,]\d+\Z", "", host) in hosts:
        yield pairs.get("database", ""), pairs.get("username") or pairs.get("user id") or ""


def _first(variables: Mapping[str, str], prefix: str, ends: tuple[str, ...]) -> str:
    by_name = {name.upper(): value for name, value in variables.items()}
    return next((by_name[name] for end in ends if (name := f"{prefix}{end}".upper()) in by_name), "")
