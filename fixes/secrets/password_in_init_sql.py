"""An init script of PostgreSQL gives a role its password.

## What is wrong

`CREATE USER app PASSWORD 'secret'` in a script under `/docker-entrypoint-initdb.d` is in the
repository for everyone to read, and every checkout's database opens to it.

## What dockfix does

The image runs these scripts with psql, in the container's environment. The value goes to `.env`,
which git ignores, the service gets it as a variable, and the script takes it from there:
`\\set app_password` with `printenv APP_PASSWORD` in backticks at its start, and
`PASSWORD :'app_password'` where the value stood. A name that `.env` has for the value already is used.

## Fix safety

Safe: a new database gets the same password, and one that exists already does not run the script. A
script that is run by hand needs the variable too. A password inside a `DO` block is not looked for,
since psql puts no variables there.

## References

PostgreSQL documentation, psql (`\\set`, SQL interpolation); docker-library/postgres,
docker-entrypoint.sh.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import Change, EditText
from fixer.documents.sql import PostgresScript, RolePassword
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.images import image_facts
from fixer.place import Place
from fixer.secret_names import variable_name
from fixer.stack import Service, Stack
from fixes.secrets._building import with_variable
from fixes.secrets._literals import TESTED, is_secret
from fixes.secrets._moving import Home, variable_for

fix = Fix(
    summary="An init script of PostgreSQL holds a role's password.",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
)

HASH = r"(md5[0-9a-f]{32}|SCRAM-SHA-256\$)"
"""Passwords that are stored as what the server keeps of them."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find the passwords of roles in the scripts that postgres services mount, each once."""
    scripts = {path for service in stack.services.values() for path in _scripts(service)}
    for path in sorted(scripts):
        content = stack.repository.read(path)
        if content and b"password" in content.lower() and not re.search(TESTED, path):
            script = PostgresScript(content)
            for password in script.passwords:
                if is_secret(password.value) and not re.match(HASH, password.value):
                    yield _finding(stack, path, script, password)


def _scripts(service: Service) -> Iterator[str]:
    """The SQL files of the repository that the image runs when it makes the database."""
    facts = image_facts(service.image.repository) if service.image else None
    for folder, program in facts.configuration.items() if facts else ():
        if program == "postgres-init":
            for mount in service.bind_mounts:
                if mount.path and mount.target == folder:
                    for path in service.stack.repository.listed(mount.path):
                        if path.endswith(".sql"):
                            yield path
                elif (
                    mount.path and mount.target.startswith(f"{folder}/") and mount.path.endswith(".sql")
                ):
                    yield mount.path


def _finding(stack: Stack, path: str, script: PostgresScript, password: RolePassword) -> Finding:
    place = Place(path, script.source.position(password.start))
    message = (
        f"The password of the role {password.role} is written out here, for everyone who reads the"
        " repository."
    )
    variable = variable_name(password.role, "password").lower()
    if password.in_block:
        steps = (
            f"psql puts no variables into DO. Take the statement out of the block: SELECT format('CREATE"
            f" ROLE {password.role} LOGIN PASSWORD %L', :'{variable}') WHERE NOT EXISTS (SELECT FROM"
            f" pg_roles WHERE rolname = '{password.role}') \\gexec, with \\set {variable} `printenv"
            f" {variable.upper()}` at the script's start, and give the service that variable."
        )
        return Finding(place, message, steps=steps)
    services = [
        service
        for each in stack.found
        for service in each.services.values()
        if path in _scripts(service)
    ]
    homes = [
        variable_for(each.stack, password.value, variable.upper(), files=each.files[:1])
        for each in services
    ]
    names = {home.name for home in homes if home}
    edits = [
        with_variable(service, home.name, home.reference)
        for service, home in zip(services, homes, strict=True)
        if home and not _differs(service, home)
    ]
    values = {each.value for each in script.passwords if each.role == password.role}
    if len(names) != 1 or len(values) != 1 or len(edits) < len(homes) or None in edits:
        steps = (
            f"Give the service {services[0].name} the password in a variable, write \\set {variable}"
            f" `printenv {variable.upper()}` at the script's start and PASSWORD :'{variable}' here."
        )
        return Finding(place, message, steps=steps)
    name = names.pop()
    text = (
        script.set_from_environment(variable, name),
        script.use_variable(password, variable),
    )
    changes: list[Change] = [EditText(path, text)]
    changes += [edit for each in edits if each for edit in each]
    changes += [change for home in homes if home for change in home.changes]
    return Finding(place, message, tuple(dict.fromkeys(changes)))


def _differs(service: Service, home: Home) -> bool:
    """Whether the service has the variable of that name with another value."""
    held = service.environment.get(home.name)
    return held is not None and held.value != service.stack.environment.get(home.name)
