"""An option file of MySQL or MariaDB holds a client's password.

## What is wrong

`password = secret` under `[client]` or `[mysqldump]` in a file that is mounted as
`/etc/mysql/conf.d/...` is in the repository for everyone to read. Option files know no variables.

## What dockfix does

It names the place. The steps make the section a Compose secret, which is mounted where the clients that
root runs in the container look for it as well, or leave the password to the variable MYSQL_PWD of the
command that needs it.

## Fix safety

Nothing is changed.

## References

MySQL manual, Using Option Files and End-User Guidelines for Password Security; MariaDB documentation,
Configuring MariaDB with Option Files; Compose documentation, Use secrets in Compose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.documents.source import Source
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import Service, Stack
from fixes.secrets._literals import TESTED, is_secret

fix = Fix(
    summary="An option file of MySQL or MariaDB holds a client's password.",
    severity=Severity.WARNING,
    safety=Safety.MANUAL,
    exposed=True,
)

SECTION = r"\s*\[(?P<section>[^\]]+)\]"

PASSWORD = r"""\s*(?P<key>(?:loose[-_])?password)\s*=\s*
(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^#]*?))\s*(?:\#.*)?\Z"""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find the passwords in the option files that mysql and mariadb services mount."""
    seen: set[str] = set()
    for service in stack.services.values():
        for path in _option_files(service):
            content = stack.repository.read(path) if path not in seen else None
            seen.add(path)
            if content is not None and not re.search(TESTED, path):
                yield from _in_file(service, path, Source(content))


def _option_files(service: Service) -> Iterator[str]:
    """The option files of the repository that a service mounts."""
    facts = service.facts
    for at, program in facts.configuration.items() if facts else ():
        for mount in service.bind_mounts if program == "mysql-options" else ():
            if mount.path and facts and mount.target == at and at in facts.folders:
                for path in service.stack.repository.files:
                    if path.rpartition("/")[0] == mount.path and path.endswith(".cnf"):
                        yield path
            elif mount.path and (mount.target == at or mount.target.startswith(f"{at}/")):
                yield mount.path


def _in_file(service: Service, path: str, source: Source) -> Iterator[Finding]:
    section = ""
    for start, line in source.lines():
        if found := re.match(SECTION, line):
            section = found["section"]
        password = re.match(PASSWORD, line, re.VERBOSE)
        value = password["double"] or password["single"] or password["bare"] if password else None
        if password and value and is_secret(value):
            place = Place(path, source.position(start + password.start("key")))
            message = (
                f"A password for [{section}] is written out here, for everyone who reads the repository."
            )
            name = re.sub(r"\W", "_", f"{service.name}_options")
            steps = (
                f"Move [{section}] with the password into secrets/{name}.cnf, which git ignores, declare"
                f" it under secrets ({name}: file: ./secrets/{name}.cnf), and mount it in {service.name}"
                f" (source: {name}, target: /root/.my.cnf), where the clients that root runs look too."
                " Where one command alone needs it, give that the variable MYSQL_PWD instead."
            )
            yield Finding(place, message, steps=steps)
