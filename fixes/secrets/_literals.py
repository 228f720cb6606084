"""Which values of a stack's files are passwords written out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from fixer.documents.yaml import Route
from fixer.secret_names import is_secret_name
from fixer.stack import EnvironmentVariable, Service, Stack
from fixer.stack.interpolation import InterpolationError, variables
from fixes.secrets._credentials import Credential, credentials
from fixes.secrets._uses import Literal, Use, uses

NO_SECRET = (
    r"(?i)\A(|true|false|yes|no|on|off|none|null|nil|undefined|enabled?|disabled?|optional|required"
    r"|[-+]?\d|\d[05]|\d{1,6}00|\d+\s?(ms|s|sec|seconds?|m|mins?|minutes?|h|hours?|d|days?|w|weeks?)"
    r"|X(-[a-z]+)+|/.*|\.{1,2}/.*|<.*>|\[\w+\]|__\w+__|x+|\*+|\.+"
    r"|(op|ref\+\w+)://.*|[a-z][\w+.-]*://[^@]*"
    r"|(vault|bao|ssm|sops|keyvault|env|file):\S+|arn:[\w-]+:(secretsmanager|ssm):.*"
    r"|projects/[^/]+/secrets/.*|(ENC|@Microsoft\.KeyVault)[\[(].*|\{cipher\}.*|\{\{.*\}\})\Z"
)
"""Values that are switches, lifetimes and limits, names of headers, paths, addresses without a login,
blanks, or references to where the secret is kept."""


PLACEHOLDER = (
    r"(?i)(\b|_)(your|insert|(replace|fill)[-_ ]?(me|in|with|this)|example|placeholder|todo|dummy|mock"
    r"|fake|test[-_]key)(\b|_)"
)
"""Values that open nothing: the reader is to fill them in, or a test double takes any."""


TESTED = (
    r"(?i)(^|[-_./])(tests?|testing|ci|e2e|cypress|playwright|integration|examples?|samples?)([-_./]|\Z)"
    r"|(^|/)(docs?|documentation)/"
)
"""Paths of stacks that are thrown away after a test, or that show something to a reader."""


BUILT_IN = ("guest",)
"""The password of a login that an image has by itself: where nothing sets it, it is no secret."""


@lru_cache(maxsize=8)
def literals(stack: Stack) -> tuple[Literal, ...]:
    """Give the passwords in the stack's files, each place once: variables first, then those inside of
    texts that the places of the variables' passwords do not hold already."""
    return tuple(_literals(stack))


def _literals(stack: Stack) -> Iterator[Literal]:
    seen: set[tuple[str, int]] = set()
    held: set[tuple[str, int, str]] = set()
    for service in stack.related_services:
        for variable in service.environment.values():
            place = (variable.at.file.path, variable.at.node.start)
            if place not in seen and not re.search(TESTED, variable.at.file.path):
                found = _in_variable(service, variable)
                if found is not None:
                    seen.add(place)
                    held |= {_key(use) for use in uses(stack, found)}
                    yield found
    for file in stack.related_files:
        if not re.search(TESTED, file.path):
            for credential in credentials(file):
                if _key(credential) not in held:
                    found = _in_text(stack, credential)
                    if found is not None:
                        held |= {_key(use) for use in uses(stack, found)}
                        yield found


def _key(at: Use | Credential) -> tuple[str, int, str]:
    return (at.file.path, at.node.start, at.written)


def _in_variable(service: Service, variable: EnvironmentVariable) -> Literal | None:
    if variable.text is None or not _is_secret(service, variable.name):
        return None
    if not isinstance(variable.at.data, str) and variable.value != variable.text:
        # `0123` without quotes is octal: the container gets another text than the one that is written.
        return None
    default_of, value = _value(variable.text)
    told = f"{service.name}.{variable.name}"
    if value is None:
        return None
    return Literal(service, variable.name, told, value, default_of, variable, None)


def _in_text(stack: Stack, credential: Credential) -> Literal | None:
    default_of, value = _value(credential.written)
    route = credential.node.route
    service = _reader(stack, route) if len(route) > 2 else None
    if value is None or service is None or value in BUILT_IN:
        return None
    owner = service.name if route[0] == "services" else str(route[1])
    name = default_of
    if not name:
        found = re.match(
            r"(?i)[a-z_]\w*?(?=_(ur[il]|dsn|connection(_string)?)\b)", _variable_of(credential)
        )
        name = f"{found[0].upper()}_PASSWORD" if found and credential.host else "PASSWORD"
    if "token" in credential.before.lower():
        name = "TOKEN"
    if owner != service.name:
        name = f"{owner}_{name}"
    return Literal(service, name, f"{owner}.{route[2]}", value, default_of, None, credential)


def _reader(stack: Stack, route: Route) -> Service | None:
    """The service that what stands at a route is for, of several one: its own setting, or a volume or
    config of it."""
    for service in stack.related_services:
        has_volume = any(each.source == route[1] for each in service.named_mounts)
        has_config = any(each.source == route[1] for each in service.configs)
        if (route[0], service.name) == ("services", route[1]):
            return service
        if (route[0] == "volumes" and has_volume) or (route[0] == "configs" and has_config):
            return service
    return None


def _variable_of(credential: Credential) -> str:
    """The variable that a text is the value of, in an environment."""
    step = credential.node.route[-1]
    return credential.node.value.partition("=")[0] if isinstance(step, int) else str(step)


def _value(text: str) -> tuple[str, str | None]:
    """Give the variable that a password is the default of, and the password itself; None where the
    text is a reference or no password."""
    default_of = ""
    if "$" in text.replace("$$", ""):
        try:
            found = variables(text)
        except InterpolationError:
            return "", None
        whole = found[0] if len(found) == 1 else None
        if whole is None or (whole.start, whole.end) != (0, len(text)):
            return "", None
        if whole.operator not in (":-", "-") or "$" in whole.operand.replace("$$", ""):
            return "", None
        default_of, text = whole.name, whole.operand
    value = text.replace("$$", "$")
    return (default_of, value) if is_secret(value) else ("", None)


def is_secret(value: str) -> bool:
    """Say whether a text that stands in a password's place opens something."""
    bare = value.strip("\"'")
    return not (re.match(NO_SECRET, bare) or re.search(PLACEHOLDER, bare) or "\n" in value)


def _is_secret(service: Service, name: str) -> bool:
    facts = service.facts
    if facts is not None and name in facts.secrets:
        return True
    return is_secret_name(name)
