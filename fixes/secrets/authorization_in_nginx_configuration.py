"""A configuration file of nginx holds the login that it sends to a server behind it.

## What is wrong

`proxy_set_header Authorization "Basic c2hvcDpzZWNyZXQ=";` is no more than the name and the password in
other letters, and a `Bearer` token opens what it opens: in the repository everyone can read them. nginx
puts no variables of its environment into its configuration.

## What dockfix does

The directive becomes a Compose secret, and `include /run/secrets/NAME;` takes its place. The secret is
`secrets/NAME.txt`, readable by its owner alone and ignored by git, where the image starts as root, which
reads the configuration; else a variable of `.env`, which Compose copies into the container.

A header that is passed on (`$http_authorization`) is no finding, nor a placeholder.

## Fix safety

Safe: nginx reads the same directive at the same place. Other checkouts need the secret, which holds the
whole directive. It is still in the repository's history: change it.

## References

nginx documentation, Core functionality (include) and ngx_http_proxy_module (proxy_set_header); Compose
documentation, Use secrets in Compose.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator

from fixer.changes import Change, EditText
from fixer.documents.source import Edit, Source
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.secret_names import variable_name
from fixer.stack import Service, Stack
from fixes.secrets._configurations import configurations, contents, readers
from fixes.secrets._literals import is_secret
from fixes.secrets._moving import secret_for
from fixes.secrets._weak import is_well_known

fix = Fix(
    summary="A configuration file of nginx holds the login that it sends to another server.",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
    exposed=True,
)

PROGRAMS = ("nginx", "nginx-site")

DIRECTIVE = (
    r"(?im)(?:^|[;{])[ \t]*(?P<directive>(?:proxy|grpc)_set_header\s+[\"']?Authorization[\"']?\s+"
    r"([\"'])(?P<scheme>Basic|Bearer|Token)\s+(?P<value>[^\"'$;\s]+)\2\s*;)"
)
"""The directive that sends a login, written out."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find the logins in the configuration files that services mount, each once."""
    for program in PROGRAMS:
        mounted = (path for each in stack.services.values() for path in configurations(each, program))
        for path, content in contents(stack, mounted):
            source = Source(content)
            found = [each for each in re.finditer(DIRECTIVE, source.text) if _opens(source, each)]
            for number, each in enumerate(found, 1):
                yield _finding(stack, program, path, source, each, number)


def _opens(source: Source, found: re.Match[str]) -> bool:
    """Whether a directive counts and its login opens something."""
    value = found["value"]
    if "#" in source.text[source.line_start(found.start("directive")) : found.start("directive")]:
        return False
    if found["scheme"].lower() == "basic":
        try:
            value = b64decode(value, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return False
    return is_secret(value) and not is_well_known(value)


def _finding(
    stack: Stack, program: str, path: str, source: Source, found: re.Match[str], number: int
) -> Finding:
    place = Place(path, source.position(found.start("directive")))
    message = "The login that nginx sends on is written out here, for everyone who reads the repository."
    services = readers(stack, path, program)
    words = [services[0].name, "authorization", *([str(number)] if number > 1 else [])]
    name, directive = variable_name(*words), found["directive"]
    homes = [secret_for(each, directive, name, by_root=_is_root(each)) for each in services]
    paths = {home.path for home in homes if home}
    if len(paths) != 1 or None in homes:
        steps = (
            "Keep the whole directive in a Compose secret that the service can read, and write include"
            " /run/secrets/NAME; here."
        )
        return Finding(place, message, steps=steps)
    included = paths.pop()
    edit = Edit(found.start("directive"), found.end("directive"), f"include {included};")
    changes: list[Change] = [EditText(path, (edit,))]
    changes += [change for home in homes if home for change in home.changes]
    steps = f"Every other checkout needs the whole directive as the secret that is {included} here."
    return Finding(place, message, tuple(changes), steps=steps)


def _is_root(service: Service) -> bool:
    """Whether the program that reads the configuration is root."""
    facts = service.facts if not service.build else None
    is_root = facts is not None and facts.user is not None and facts.user.starts_as_root
    return is_root and service.starts_as_root
