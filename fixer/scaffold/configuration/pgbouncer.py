"""PgBouncer: a pool in front of the stack's PostgreSQL."""

from __future__ import annotations

from fixer.scaffold.configuration.writing import Writer, neighbours, placed
from fixer.scaffold.connections import variables_of
from fixer.scaffold.files import Files
from fixer.scaffold.ports import listening_ports
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack


def _pgbouncer(stack: Stack, service: Service, mount: Mount) -> Files:
    servers = [
        each
        for each in neighbours(service)
        if each.facts is not None and "postgres-init" in each.facts.configuration.values()
    ]
    named = [each for each in servers if each.name in service.depends_on]
    if len(named or servers) != 1:
        return {}
    given = variables_of(service)
    users = [each.target for each in service.mounts if each.target.endswith("userlist.txt")]
    ports = listening_ports(service)
    default = "5432" if service.image and service.image.repository == "edoburu/pgbouncer" else "6432"
    text = render(
        "pgbouncer/pgbouncer.ini.j2",
        host=(named or servers)[0].name,
        port=ports[0] if ports else default,
        users=users[0] if users else f"{mount.target.rpartition('/')[0]}/userlist.txt",
        method=given.get("AUTH_TYPE") or "scram-sha-256",
        mode=given.get("POOL_MODE") or "session",
    )
    return placed(mount, "pgbouncer.ini", text)


WRITERS: dict[str, Writer] = {"pgbouncer": _pgbouncer}
