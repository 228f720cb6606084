"""Python code of a service has a password for when its variable is not set.

## What is wrong

With `os.getenv("DB_PASSWORD", "kx4-orchard-58")`, or `db_password: str = "kx4-orchard-58"` in a class of
pydantic's settings, whoever reads the repository or has the image has the password; and where the
variable is forgotten or misspelt, the service runs with what everyone can read, and nobody notices.

## What dockfix does

The variable is required: `os.environ["DB_PASSWORD"]`, decouple's `config("DB_PASSWORD")`, a field
without a value, or `Field(...)`. Every service that is built from that code and does not get the
variable yet gets it, and the value goes to `.env`, which git ignores.

A default that everyone tries first (`postgres`), or that asks to be replaced, is no finding, nor is a
URL for localhost, unless the stack's `.env` has the same value.

## Fix safety

Unsafe: code changes, which runs elsewhere too: from then on it does not start without the variable. The
value is still in the repository's history, and in images that were pushed: change it.

## References

The Twelve-Factor App, Config; pydantic-settings documentation, Field value priority.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fixer.changes import EditText
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.secret_names import is_secret_name
from fixer.stack import Service, Stack
from fixes.secrets._credentials import LOGIN
from fixes.secrets._giving import given
from fixes.secrets._moving import variable_for
from fixes.secrets._python import HERE, built_services, modules, opens

if TYPE_CHECKING:
    from fixer.documents.python import Default, PythonDocument

fix = Fix(
    summary="Python code of a service has a password for when its variable is not set.",
    severity=Severity.WARNING,
    safety=Safety.UNSAFE,
    exposed=True,
)

HAS_DEFAULT = rb"\b(getenv|environ|config|BaseSettings)\b"
"""What the text of a module has that gives variables a default."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find defaults of passwords in the modules that the stack's services are built from."""
    seen: set[tuple[str, int]] = set()
    for services in built_services(stack):
        for path, document in modules(services[0], _may_have_defaults):
            for default in document.defaults:
                if (path, default.start) not in seen and _is_password(stack, default):
                    seen.add((path, default.start))
                    yield _finding(stack, services, path, document, default)


def _may_have_defaults(content: bytes) -> bool:
    return re.search(HAS_DEFAULT, content) is not None


def _is_password(stack: Stack, default: Default) -> bool:
    if is_secret_name(default.name):
        return opens(default.value)
    login = re.search(LOGIN, default.value)
    if login is None or not opens(login["value"]):
        return False
    return not re.match(HERE, login["host"]) or login["value"] in stack.environment.values()


def _finding(
    stack: Stack, services: list[Service], path: str, document: PythonDocument, default: Default
) -> Finding:
    place = Place(path, document.source.position(default.start))
    message = (
        f"Where {default.name} is not set, the password that is written out here is used, for everyone"
        " who reads the repository."
    )
    code = EditText(path, tuple(document.require(default)))
    held = [service.environment.get(default.name) for service in services]
    if all(variable is not None and variable.text for variable in held):
        return Finding(place, message, (code,))
    files = [service.files[0] for service in services]
    home = variable_for(stack, default.value, default.name, files=files)
    changes = given(services, default.name, home) if home else None
    if changes is None:
        steps = f"Give {services[0].name} the variable {default.name}, and require it here."
        return Finding(place, message, steps=steps)
    return Finding(
        place,
        message,
        (
            code,
            *changes,
        ),
    )
