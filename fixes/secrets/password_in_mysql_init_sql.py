"""A SQL script that fills a new MySQL or MariaDB holds a user's password.

## What is wrong

`CREATE USER 'app'@'%' IDENTIFIED BY 'secret'` in a script under `/docker-entrypoint-initdb.d` is in the
repository for everyone to read, and every checkout's database opens to it.

## What dockfix does

The client that runs a `.sql` puts no variables into it. So the script becomes a `.sh` of the same name,
which the entrypoint reads and which hands the same SQL to the same client as a here-document, where
the shell puts the password (`IDENTIFIED BY '${APP_PASSWORD}'`); every other `$`, backquote and backslash
gets a backslash before it. The mounts follow. The variable is one that the service has the value in
already; else the value goes to `.env`, which git ignores, and the service gets it from there.

Where all that the script does is what the image does by itself with MYSQL_DATABASE, MYSQL_USER and
MYSQL_PASSWORD, the finding says how to do without it. A person has to decide where something else of the
repository names the script, where it is a dump or has Windows' line endings, and where the password
has a quote, `$`, backquote or backslash.

## Fix safety

Unsafe: a new database is the same, and one that exists already does not run the script. But what else
runs the SQL by hand has to change, and where the host shows every file as executable (a folder of
Windows), the entrypoint starts the script as a program of its own, which does not know
`docker_process_sql`.

## References

docker-library/mysql and MariaDB/mariadb-docker, docker-entrypoint.sh (docker_process_init_files,
docker_process_sql); POSIX, Shell Command Language (Here-Document).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Sequence as List

from fixer.changes import Change, CreateFile, EditYaml, RemoveFile
from fixer.documents.source import Edit, Source
from fixer.documents.sql import mysql_texts
from fixer.documents.yaml import Operation, Rewrite
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import Service, Stack
from fixer.stack.settings import Mount
from fixes.secrets._configurations import contents
from fixes.secrets._init_scripts import init_scripts, run_by, variable_of
from fixes.secrets._literals import is_secret
from fixes.secrets._statements import SQL, LoginPassword, passwords

fix = Fix(
    summary="A SQL script that fills a new MySQL or MariaDB holds a user's password.",
    severity=Severity.WARNING,
    safety=Safety.UNSAFE,
    exposed=True,
)

PROGRAMS = ("mysql-init",)

SPECIAL = r"['\"\\$`]"
"""What a password has where the shell or the database would not take it as it is."""

DUMP = 20_000
"""A longer script, in characters, is data, which does not belong into a shell script."""

DELIMITER = "EOSQL"

BY_THE_IMAGE = (
    r"(?is)\s*((CREATE\s+DATABASE\s+(IF\s+NOT\s+EXISTS\s+)?[\w`]+|USE\s+[\w`]+|FLUSH\s+PRIVILEGES"
    r"|CREATE\s+USER\s+(IF\s+NOT\s+EXISTS\s+)?['\"`]\w+['\"`]@['\"]%['\"]\s+IDENTIFIED\s+BY\s+['\"][^'\"]+['\"]"
    r"|GRANT\s+ALL(\s+PRIVILEGES)?\s+ON\s+(?P<database>[\w`]+)\.\*\s+TO\s+['\"`]\w+['\"`]@['\"]%['\"])\s*;\s*)+"
)
"""A script that makes a database and a user who may do everything in it, as the image does."""

TEXTS = (".md", ".rst", ".txt", ".adoc")


def detect(stack: Stack) -> Iterator[Finding]:
    """Find the scripts with passwords that mysql and mariadb services mount."""
    named: dict[str, str] = {}
    services = stack.services.values()
    paths = (path for each in services for path in init_scripts(each, ".sql", PROGRAMS))
    for path, content in contents(stack, paths):
        source = Source(content)
        found = [each for each in passwords(source.text, SQL) if is_secret(each.value)]
        texts = mysql_texts(source.text) if found else set()
        found = [each for each in found if (each.start - 1, each.end + 1) in texts]
        if found:
            yield _finding(stack, path, source, found, named)


def _finding(
    stack: Stack, path: str, source: Source, found: List[LoginPassword], named: dict[str, str]
) -> Finding:
    services = run_by(stack, path, PROGRAMS)
    place = Place(path, source.position(found[0].start))
    logins = ", ".join(dict.fromkeys(each.login for each in found))
    message = f"The password of {logins} is written out here, for everyone who reads the repository."
    steps = ""
    if re.fullmatch(BY_THE_IMAGE, re.sub(r"(?m)^\s*(--|#).*$", "", source.text)) and len(found) == 1:
        steps = _by_the_image(source.text, services[0], found[0])
    changes = _changes(stack, path, source, services, found, named)
    if changes:
        return Finding(place, message, changes, steps=steps)
    given = ", ".join(dict.fromkeys(service.name for service in services))
    name = found[0].variable
    steps = steps or (
        f"Keep the password in .env as {name}, give it to {given} (environment: {name}: ${{{name}:?}}),"
        " and take the statement out of this file, into a script of its own whose name comes next in"
        " the order of the alphabet, ends in .sh and is not executable: docker_process_sql"
        f" <<{DELIMITER}, on the next lines the statement with '${{{name}}}' for the password, and"
        f" {DELIMITER} on the last line."
    )
    return Finding(place, message, steps=steps)


def _by_the_image(text: str, service: Service, password: LoginPassword) -> str:
    """The steps that let the image do what the script does; none where it makes another user by that
    road already."""
    database = re.search(r"(?i)\bON\s+`?(\w+)`?\.\*", text)
    if database is None or "MYSQL_USER" in service.environment or "MARIADB_USER" in service.environment:
        return ""
    return (
        f"The image does by itself what this script does: without it, set MYSQL_DATABASE: {database[1]},"
        f" MYSQL_USER: {password.login} and MYSQL_PASSWORD: ${{MYSQL_PASSWORD:?}} in the environment of"
        f" {service.name}, and the password in .env."
    )


def _changes(
    stack: Stack,
    path: str,
    source: Source,
    services: List[Service],
    found: List[LoginPassword],
    named: dict[str, str],
) -> tuple[Change, ...]:
    """The changes that turn the script into one for the shell; none where a person has to."""
    text, new = source.text, f"{path.removesuffix('.sql')}.sh"
    is_plain = len(text) <= DUMP and "\r" not in text and not source.bom
    if not is_plain or re.search(rf"(?m)^{DELIMITER}$", text) or _is_named_elsewhere(stack, path):
        return ()
    edits = [Edit(each.start(), each.start(), "\\") for each in re.finditer(r"[$`\\]", text)]
    changes: list[Change] = []
    for each in found:
        is_free = named.setdefault(each.variable, each.value) == each.value
        home = variable_of(services, each.value, each.variable, each.login) if is_free else None
        if home is None or re.search(SPECIAL, each.value):
            return ()
        edits.append(Edit(each.start, each.end, f"${{{home.name}}}"))
        changes += home.changes
    for service in services:
        for mount in service.bind_mounts:
            if mount.path == path:
                operations = _renamed(mount)
                if operations is None:
                    return ()
                changes.append(EditYaml(mount.at.file.path, operations))
    body = source.edited(edits).decode("utf-8", "surrogateescape")
    body += "" if body.endswith("\n") else "\n"
    script = (
        "# The entrypoint reads this file, unless it is executable, and knows docker_process_sql.\n"
        f"docker_process_sql <<{DELIMITER}\n{body}{DELIMITER}\n"
    )
    changes += [RemoveFile(path), CreateFile(new, source.encode(script))]
    return tuple(dict.fromkeys(changes))


def _is_named_elsewhere(stack: Stack, path: str) -> bool:
    """Whether something else than a text or the Compose files has the script's name, or another script
    differs from it in the ending alone, so that the order could change."""
    repository, known = stack.repository, {file.path for each in stack.found for file in each.files}
    name = path.rpartition("/")[2]
    stem = path.removesuffix("sql")
    return any(
        (each.startswith(stem) and each != path)
        or (
            each not in known
            and not each.endswith(TEXTS)
            and name.encode() in (repository.searchable(each) or b"")
        )
        for each in repository.files
    )


def _renamed(mount: Mount) -> tuple[Operation, ...] | None:
    """The operations after which a mount of the script itself has its new name on both sides; None where
    the names are not written out."""
    sides = [each for key in ("source", "target") if (each := mount.at.get(key)) is not None]
    written = sides or [mount.at]
    operations: list[Operation] = []
    count = 0
    for each in written:
        new, made = re.subn(r"\.sql(?=:|\Z)", ".sh", each.text)
        count += made
        operations.append(Rewrite(each.route, each.text, new, each.node.document))
    return tuple(operations) if count == 2 else None
