"""An init script of PostgreSQL gives a role its password.

## What is wrong

`CREATE USER app PASSWORD 'secret'` in a script under `/docker-entrypoint-initdb.d` is in the
repository for everyone to read, and every checkout's database opens to it.

## What dockfix does

The image runs these scripts with psql, in the container's environment. The value goes to `.env`,
which git ignores, the service gets it as a variable, and the script takes it from there:
`\\set app_password` with `printenv APP_PASSWORD` in backticks at its start, and
`PASSWORD :'app_password'` where the value stood. A name that the service or `.env` has for the value
already is used. Into the body of a `DO` psql puts no variables: there the statement becomes
`EXECUTE format('... PASSWORD %L', current_setting('init.app_password'))`, with
`SET init.app_password = :'app_password';` at the script's start.

## Fix safety

Safe: a new database gets the same password, and one that exists already does not run the script. A
script that is run by hand needs the variable too.

## References

PostgreSQL documentation, psql (`\\set`, SQL interpolation), PL/pgSQL (Executing Dynamic Commands) and
Customized Options; docker-library/postgres, docker-entrypoint.sh.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditText
from fixer.documents.sql import PostgresScript, RolePassword
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.secret_names import variable_name
from fixer.stack import Stack
from fixes.secrets._configurations import contents
from fixes.secrets._init_scripts import init_scripts, run_by, variable_of
from fixes.secrets._literals import is_secret
from fixes.secrets._statements import HASH

fix = Fix(
    summary="An init script of PostgreSQL holds a role's password.",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
    exposed=True,
)

PROGRAMS = ("postgres-init",)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find the passwords of roles in the scripts that postgres services mount, each once."""
    services = stack.services.values()
    paths = (path for each in services for path in init_scripts(each, ".sql", PROGRAMS))
    for path, content in contents(stack, paths):
        if b"password" in content.lower():
            script = PostgresScript(content)
            for password in script.passwords:
                if is_secret(password.value) and not re.match(HASH, password.value):
                    yield _finding(stack, path, script, password)


def _finding(stack: Stack, path: str, script: PostgresScript, password: RolePassword) -> Finding:
    place = Place(path, script.source.position(password.start))
    message = (
        f"The password of the role {password.role} is written out here, for everyone who reads the"
        " repository."
    )
    variable = variable_name(password.role, "password").lower()
    edits = script.use_setting(password, variable)
    if password.statement is not None and edits is None:
        steps = (
            f"psql puts no variables into DO. Take the statement out of the block: SELECT format('CREATE"
            f" ROLE {password.role} LOGIN PASSWORD %L', :'{variable}') WHERE NOT EXISTS (SELECT FROM"
            f" pg_roles WHERE rolname = '{password.role}') \\gexec, with \\set {variable} `printenv"
            f" {variable.upper()}` at the script's start, and give the service that variable."
        )
        return Finding(place, message, steps=steps)
    services = run_by(stack, path, PROGRAMS)
    home = variable_of(services, password.value, variable.upper(), password.role)
    values = {each.value for each in script.passwords if each.role == password.role}
    if home is None or len(values) != 1:
        steps = (
            f"Give the service {services[0].name} the password in a variable, write \\set {variable}"
            f" `printenv {variable.upper()}` at the script's start and PASSWORD :'{variable}' here."
        )
        return Finding(place, message, steps=steps)
    edits = edits or [script.use_variable(password, variable)]
    text = (script.set_from_environment(variable, home.name), *edits)
    return Finding(place, message, (EditText(path, text), *home.changes))
