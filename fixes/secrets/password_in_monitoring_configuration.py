"""A configuration file of Prometheus or Alertmanager holds a password.

## What is wrong

A `password:` of `basic_auth`, a `smtp_auth_password:`, or the address of a channel's hook
(`slack_api_url:`) in prometheus.yml or alertmanager.yml is in the repository for everyone to read.
Neither program puts variables into its configuration, so that it cannot be left to the environment.

## What dockfix does

Both read the value from a file instead (`password_file:`). It becomes a Compose secret, which comes
from a variable of `.env`, since the images' user could not read a file that is its owner's alone. A
name that the stack keeps the value under already is used.

## Fix safety

Safe: the program logs in with the same value. Where the image's tag names a version that does not
read that value from a file yet, a person has to take a newer one first.

## References

Prometheus documentation, Configuration; Alertmanager documentation, Configuration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from fixer.changes import Change, EditYaml
from fixer.documents.yaml import Mapping, Node, Rename, Scalar, Set, YamlDocument, YamlSyntaxError
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.secret_names import variable_name
from fixer.stack import Service, Stack
from fixes.secrets._configurations import configurations, contents, mounted_at
from fixes.secrets._literals import is_secret
from fixes.secrets._moving import secret_for
from fixes.secrets._tokens import SHOWN

fix = Fix(
    summary="A configuration file of Prometheus or Alertmanager holds a password.",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
    exposed=True,
)

OPTION = "--config.file="

HOOK = (
    r"https://(hooks\.slack\.com/services|discord(app)?\.com/api/webhooks|[\w.-]+\.office\.com/webhookb2)"
    r"/\S{20}"
)
"""Addresses that are a secret as a whole: whoever has one can post there."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find the passwords in the configuration files that services mount, each once."""
    paths = filter(None, map(_configuration, stack.services.values()))
    for path, content in contents(stack, paths):
        try:
            document = YamlDocument(content)
        except YamlSyntaxError:
            continue
        yield from _in_file(stack, path, document)


def _configuration(service: Service) -> str | None:
    """The path of what configures a service's program, where some of that can be read from files."""
    facts = service.facts
    if facts is None or not facts.file_settings:
        return None
    for word in service.command.words if service.command else ():
        if word.startswith(OPTION):
            return mounted_at(service, word.removeprefix(OPTION))
    return next(configurations(service, facts.name), None)


def _in_file(stack: Stack, path: str, document: YamlDocument) -> Iterator[Finding]:
    services = [service for service in stack.found_services if path == _configuration(service)]
    named: dict[str, str] = {}
    for value in document.walk():
        since = _since(services[0], value) if isinstance(value, Scalar) else None
        if isinstance(value, Scalar) and since is not None and _is_literal(value.value):
            name = variable_name(services[0].name, *_owners(value), str(value.step))
            name = next((each for each, text in named.items() if text == value.value), name)
            is_free = named.setdefault(name, value.value) == value.value
            place = Place(path, document.position(value))
            message = (
                f"A value for {value.step} is written out here, for everyone who reads the repository."
            )
            is_older = any(_is_older(service, since) for service in services)
            changes = _changes(services, path, value, name) if is_free and not is_older else ()
            newer = f"Take the image of version {since[0]}.{since[1]} or later. " if is_older else ""
            steps = (
                f"{newer}Keep the value in a Compose secret that the service can read, and write"
                f" {value.step}_file: /run/secrets/NAME here."
            )
            yield Finding(place, message, changes, steps="" if changes else steps)


def _since(service: Service, value: Scalar) -> tuple[int, ...] | None:
    """The version of the service's image from which on a file can hold a value of its configuration;
    None where none can."""
    facts = service.facts
    route = "/".join(map(str, value.route))
    settings = facts.file_settings if facts else {}
    return next((since for each, since in settings.items() if fnmatchcase(route, each)), None)


def _owners(node: Node | None) -> Iterator[str]:
    """The names of the scrape job or the receiver that a node is a part of."""
    while node is not None:
        for key in ("job_name", "name"):
            name = node.get(key) if isinstance(node, Mapping) else None
            if isinstance(name, Scalar):
                yield name.value
        node = node.parent


def _is_literal(value: str) -> bool:
    """Whether a value is the password itself, not something that a script fills in."""
    is_hook = re.match(HOOK, value) and not re.search(SHOWN, value)
    return bool(is_hook or is_secret(value)) and not any(each in value for each in ("$", "{{", "__"))


def _is_older(service: Service, version: tuple[int, ...]) -> bool:
    """Whether an image's tag names a version before another; `latest` and the like do not."""
    found = re.match(r"v?(\d+)\.(\d+)", service.image.tag if service.image else "")
    return found is not None and (int(found[1]), int(found[2])) < version


def _changes(services: list[Service], path: str, value: Scalar, name: str) -> tuple[Change, ...]:
    """The changes by which the program reads the value from a file; none where the services cannot all
    get it under one path."""
    homes = [secret_for(service, value.value, name, by_root=False) for service in services]
    paths = {home.path for home in homes if home}
    if len(paths) != 1 or None in homes or value.anchor is not None:
        return ()  # What has an anchor is the value of other keys, too, which keep their names.
    operations = (
        Set(value.route, paths.pop(), value.document),
        Rename(value.route, f"{value.step}_file", value.document),
    )
    changes: list[Change] = [EditYaml(path, operations)]
    for home in homes:
        changes += [each for each in home.changes if each not in changes] if home else []
    return tuple(changes)
