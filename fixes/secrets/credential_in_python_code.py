"""Python code of a service holds a password.

## What is wrong

`SECRET_KEY = "..."` in a settings module, a `"PASSWORD": "..."` of Django's `DATABASES`, a
`password="..."` of a connection, or a login in a URL is in the repository and in the image, for
everyone who reads one of them, and the same on every machine.

## What dockfix does

The code reads a variable instead (`os.environ["SECRET_KEY"]`), the value goes to `.env`, which git
ignores, and every service that is built from that code gets it: `SECRET_KEY: ${SECRET_KEY:?}`. Where
the stack keeps the same value under a name already, that name is used.

Placeholders, the keys that Django generates for development (`django-insecure-...`), tests, and code
that no service is built from are no findings. A default behind a variable is
`default-password-in-python-code`.

## Fix safety

Unsafe: code changes, which runs elsewhere too: from then on it does not start without the variable. The
value is still in the repository's history, and in images that were pushed: change it.

## References

Django documentation, Deployment checklist (SECRET_KEY); Flask documentation, Configuration Handling.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from fixer.changes import EditText
from fixer.documents.source import Edit
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.secret_names import is_secret_name, variable_name
from fixer.stack import Service, Stack
from fixes.secrets._credentials import LOGIN
from fixes.secrets._giving import given
from fixes.secrets._moving import variable_for
from fixes.secrets._python import HERE, built_services, having, modules, opens, parse, paths

if TYPE_CHECKING:
    from fixer.documents.python import PythonDocument

fix = Fix(
    summary="Python code of a service holds a password.",
    severity=Severity.WARNING,
    safety=Safety.UNSAFE,
    exposed=True,
)

GIVEN = (
    r"""(?i)(?:pass|passwd|password|phrase|secret|token|key|pwd|cookie|base)["']?\]?\s*(?::[\s\w|]*)?[:=]"""
    r"""\s*["'](?P<value>[^"'\s]{6,})["']"""
)
"""What the text of a module has that gives something with such a name a value."""

GENERIC = ("PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "AUTH_TOKEN", "ACCESS_KEY")
"""Names that say nothing of what they open."""

NOT_HELD = (
    r"(?i)(field|form|input|column|serializer|argument|option|depends|oauth2\w*|header|test|mock)\Z"
)
"""What gets a name of a password as an argument, and no password."""


class Found(NamedTuple):
    """A password in a module: what it is called there, the value, its offset, and the edits of the code
    that read the variable of a name instead, None where they are not plain."""

    name: str
    value: str
    start: int
    edits: Callable[[str], list[Edit] | None]


class Module(NamedTuple):
    """A module and the passwords in it."""

    document: PythonDocument
    found: list[Found]


def detect(stack: Stack) -> Iterator[Finding]:
    """Find passwords in the modules that the stack's services are built from."""
    seen: set[tuple[str, int]] = set()
    for services in built_services(stack):
        for path in paths(services[0]):
            module = stack.repository.parsed(path, _module)
            if module is None:
                continue
            for found in module.found:
                if (path, found.start) not in seen:
                    seen.add((path, found.start))
                    yield _finding(stack, services, path, module.document, found)


def _module(path: str, content: bytes) -> Module | None:
    """A module with the passwords in it; None where it has none."""
    text = content.decode("utf-8", "replace")
    values = [match["value"] for way in (GIVEN, LOGIN) for match in re.finditer(way, text)]
    document = parse(path, content) if any(map(opens, values)) else None
    return Module(document, [*_named(document), *_logins(document)]) if document else None


def _named(document: PythonDocument) -> Iterator[Found]:
    """What is given to something that is called a password."""
    for each in document.credentials:
        is_held = is_secret_name(each.name) and not re.search(NOT_HELD, each.caller)
        if is_held and opens(each.value):
            edits = partial(document.read_variable, each)
            yield Found(each.name, each.value, each.start, edits)


def _logins(document: PythonDocument) -> Iterator[Found]:
    """The logins in texts that are URLs."""
    for text in document.texts:
        for match in re.finditer(LOGIN, text.written):
            if opens(match["value"]) and not re.match(HERE, match["host"]):
                is_named = re.match(r"[a-zA-Z][\w-]*", match["host"])
                name = f"{is_named[0]}_PASSWORD" if is_named else "PASSWORD"
                start = text.start + match.start("value")
                edits = partial(document.put_variable, text, start, text.start + match.end("value"))
                yield Found(name, match["value"], start, edits)


def _finding(
    stack: Stack, services: list[Service], path: str, document: PythonDocument, found: Found
) -> Finding:
    place = Place(path, document.source.position(found.start))
    message = (
        f"{found.name} is written out here, for everyone who reads the repository or has an image of it."
    )
    name, own = variable_name(found.name), variable_name(services[0].name, found.name)
    name = own if name in GENERIC else name
    files = [service.files[0] for service in services]
    free = [each for each in (name, own) if not _is_read(services[0], each)]
    home = variable_for(stack, found.value, *free, files=files)
    edits = found.edits(home.name) if home else None
    changes = given(services, home.name, home) if home else None
    if changes is None or edits is None:
        steps = f'Read it from a variable (os.environ["{name}"]) that {services[0].name} gets.'
        return Finding(place, message, steps=steps)
    return Finding(
        place,
        message,
        (
            EditText(path, tuple(edits)),
            *changes,
        ),
    )


def _is_read(service: Service, name: str) -> bool:
    """Whether the code reads the variable already, for another value."""
    reading = modules(service, having(rf"\b{name}\b"))
    return any(each.name == name for _, document in reading for each in document.reads)
