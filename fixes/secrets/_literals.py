"""Which values of a stack's environment are passwords written out, and where else they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fixer.documents.yaml import Scalar
from fixer.images import image_facts
from fixer.secret_names import is_secret_name
from fixer.stack import ComposeFile, EnvironmentVariable, Service, Stack
from fixer.stack.interpolation import InterpolationError, variables

NO_SECRET = (
    r"(?i)\A(|true|false|yes|no|on|off|none|null|nil|[-+]?\d|/.*|https?://[^@]*|<.*>|x+|\*+|\.+)\Z"
)
"""Values that are switches, paths, addresses without a login or blanks."""

PLACEHOLDER = (
    r"(?i)(\b|_)(your|insert|replace[-_ ]?(me|with)|example|placeholder|todo|dummy|mock"
    r"|fake|test[-_]key)(\b|_)"
)
"""Values that open nothing: the reader is to fill them in, or a test double takes any."""

TESTED = r"(?i)(^|[-_./])(tests?|testing|ci|e2e|integration|examples?|samples?)([-_./]|\Z)"
"""Paths of stacks that are thrown away after a test, or that show something to a reader."""

WORD = r"""(?:^|[\s"'=:]|(?<=\s)-[a-zA-Z]|^-[a-zA-Z])value(?:$|[\s"'@;&|])"""
"""A password as a word of a command, or right behind a short option (`-pPASSWORD`)."""


class Literal(NamedTuple):
    """A variable that holds a password in the file. `value` is the password, `default_of` the
    variable whose default it is (`${NAME:-value}`), empty where it is written plainly."""

    service: Service
    variable: EnvironmentVariable
    value: str
    default_of: str


def literals(stack: Stack) -> Iterator[Literal]:
    """Yield the passwords in the environment of the stack's services, each place once."""
    seen: set[tuple[str, int]] = set()
    for each in stack.related:
        for service in each.services.values():
            for variable in service.environment.values():
                place = (variable.at.file.path, variable.at.node.start)
                if place not in seen and not re.search(TESTED, variable.at.file.path):
                    found = _literal(service, variable)
                    if found is not None:
                        seen.add(place)
                        yield found


def _literal(service: Service, variable: EnvironmentVariable) -> Literal | None:
    if variable.text is None or not _is_secret(service, variable.name):
        return None
    if not isinstance(variable.at.data, str) and variable.value != variable.text:
        # `0123` without quotes is octal: the container gets another text than the one that is written.
        return None
    text = variable.text.strip("\"'") if variable.form == "list" else variable.text
    default_of = ""
    if "$" in text.replace("$$", ""):
        try:
            found = variables(text)
        except InterpolationError:
            return None
        whole = found[0] if len(found) == 1 else None
        if whole is None or (whole.start, whole.end) != (0, len(text)):
            return None
        if whole.operator not in (":-", "-") or "$" in whole.operand:
            return None
        default_of, text = whole.name, whole.operand
    value = text.replace("$$", "$")
    if re.match(NO_SECRET, value) or re.search(PLACEHOLDER, value) or "\n" in value:
        return None
    return Literal(service, variable, value, default_of)


def _is_secret(service: Service, name: str) -> bool:
    facts = image_facts(service.image.repository) if service.image else None
    if facts is not None and name in facts.secrets:
        return True
    return is_secret_name(name)


class Use(NamedTuple):
    """A text of a stack's files that holds the password: `old` is the part to replace, `whole`
    says that it is all of the text."""

    file: ComposeFile
    node: Scalar
    old: str
    whole: bool


def uses(stack: Stack, literal: Literal) -> list[Use]:
    """Give every place in the files of the stack, and of those it shares files with, where the same
    password stands: as a value, as a default, in a URL's login, or as a word of a command."""
    found: list[Use] = []
    services = {service.name: service for each in stack.related for service in each.services.values()}
    others = [name for name, service in services.items() if not _has(service, literal)]
    for file in stack.related_files:
        for node in file.document.walk():
            if isinstance(node, Scalar) and literal.value.replace("$", "$$") in node.value:
                old = _used_part(node, literal, others)
                if old is not None:
                    found.append(Use(file, node, old, old == node.value))
    return found


def _has(service: Service, literal: Literal) -> bool:
    """Whether a service has the variable from the very place where the password is written."""
    start = literal.variable.at.node.start
    return any(variable.at.node.start == start for variable in service.environment.values())


def _used_part(node: Scalar, literal: Literal, others: list[str]) -> str | None:
    """The part of a text to replace. A URL that leads to one of the `others`, services which do not
    have this password, only looks the same."""
    text, value = node.value, literal.value.replace("$", "$$")
    name = str(node.route[-1]) if node.route else ""
    if literal.default_of:
        for operator in (":-", "-"):
            default = "${" + literal.default_of + operator + value + "}"
            if default in text:
                return default
    item_name, _, item_value = text.partition("=")
    if isinstance(node.step, int) and item_value == value and is_secret_name(item_name):
        return f"={value}"
    if text == value and is_secret_name(name):
        return text
    login = f":{value}@"
    if login in text:
        host = re.split(r"[:/?,]", text.partition(login)[2])[0]
        return None if host in others else login
    if _is_distinctive(value) and re.search(WORD.replace("value", re.escape(value)), text):
        is_run = any(step in node.route for step in ("command", "entrypoint", "healthcheck"))
        return value if is_run else None
    return None


def _is_distinctive(value: str) -> bool:
    """Whether a word in a command can only be this password."""
    return len(value) >= 8 and not value.isalpha()
