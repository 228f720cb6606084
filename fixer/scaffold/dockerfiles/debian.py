"""Which of Debian's packages an image needs."""

from __future__ import annotations

from fixer.scaffold.demands import Demands

PROGRAMS = {
    "curl": "curl",
    "wget": "wget",
    "nc": "netcat-openbsd",
    "pg_isready": "postgresql-client",
    "mysqladmin": "default-mysql-client",
    "redis-cli": "redis-tools",
}


def packages_of_programs(demands: Demands, *present: str) -> list[str]:
    """Give the packages of the programs that the stack's health checks call, those left out that the
    image has."""
    return [PROGRAMS[name] for name in demands.programs if name not in present]
