"""PostgreSQL: the databases that the stack's services connect to."""

from __future__ import annotations

import re

from fixer.scaffold.configuration.writing import Writer, placed
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack

SCHEMES = ("postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg")


def _init(stack: Stack, service: Service, mount: Mount) -> Files:
    if mount.target.endswith((".sh", ".gz", ".zst", ".xz")):
        return {}
    own = service.environment.get("POSTGRES_DB")
    databases = [name for name in _databases(stack, service) if own is None or name != own.value]
    text = render("postgres/init.sql.j2", databases=databases)
    return placed(mount, "10-init.sql", text)


def _databases(stack: Stack, service: Service) -> list[str]:
    """The databases that the stack's URLs name on this server."""
    from urllib.parse import urlsplit

    names: dict[str, None] = {}
    for other in stack.services.values():
        for variable in other.environment.values():
            try:
                url = urlsplit(variable.value)
                host = url.hostname
            except ValueError:
                continue
            if url.scheme in SCHEMES and host == service.name:
                names[url.path.strip("/")] = None
    return [name for name in names if re.fullmatch(r"[A-Za-z_][\w-]*", name)]


WRITERS: dict[str, Writer] = {"postgres-init": _init}
