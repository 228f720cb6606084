"""What is typed to save what a container keeps."""

from __future__ import annotations

from typing import NamedTuple

from fixer.stack import Service


class Backup(NamedTuple):
    """The commands, for the shell of the container, that write all data of a server to their output, and
    that read it again, with the end of the file's name. `{login}` stands for the options of its
    administrator, whose password is in one of `passwords`. `is_versioned` says that a new major version
    does not read the files of an old one."""

    dump: str
    restore: str
    ending: str
    passwords: tuple[str, ...] = ()
    login: str = ""
    is_versioned: bool = False


POSTGRES = Backup(
    'pg_dumpall --clean -U "${POSTGRES_USER:-postgres}"',
    'psql -q -U "${POSTGRES_USER:-postgres}" postgres',
    "sql",
    is_versioned=True,
)
MYSQL_LOGIN = '-uroot -p"{password}"'
BACKUPS = {
    "postgres": POSTGRES,
    "postgis": POSTGRES,
    "pgvector": POSTGRES,
    "timescaledb": POSTGRES,
    "mysql": Backup(
        "mysqldump --all-databases --single-transaction {login}",
        "mysql {login}",
        "sql",
        ("MYSQL_ROOT_PASSWORD",),
        MYSQL_LOGIN,
    ),
    "mariadb": Backup(
        "mariadb-dump --all-databases --single-transaction {login}",
        "mariadb {login}",
        "sql",
        ("MARIADB_ROOT_PASSWORD", "MYSQL_ROOT_PASSWORD"),
        MYSQL_LOGIN,
    ),
    "mongo": Backup(
        "mongodump --archive {login}",
        "mongorestore --archive --drop {login}",
        "archive",
        ("MONGO_INITDB_ROOT_PASSWORD",),
        '-u "$MONGO_INITDB_ROOT_USERNAME" -p "{password}" --authenticationDatabase admin',
    ),
}
"""By the image whose facts they belong to."""


def backup_of(service: Service, image: str) -> Backup | None:
    """Give how the data of a service that runs a known image is saved, with the login that the service's
    environment tells; None where that is not known."""
    found = BACKUPS.get(image)
    if found is None or not found.passwords:
        return found
    known = {*service.environment, *service.listed_variables}
    read = [f"${name}" for name in found.passwords if name in known]
    read += [f'$(cat "${name}_FILE")' for name in found.passwords if f"{name}_FILE" in known]
    if not read and image != "mongo":
        return None
    login = found.login.replace("{password}", read[0]) if read else ""
    dump, restore = (text.replace("{login}", login).strip() for text in (found.dump, found.restore))
    return found._replace(dump=dump, restore=restore)
