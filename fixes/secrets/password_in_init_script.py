"""A shell script that fills a new database holds a password.

## What is wrong

`CREATE USER app PASSWORD 'secret'` in a here-document, `mysql -psecret` or `PGPASSWORD=secret` in a
script under `/docker-entrypoint-initdb.d` is in the repository for everyone to read, and every
checkout's database opens to it.

## What dockfix does

The images of PostgreSQL, MySQL, MariaDB and MongoDB run these scripts in the container's environment.
A variable takes the value's place (`PASSWORD '${APP_PASSWORD}'`). It is one that the service has the
value in already, as `mysql -p` often can take MYSQL_ROOT_PASSWORD; else the value goes to `.env`, which
git ignores, and the service gets it from there. The delimiter of a here-document loses its quotes
(`<<'EOSQL'`) where nothing else in it means anything to a shell, and a text in single quotes is left and
entered again for the variable.

A line of the script that would only set the variable to itself goes. A person has to decide where that
line stands under a condition, where a here-document in quotes has a `$`, where the password itself has
characters that the shell or the database would take for something else, and where the script is nothing
that the grammar knows.

## Fix safety

Safe: the script runs the same commands with the same values, and a database that exists already does not
run it. A script that is run by hand needs the variable too.

## References

POSIX, Shell Command Language (Here-Document, Quoting); docker-library/postgres, docker-library/mysql,
MariaDB/mariadb-docker and docker-library/mongo, docker-entrypoint.sh.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Sequence as List
from typing import NamedTuple

from fixer.changes import EditText
from fixer.documents.shell import ShellScript
from fixer.documents.source import Edit
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.secret_names import is_secret_name
from fixer.stack import Service, Stack
from fixes.secrets._configurations import contents
from fixes.secrets._credentials import OPTIONS
from fixes.secrets._init_scripts import init_scripts, run_by, variable_of
from fixes.secrets._literals import is_secret
from fixes.secrets._statements import FILLED_IN, MONGO, SQL, passwords

fix = Fix(
    summary="A shell script that fills a new database holds a password.",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
    exposed=True,
)

PROGRAMS = ("postgres-init", "mysql-init", "mongo-init")

FOR_CLIENTS = r"(?i)(PG)?PASS(WORD|WD)?\Z|(MYSQL|MARIADB)_PWD\Z"
"""Variables that say nothing of whose password they hold."""

SPECIAL = r"['\"\\$`]"
"""What a password has where a shell or a database would not take it as it is."""


class Written(NamedTuple):
    """A password in a script with its span: the login that a statement gives it to, or empty, and the
    name of a variable for it, empty where nothing tells one."""

    value: str
    start: int
    end: int
    login: str
    variable: str


def detect(stack: Stack) -> Iterator[Finding]:
    """Find the passwords in the shell scripts that services mount, each once a script."""
    named: dict[str, str] = {}
    services = stack.services.values()
    paths = (path for each in services for path in init_scripts(each, ".sh", PROGRAMS))
    for path, content in contents(stack, paths):
        script = ShellScript(content)
        groups: dict[tuple[str, str], list[Written]] = {}
        for each in _passwords(script):
            groups.setdefault((each.value, each.variable), []).append(each)
        readers = run_by(stack, path, PROGRAMS) if groups else []
        names = {value: name for value, name in reversed(groups) if name}
        for (value, name), group in groups.items():
            suggested = name or names.get(value, "")
            yield _finding(readers, path, script, group, suggested, named)


def _passwords(script: ShellScript) -> Iterator[Written]:
    """The passwords in the script, those of logins first."""
    taken: set[int] = set()
    for each in (*_in_statements(script), *_in_commands(script)):
        is_meant = is_secret(each.value) and not re.search(FILLED_IN, each.value)
        if is_meant and each.start not in taken and not script.is_comment(each.start):
            taken.add(each.start)
            yield each


def _in_statements(script: ShellScript) -> Iterator[Written]:
    for each in passwords(script.source.text, (*SQL, *MONGO)):
        login = each.login if "$" not in each.login else ""
        yield Written(each.value, each.start, each.end, login, each.variable)


def _in_commands(script: ShellScript) -> Iterator[Written]:
    """The passwords that commands are given, and those that the script's own variables hold."""
    text = script.source.text.replace("\\\n", "  ")
    for line in re.finditer(r"[^\n]+", text):
        for match in (each for way in OPTIONS for each in re.finditer(way, line[0])):
            name, (start, end) = match.groupdict().get("name"), match.span("value")
            is_word = not script.is_in_quotes(line.start() + match.start("option"))
            if is_word and (name is None or is_secret_name(name)):
                variable = name if name and not re.match(FOR_CLIENTS, name) else ""
                yield Written(match["value"], line.start() + start, line.start() + end, "", variable)


def _finding(
    services: List[Service],
    path: str,
    script: ShellScript,
    found: List[Written],
    suggested: str,
    named: dict[str, str],
) -> Finding:
    value = found[0].value
    place = Place(path, script.source.position(min(each.start for each in found)))
    name = suggested or re.sub(r"\W", "_", f"{services[0].name}_PASSWORD").upper()
    login = found[0].login
    whose = f"The password of {login}" if login else "A password"
    message = f"{whose} is written out here, for everyone who reads the repository."
    is_free = named.setdefault(name, value) == value
    home = variable_of(services, value, name, login) if is_free else None
    if home is not None and script.sets(home.name) > sum(
        _sets(script, each, home.name) for each in found
    ):
        home = None  # Somewhere the script has another value under that name.
    edits = [_edits(script, each, home.name) for each in found] if home else []
    if home is None or None in edits or re.search(SPECIAL, value):
        given = ", ".join(dict.fromkeys(service.name for service in services))
        changed = "Choose a password of letters, digits and hyphens, keep it"
        kept = changed if re.search(SPECIAL, value) else "Keep the password"
        steps = (
            f"{kept} in .env as {name}, give it to {given} (environment: {name}: ${{{name}:?}}), and"
            f" write ${{{name}}} here, where the shell replaces it: in double quotes or in a"
            " here-document without quotes around its delimiter, in which every other $, ` and \\ gets a"
            " \\ before it."
        )
        return Finding(place, message, steps=steps)
    text = EditText(path, tuple(dict.fromkeys(edit for each in edits if each for edit in each)))
    return Finding(place, message, (text, *home.changes))


def _sets(script: ShellScript, password: Written, name: str) -> bool:
    """Whether a password is what the script sets a variable to."""
    before = script.source.text[script.source.line_start(password.start) : password.start]
    return re.search(rf"\b{name}=['\"]?\Z", before) is not None


def _edits(script: ShellScript, password: Written, name: str) -> tuple[Edit, ...] | None:
    """The edits that let the variable take the password's place. A line that would only set the
    variable to itself goes; None where it would do so under a condition, which the variable of the
    environment does not know."""
    text = script.source.text
    start, end = text.rfind("\n", 0, password.start) + 1, script.source.line_end(password.end)
    own = rf"\s*(?:(?:export|local|readonly)\s+)?{name}=(['\"]?){re.escape(password.value)}\1\s*"
    if not re.fullmatch(own, text[start:end]):
        return script.use_variable(password.start, password.end, name)
    is_certain = script.is_readable and script.is_always_assigned(password.start)
    return (Edit(start, min(end + 1, len(text)), ""),) if is_certain else None
