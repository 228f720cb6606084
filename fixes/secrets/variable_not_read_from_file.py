"""An application gets a secret's file, and reads the variable that is not set.

## What is wrong

A service that is built here has `DB_PASSWORD_FILE=/run/secrets/db_password` and no `DB_PASSWORD`. Many
public images read such files; an application does so only if its code says so. Otherwise it starts
without the password, or fails on the missing variable.

## What dockfix does

In Python code it lets each place that reads the variable ask the file first: `os.environ["X"]`,
`os.environ.get`, `os.getenv` and decouple's `config` become
`read_secret_file("X") or os.environ["X"]`, with that function behind the imports of the module, or
before what reads the variable between them; `"X" in os.environ` asks for the file as well;
pydantic's `BaseSettings` gets `secrets_dir="/run/secrets"`, where the secret has the field's name;
django-environ's `Env` becomes `FileAwareEnv`. Where only the variable is set, everything is as before.
Where more than two modules read the variable, a shell sets it instead before it starts the program
(`entrypoint: [sh, -c, 'export X="$$(cat /run/secrets/x)"; exec "$$@"', sh, ...]`).

For code in JavaScript, TypeScript, Go, Ruby, PHP, Java, Kotlin and C# it names each line, and what to
write there.

## Fix safety

Unsafe: code changes, which runs elsewhere too, or the program gets a variable that it did not have.
FileAwareEnv needs django-environ 0.10, and keeps a line break at the file's end, which the others drop.

## References

Compose documentation, Use secrets in Compose; pydantic-settings documentation, Secrets; django-environ
documentation, Docker-style file based variables.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import Change
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.secret_names import is_secret_name
from fixer.stack import EnvironmentVariable, Service, Stack
from fixes.secrets._languages import reads
from fixes.secrets._moving import MOUNTED
from fixes.secrets._python import reading_file, reads_file
from fixes.secrets._wrapping import wrapped

fix = Fix(
    summary="An application gets a secret's file, and reads the variable that is not set.",
    severity=Severity.ERROR,
    safety=Safety.UNSAFE,
)


FEW = 2
"""Modules that are changed. Where more read the variable, it is set for all of them at the start."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find services that are built here and have only a secret's file for a variable."""
    for service in stack.services.values():
        for variable in service.environment.values() if service.build else ():
            name = variable.name.removesuffix("_FILE")
            is_file = name != variable.name and variable.value.startswith(MOUNTED)
            if is_file and is_secret_name(name) and not _is_set(service, name):
                yield from _findings(service, name, variable)


def _is_set(service: Service, name: str) -> bool:
    """Whether the variable itself comes from somewhere, a file of variables or the program's start."""
    texts = [part.text for part in (service.entrypoint, service.command) if part]
    return (
        name in service.environment
        or name in service.listed_variables
        or any(name in text for text in texts)
    )


def _findings(service: Service, name: str, variable: EnvironmentVariable) -> Iterator[Finding]:
    message = f"{service.name} gets {variable.name}, and its code reads {name}, which is not set."
    secret = variable.value.removeprefix(MOUNTED)
    if not reads_file(service, name, secret):
        reading = reading_file(service, name, secret) or ()
        changes: tuple[Change, ...] = reading
        if len(reading) > FEW:
            started = wrapped(service, variable.at.file.path, {name: f"$$(cat {variable.text})"})
            changes = (started,) if started else ()
        if reading:
            count = len(reading)
            steps = (
                f"Set {name} from the file once, where the application starts: {count} modules read it."
            )
            yield Finding(variable.at.at, message, changes, steps="" if changes else steps)
    for read in reads(service, name):
        yield Finding(read.place, message, steps=f"Read the file that {name}_FILE names: {read.line}")
