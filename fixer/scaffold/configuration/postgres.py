"""PostgreSQL: the databases and extensions that the stack's services use, settings and access."""

from __future__ import annotations

import re

from fixer.scaffold.configuration.initial import is_script
from fixer.scaffold.configuration.writing import Writer, configured, placed, version_of
from fixer.scaffold.connections import connections, variables_of
from fixer.scaffold.dependencies import dependencies
from fixer.scaffold.files import Files
from fixer.scaffold.project import Project
from fixer.scaffold.rendering import render
from fixer.scaffold.sizes import memory_limit
from fixer.stack import Mount, Service, Stack

SCHEMES = r"postgres|postgresql|postgis|pgsql"
CONTRIB = (
    "btree_gin", "btree_gist", "citext", "cube", "earthdistance", "fuzzystrmatch", "hstore", "intarray",
    "ltree", "pg_trgm", "pgcrypto", "tablefunc", "unaccent", "uuid-ossp",
)  # fmt: skip
"""Extensions that come with the server, and need nothing but to be created."""

SIGNS = {
    "citext": r"(?i)\bcitext\b|\bCI(Char|Email|Text)Field\b",
    "hstore": r"(?i)\bhstore\b|\bHStoreField\b",
    "pg_trgm": r"\bgin_trgm_ops\b|\bgist_trgm_ops\b|\bTrigram(Similarity|Extension)\b",
    "pgcrypto": r"(?i)\b(crypt|gen_salt|pgp_sym_encrypt|pgp_sym_decrypt)\s*\(",
    "unaccent": r"(?i)\bunaccent\b",
    "uuid-ossp": r"\buuid_generate_v[1345]\b",
    "postgis": r"(?i)\bgeoalchemy2?\b|\bdjango\.contrib\.gis\b|\b(geometry|geography)\s*\(",
    "vector": r"(?i)\bvector\s*\(\d+\)|\bpgvector\b",
}
"""What migrations and models have in them where an extension is used."""

CREATED = r"(?i)\bCREATE EXTENSION (?:IF NOT EXISTS )?\\?[\"`]?([\w-]+)"
LIBRARIES = {"pgvector": "vector", "geoalchemy2": "postgis"}
SOURCES = r"\.sql\Z|(^|/)(migrations?|models?|alembic|entit(y|ies)|schema)[/.]"
SHIPPED = {"pgvector": ("vector",), "postgis": ("postgis",), "timescaledb": ("timescaledb",)}
"""What an image has beside the server's own extensions, by the name of its facts."""

MULTIPLE = r"(POSTGRES(QL)?_|PG_)?(MULTIPLE|ADDITIONAL|EXTRA)_(DATABASES|DBS)"


def _init(stack: Stack, service: Service, mount: Mount) -> Files:
    if not is_script(mount, ".sql", ".sh"):
        return {}
    listed = next((name for name in variables_of(service) if re.fullmatch(MULTIPLE, name)), "")
    if listed and not mount.target.endswith(".sql"):
        return placed(mount, "10-databases.sh", render("postgres/databases.sh.j2", variable=listed))
    kind = "sh" if mount.target.endswith(".sh") else "sql"
    return placed(mount, "10-init.sql", render(f"postgres/init.{kind}.j2", **_wanted(service)))


def _wanted(service: Service) -> dict[str, object]:
    """The databases beside the server's own, with their owners, and the roles and extensions."""
    given = variables_of(service)
    user = given.get("POSTGRES_USER") or "postgres"
    own = given.get("POSTGRES_DB") or user
    opened = connections(service, SCHEMES)
    databases: dict[str, str] = {}
    for each in opened:
        if each.database not in (own, "postgres"):
            databases[each.database] = databases.get(each.database) or each.user
    is_known = "POSTGRES_USER" not in given or bool(given["POSTGRES_USER"])
    roles = [each.user for each in opened if each.user not in ("", user, "postgres")] if is_known else []
    owners = {name: owner if owner in roles else "" for name, owner in databases.items()}
    return {
        "service": service.name,
        "user": user,
        "databases": owners,
        "roles": list(dict.fromkeys(roles)),
        "extensions": _extensions(service),
    }


def _extensions(service: Service) -> list[str]:
    """The extensions that the sources of the stack's images name, which the server's image has."""
    shipped = SHIPPED.get(service.facts.name, ()) if service.facts and service.build is None else ()
    found: set[str] = set()
    builds = [each.build for each in service.stack.services.values()]
    for context in dict.fromkeys(build.context for build in builds if build is not None):
        if context is None:
            continue
        project = Project(service.stack.repository, context)
        names = dependencies(project)
        found |= {extension for library, extension in LIBRARIES.items() if library in names}
        for path in project.files:
            if re.search(SOURCES, path):
                text = project.text(path)
                found |= set(re.findall(CREATED, text))
                found |= {name for name, sign in SIGNS.items() if re.search(sign, text)}
    return sorted(found & {*CONTRIB, *shipped})


def _settings(stack: Stack, service: Service, mount: Mount) -> Files:
    if mount.target.startswith("/var/lib/postgresql/"):
        # initdb refuses a data folder with something in it.
        return {}
    from fixer.scaffold.configuration import program_at

    command = service.command.text if service.command else ""
    if f"hba_file={mount.target}/" in command:
        # The other file is to lie in the folder, too.
        return {}
    access = [
        each.target
        for each in service.bind_mounts
        if program_at(service, each.target) == "postgres-access" and "hba_file" not in command
    ]
    text = render(
        "postgres/postgresql.conf.j2",
        memory=memory_limit(service),
        access=access[0] if access else "",
        method=_method(service),
    )
    return configured(service, mount, "postgresql.conf", text)


def _access(stack: Stack, service: Service, mount: Mount) -> Files:
    if mount.target.startswith("/var/lib/postgresql/"):
        return {}
    replicates = any(
        re.search(r"(?i)replication|pg_basebackup", " ".join(_texts(each)))
        for each in stack.services.values()
    )
    method = variables_of(service).get("POSTGRES_HOST_AUTH_METHOD") or _method(service)
    text = render("postgres/pg_hba.conf.j2", method=method, replicates=replicates)
    return configured(service, mount, "pg_hba.conf", text)


def _method(service: Service) -> str:
    """What passwords are asked for by: before version 14, those that exist are hashed with md5."""
    named = re.search(r"\bpg(\d+)", service.image.tag) if service.image else None
    version = (int(named[1]),) if named else version_of(service)
    return "md5" if () < version < (14,) else "scram-sha-256"


def _texts(service: Service) -> list[str]:
    command = [service.command.text] if service.command else []
    return [*variables_of(service), *command]


WRITERS: dict[str, Writer] = {
    "postgres": _settings,
    "postgres-access": _access,
    "postgres-init": _init,
}
