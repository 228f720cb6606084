"""MySQL and MariaDB: the databases that the stack's services use, and options."""

from __future__ import annotations

from fixer.scaffold.configuration.initial import is_script
from fixer.scaffold.configuration.writing import Writer, placed, version_of
from fixer.scaffold.connections import connections, variables_of
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.scaffold.sizes import memory_limit
from fixer.stack import Mount, Service, Stack

SCHEMES = r"mysql2?|mariadb"


def _init(stack: Stack, service: Service, mount: Mount) -> Files:
    if not is_script(mount, ".sql"):
        return {}
    given = variables_of(service)
    own, user = (
        next((given[name] for name in (f"MARIADB_{end}", f"MYSQL_{end}") if given.get(name)), "")
        for end in ("DATABASE", "USER")
    )
    opened = [each for each in connections(service, SCHEMES) if each.database != own]
    others = {each.user for each in connections(service, SCHEMES)} - {"", "root", user}
    text = render(
        "mysql/init.sql.j2",
        databases=list(dict.fromkeys(each.database for each in opened)),
        granted=list(dict.fromkeys(each.database for each in opened if user and each.user == user)),
        user=user,
        others=sorted(others) if user or not _may_have_user(service) else [],
        collation=_collation(service),
    )
    return placed(mount, "10-init.sql", text)


def _may_have_user(service: Service) -> bool:
    """Whether the image makes a user of a name that is not known here."""
    return any(name.startswith(("MYSQL_USER", "MARIADB_USER")) for name in variables_of(service))


def _options(stack: Stack, service: Service, mount: Mount) -> Files:
    if not mount.target.endswith((".cnf", ".d")):
        return {}
    is_mariadb = _is_mariadb(service)
    memory = memory_limit(service)
    text = render(
        "mysql/my.cnf.j2",
        is_whole=mount.target in ("/etc/my.cnf", "/etc/mysql/my.cnf"),
        is_mariadb=is_mariadb,
        pool=max(memory // 2, 16) if memory else None,
        collation=_collation(service),
    )
    return placed(mount, "stack.cnf", text)


def _collation(service: Service) -> str:
    """The one for utf8mb4 that the server has as its own, or had; which 5.7 and MariaDB know too."""
    is_new = not _is_mariadb(service) and not () < version_of(service) < (8,)
    return "utf8mb4_0900_ai_ci" if is_new else "utf8mb4_unicode_ci"


def _is_mariadb(service: Service) -> bool:
    return service.facts is not None and service.facts.name == "mariadb"


WRITERS: dict[str, Writer] = {"mysql-init": _init, "mysql-options": _options}
