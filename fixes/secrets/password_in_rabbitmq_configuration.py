"""A configuration file of RabbitMQ holds a user's password.

## What is wrong

`default_pass = ...` in rabbitmq.conf, or `"password": "..."` of a user in its definitions, is in the
repository for everyone to read, and every checkout's broker opens to it.

## What dockfix does

`default_pass`: the line goes, and the value to `.env`, which git ignores; the service gets it as
`RABBITMQ_DEFAULT_PASS`. The server reads that variable itself and puts it above rabbitmq.conf and
conf.d, while `default_user` can stay where it is. Where the service has the variable already, the line
counted for nothing. (`default_pass = $(NAME)` would do too; nobody needs the line, though.)

Definitions know no variables. There the password's hash takes its place, as RabbitMQ itself writes it
when it exports definitions, so that other checkouts need nothing, and the queues stay beside the users.
The salt is made from the password and its place, so that every run gives the same text.

A hash is no finding. It is one round of SHA-256 with a salt of four bytes: a long random password is
safe behind it, a short one can be guessed within hours. Choose a long one; `rabbitmqctl hash_password`
gives its hash.

## Fix safety

Safe: a new broker gets the same users with the same passwords. One that has data keeps its default
user, and reads the same from its definitions as before.

## References

RabbitMQ documentation, Configuration, Access Control (default user) and Credentials and Passwords;
docker-library/rabbitmq. Tried with RabbitMQ 3.10.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from collections.abc import Sequence as List

from fixer.changes import Change, EditText, EditYaml
from fixer.documents.ini import IniDocument, Setting
from fixer.documents.yaml import (
    Insert,
    Mapping,
    Operation,
    Rename,
    Scalar,
    Sequence,
    Set,
    YamlDocument,
    YamlSyntaxError,
)
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import Service, Stack
from fixes.secrets._configurations import (
    configurations,
    contents,
    from_environment,
    has_variable,
    mounted_at,
    readers,
)
from fixes.secrets._literals import BUILT_IN, is_secret
from fixes.secrets._weak import is_well_known

fix = Fix(
    summary="A configuration file of RabbitMQ holds a user's password.",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
    exposed=True,
)

VARIABLE = "RABBITMQ_DEFAULT_PASS"
NO_TEXT = r"(?i)encrypted:|.*\$\(|'|change[-_ ]?me"
"""Values that are no password as they are written: encrypted, put together from variables, in quotes,
which older releases take for a part of the password, or to be replaced."""

DEFINITIONS = r"(management\.)?load_definitions\Z"
ALGORITHM = "rabbit_password_hashing_sha256"


def detect(stack: Stack) -> Iterator[Finding]:
    """Find the passwords in the configuration and the definitions that services mount, each once."""
    services = stack.services.values()
    mounted = (path for each in services for path in configurations(each, "rabbitmq"))
    for path, content in contents(stack, mounted):
        if path.endswith(".conf"):
            document = IniDocument(content, "#")
            for setting in document.settings:
                if setting.name == "default_pass" and _is_password(setting.text):
                    yield _default(readers(stack, path, "rabbitmq"), path, document, setting)
    for path, content in contents(stack, (path for each in services for path in _definitions(each))):
        try:
            yield from _users(path, YamlDocument(content))
        except YamlSyntaxError:
            continue


def _is_password(text: str) -> bool:
    return is_secret(text) and text not in BUILT_IN and not re.match(NO_TEXT, text)


def _definitions(service: Service) -> Iterator[str]:
    """The files that the server makes users and queues from: at the usual path, or named in its
    configuration."""
    yield from configurations(service, "rabbitmq-definitions")
    for path in configurations(service, "rabbitmq"):
        content = service.stack.repository.read(path)
        for setting in IniDocument(content, "#").settings if content else ():
            if re.match(DEFINITIONS, setting.name) and (found := mounted_at(service, setting.text)):
                yield found


def _default(services: List[Service], path: str, document: IniDocument, setting: Setting) -> Finding:
    place = Place(path, document.source.position(setting.start))
    message = (
        f"The password of {services[0].name} stands in its configuration file, for everyone who reads"
        " the repository."
    )
    others = [service for service in services if not has_variable(service, VARIABLE)]
    found = from_environment(others, setting.text, VARIABLE, VARIABLE) if others else (VARIABLE, [])
    if found is None:
        steps = (
            f"Give {services[0].name} the value as {VARIABLE}, from .env, and remove the line: the"
            " variable counts above the file."
        )
        return Finding(place, message, steps=steps)
    changes: list[Change] = [EditText(path, (document.delete(setting),)), *found[1]]
    return Finding(place, message, tuple(changes))


def _users(path: str, document: YamlDocument) -> Iterator[Finding]:
    users = document.root.get("users") if isinstance(document.root, Mapping) else None
    for user in users.items if isinstance(users, Sequence) else ():
        name = user.get("name") if isinstance(user, Mapping) else None
        password = user.get("password") if isinstance(user, Mapping) else None
        if isinstance(user, Mapping) and isinstance(name, Scalar) and isinstance(password, Scalar):
            value = password.value
            is_guessed = value in (*BUILT_IN, name.value) or is_well_known(value)
            if is_secret(value) and not is_guessed:
                yield _hashed(path, document, user, name.value, password)


def _hashed(path: str, document: YamlDocument, user: Mapping, name: str, password: Scalar) -> Finding:
    place = Place(path, document.position(password))
    message = (
        f"The password of the user {name} is written out here, for everyone who reads the repository."
    )
    if user.get("password_hash") is not None:
        return Finding(place, message, steps="Remove it: its hash stands beside it.")
    route = (*user.route, "hashing_algorithm")
    has_algorithm = user.get("hashing_algorithm") is not None
    operations: tuple[Operation, ...] = (
        Set(password.route, _hash(password.value, f"{path} {name}"), password.document),
        Set(route, ALGORITHM, user.document)
        if has_algorithm
        else Insert(route, ALGORITHM, "password", user.document),
        Rename(password.route, "password_hash", password.document),
    )
    return Finding(place, message, (EditYaml(path, operations),))


def _hash(password: str, place: str) -> str:
    """The password as RabbitMQ keeps it: a salt of four bytes, and SHA-256 of that and the password."""
    from hashlib import sha256

    salt = sha256(f"{place} {password}".encode()).digest()[:4]
    return b64encode(salt + sha256(salt + password.encode()).digest()).decode()
