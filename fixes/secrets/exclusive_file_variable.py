"""A variable is set together with the one that names a file to read it from.

## What is wrong

The entrypoints of postgres, mysql, mariadb, mongo and others stop when both are set:
`error: both POSTGRES_PASSWORD and POSTGRES_PASSWORD_FILE are set (but are exclusive)`. It happens most
when the base reads a secret and a development override sets the password plainly.

## What dockfix does

Where an override sets the plain variable on top of a base that names the file, the override gets
`POSTGRES_PASSWORD_FILE: !reset null`, which takes the file's variable away in that stack alone. In
other cases a person decides which of the two is meant.

## Fix safety

Safe: the container exits as it is. `!reset` needs Compose 2.18.0.

## References

docker-library/postgres, docker-entrypoint.sh; Compose specification, Merge and override (reset).
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Insert, Reset
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import EnvironmentVariable, Service, Stack

fix = Fix(
    summary="A variable is set together with its _FILE twin.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find services that set both variables of a pair."""
    for service in stack.services.values():
        facts = service.facts
        for name, file_name in facts.file_variables.items() if facts else ():
            plain, file = service.environment.get(name), service.environment.get(file_name)
            if plain is not None and plain.text and file is not None and file.text:
                yield _finding(service, plain, file)


def _finding(service: Service, plain: EnvironmentVariable, file: EnvironmentVariable) -> Finding:
    message = (
        f"{service.name} sets both {plain.name} and {file.name}, which are exclusive: its container"
        " exits."
    )
    at = plain.at
    is_override = at.file is not file.at.file and at.route[:2] == ("services", service.name)
    # Compose resets no single item of a list.
    is_map = plain.form == "map" and file.form == "map"
    if not is_override or not is_map or at.file not in service.files[1:]:
        return Finding(at.at, message, steps=f"Remove {plain.name} or {file.name}.")
    route = (*at.route[:-1], file.name)
    operation = Insert(route, Reset(), plain.name, at.node.document)
    return Finding(at.at, message, (EditYaml(at.file.path, (operation,)),))
