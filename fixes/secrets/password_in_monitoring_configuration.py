"""A configuration file of Prometheus or Alertmanager holds a password.

## What is wrong

A `password:`, `credentials:` or `smtp_auth_password:` in prometheus.yml or alertmanager.yml is in the
repository for everyone to read. Neither program puts variables into its configuration, so that it
cannot be left to the environment.

## What dockfix does

Both read the value from a file instead (`password_file:`). It becomes a Compose secret, which comes
from a variable of `.env`, since the images' user could not read a file that is its owner's alone. A
name that the stack keeps the value under already is used.

## Fix safety

Safe: the program logs in with the same value. Needs Prometheus 2.26 or Alertmanager 0.25.

## References

Prometheus documentation, Configuration; Alertmanager documentation, Configuration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import Change, EditYaml
from fixer.documents.yaml import Mapping, Node, Rename, Scalar, Set, YamlDocument, YamlSyntaxError
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.images import image_facts
from fixer.place import Place
from fixer.secret_names import variable_name
from fixer.stack import Service, Stack
from fixes.secrets._literals import TESTED, is_secret
from fixes.secrets._moving import secret_for

fix = Fix(
    summary="A configuration file of Prometheus or Alertmanager holds a password.",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
)

PROGRAMS = ("prometheus", "alertmanager")

KEYS = (
    "password", "credentials", "bearer_token", "client_secret", "smtp_auth_password", "auth_password",
    "opsgenie_api_key", "victorops_api_key", "routing_key", "service_key", "api_key",
)  # fmt: skip
"""The keys that have a twin ending in `_file`."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find the passwords in the configuration files that services mount, each once."""
    paths = {path for service in stack.services.values() for path in _configurations(service)}
    for path in sorted(paths):
        content = stack.repository.read(path)
        if content is not None and not re.search(TESTED, path):
            try:
                document = YamlDocument(content)
            except YamlSyntaxError:
                continue
            yield from _in_file(stack, path, document)


def _configurations(service: Service) -> Iterator[str]:
    facts = image_facts(service.image.repository) if service.image else None
    if facts is not None:
        for mount in service.bind_mounts:
            if mount.path and facts.configuration.get(mount.target) in PROGRAMS:
                yield mount.path


def _in_file(stack: Stack, path: str, document: YamlDocument) -> Iterator[Finding]:
    services = [
        service
        for each in stack.found
        for service in each.services.values()
        if path in _configurations(service)
    ]
    named: dict[str, str] = {}
    for node in document.walk():
        for entry in node.entries if isinstance(node, Mapping) else ():
            value = entry.value
            if entry.name in KEYS and isinstance(value, Scalar) and _is_literal(value):
                place = Place(path, document.position(value))
                words = [services[0].name, *_jobs(node), str(entry.name)]
                name = variable_name(*words)
                name = next((each for each, text in named.items() if text == value.value), name)
                is_free = named.setdefault(name, value.value) == value.value
                yield _finding(services if is_free else [], path, place, str(entry.name), value, name)


def _jobs(node: Node | None) -> Iterator[str]:
    """The name of the scrape job that a mapping is a part of, if it is."""
    while node is not None:
        job = node.get("job_name") if isinstance(node, Mapping) else None
        if isinstance(job, Scalar):
            yield job.value
        node = node.parent


def _is_literal(value: Scalar) -> bool:
    """Whether a value is the password itself, not something that a script fills in."""
    return is_secret(value.value) and not any(each in value.value for each in ("$", "{{", "__"))


def _finding(
    services: list[Service], path: str, place: Place, key: str, value: Scalar, name: str
) -> Finding:
    message = f"A value for {key} is written out here, for everyone who reads the repository."
    homes = [secret_for(service, value.value, name, by_root=False) for service in services]
    paths = {home.path for home in homes if home}
    if len(paths) != 1 or None in homes:
        steps = (
            f"Keep the value in a Compose secret that the service can read, and write"
            f" {key}_file: /run/secrets/NAME here."
        )
        return Finding(place, message, steps=steps)
    operations = (
        Set(value.route, paths.pop(), value.document),
        Rename(value.route, f"{key}_file", value.document),
    )
    changes: list[Change] = [EditYaml(path, operations)]
    for home in homes:
        changes += [each for each in home.changes if each not in changes] if home else []
    return Finding(place, message, tuple(changes))
