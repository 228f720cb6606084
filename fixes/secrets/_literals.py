"""Which values of a stack's environment are passwords written out, and where else they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Sequence as List
from functools import lru_cache
from typing import NamedTuple

from fixer.documents.yaml import Node, Route, Scalar
from fixer.images import image_facts
from fixer.place import Place
from fixer.secret_names import is_secret_name
from fixer.stack import ComposeFile, EnvironmentVariable, Service, Stack
from fixer.stack.interpolation import InterpolationError, variables
from fixes.secrets._credentials import Credential, credentials
from fixes.secrets._weak import is_well_known

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

WORD = r"""(?:^|[\s"'=:]|(?<=\s)-[a-zA-Z]|^-[a-zA-Z])value(?:$|[\s"'@;&|])"""
"""A password as a word of a command, or right behind a short option (`-pPASSWORD`)."""

DATABASES = {"database", "postgres", "postgresql", "pg", "mysql", "mariadb", "sql", "mongo", "mongodb"}
"""Words for what is mostly called `db`."""

TELLS_NOTHING = {
    "", "password", "passwd", "pass", "pwd", "secret", "key", "token", "root", "user", "admin", "initdb",
    "default", "api", "auth", "app", "web", "my", "initial", "security", "server", "service",
}  # fmt: skip
"""Words of a password's name, or of a service's, that do not tell what it opens."""

BUILT_IN = ("guest",)
"""The password of a login that an image has by itself: where nothing sets it, it is no secret."""


class Literal(NamedTuple):
    """A password that is written in a file. `name` is what it is called there: the variable, or a
    name made from where it stands; `told` says that place in words. `value` is the password,
    `default_of` the variable whose default it is (`${NAME:-value}`), empty where it is written
    plainly. `variable` is the service's variable that it is the value of, None where it is inside of a
    text, `credential`."""

    service: Service
    name: str
    told: str
    value: str
    default_of: str
    variable: EnvironmentVariable | None
    credential: Credential | None

    @property
    def place(self) -> Place:
        """Where the password is written."""
        if self.variable is not None:
            return self.variable.at.at
        assert self.credential is not None
        file, node = self.credential.file, self.credential.node
        return Place(file.path, file.document.position(node))

    @property
    def node(self) -> Node:
        """The scalar that holds the password."""
        if self.variable is not None:
            return self.variable.at.node
        assert self.credential is not None
        return self.credential.node


@lru_cache(maxsize=8)
def literals(stack: Stack) -> tuple[Literal, ...]:
    """Give the passwords in the stack's files, each place once: variables first, then those inside of
    texts that the places of the variables' passwords do not hold already."""
    return tuple(_literals(stack))


def _literals(stack: Stack) -> Iterator[Literal]:
    seen: set[tuple[str, int]] = set()
    held: set[tuple[str, int, str]] = set()
    for each in stack.related:
        for service in each.services.values():
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
    for service in (each for one in stack.related for each in one.services.values()):
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
    facts = image_facts(service.image.repository) if service.image else None
    if facts is not None and name in facts.secrets:
        return True
    return is_secret_name(name)


def loaded_together(stack: Stack, path: str) -> frozenset[str]:
    """Give the paths of the files that Compose loads along with one, or along with one of those. What
    has the same password in two stacks that only share a folder is not the same secret."""
    found = {path}
    groups = [{file.path for file in each.files} for each in stack.related]
    for _ in groups:
        for group in groups:
            if group & found:
                found |= group
    return frozenset(found)


class Use(NamedTuple):
    """A text of a stack's files that holds the password as it is `written` there, between `before` and
    `after`, which together tell that it is one; `whole` says that it is all of the text."""

    file: ComposeFile
    node: Scalar
    before: str
    written: str
    after: str

    @property
    def whole(self) -> bool:
        """Whether the password is all of the text."""
        return self.written == self.node.value


@lru_cache(maxsize=10_000)
def uses(stack: Stack, literal: Literal) -> tuple[Use, ...]:
    """Give every place in the files loaded together with the literal's where the same password
    stands: as a value, as a default, in a URL's login, or as a word of a command."""
    found: list[Use] = []
    together = loaded_together(stack, literal.place.path)
    services = [
        service
        for each in stack.related
        if any(file.path in together for file in each.files)
        for service in each.services.values()
    ]
    owners = {service.name for service in services if _has(service, literal)}
    others = {service.name for service in services} - owners
    written = literal.value.replace("$", "$$")
    for file in stack.related_files:
        if file.path not in together:
            continue
        logins = [each for each in credentials(file) if each.written == written]
        found += [
            Use(file, each.node, each.before, written, "@" if each.host else "")
            for each in logins
            if each.host not in others or each == literal.credential
        ]
        inside = {each.node.start for each in logins}
        for node in _scalars(file):
            if written in node.value and node.start not in inside:
                use = _use(file, node, written, literal)
                if use and (not is_well_known(literal.value) or _belongs(services, use, literal)):
                    found.append(use)
    return tuple(found)


@lru_cache(maxsize=64)
def _scalars(file: ComposeFile) -> tuple[Scalar, ...]:
    return tuple(node for node in file.document.walk() if isinstance(node, Scalar))


def _belongs(services: Iterable[Service], use: Use, literal: Literal) -> bool:
    """Whether a place with a value that everyone tries first has this password, and not another one
    that is the same by chance: the names tell."""
    route, own = use.node.route, literal.service
    in_list = isinstance(use.node.step, int)
    name = use.node.value.partition("=")[0] if in_list else str(route[-1])
    is_run = any(step in route for step in ("command", "entrypoint", "healthcheck"))
    if use.node is literal.node or name == literal.name or literal.default_of:
        return True
    if own.name in route[1:2]:
        return is_run
    other = next((each for each in services if each.name in route[1:2]), None)
    told = _words(name)
    if not told or _telling(literal.name, own) & (told | _telling(name, other)):
        return True
    are_passwords = all(re.search(r"(?i)pass|pwd", each) for each in (name, literal.name))
    if other is None or not are_passwords:
        return False
    having = [each for each in services if _has_value(each, literal.value)]
    tells_another = any(
        _words(each) & _telling("", third)
        for each, holder in ((name, other), (literal.name, own))
        for third in having
        if third.name != holder.name
    )
    return not tells_another and _is_client(having, own, other)


def _has_value(service: Service, value: str) -> bool:
    """Whether a service has a value for a secret."""
    return any(
        is_secret_name(name) and each.value == value for name, each in service.environment.items()
    )


def _is_client(having: List[Service], one: Service, other: Service) -> bool:
    """Whether one of two services names the other in its environment, and no third one of those that
    have the same value."""
    for client, server in ((one, other), (other, one)):
        text = "\n".join(each.value for each in client.environment.values())
        names = [rf"(?<![\w.-]){re.escape(each.name)}(?![\w-])" for each in having]
        named = {each.name for each, name in zip(having, names, strict=True) if re.search(name, text)}
        if named - {client.name} == {server.name}:
            return True
    return False


def _telling(name: str, service: Service | None) -> set[str]:
    """The words that tell what a password is for: of its name, its service and that one's image."""
    words = _words(name)
    if service is not None:
        words |= _words(service.name)
        words |= _words(service.image.repository.rpartition("/")[2]) if service.image else set()
    return words | {"db"} if words & DATABASES else words


def _words(name: str) -> set[str]:
    return set(re.split(r"[^a-z]+", name.lower())) - TELLS_NOTHING


def _has(service: Service, literal: Literal) -> bool:
    """Whether a service has the variable from the very place where the password is written."""
    start = literal.node.start
    return any(variable.at.node.start == start for variable in service.environment.values())


def _use(file: ComposeFile, node: Scalar, written: str, literal: Literal) -> Use | None:
    """The password as a value of its own, as a default, or as a word that can be nothing else."""
    text = node.value
    if literal.default_of:
        for operator in (":-", "-"):
            default = "${" + literal.default_of + operator + written + "}"
            if default in text:
                return Use(file, node, "", default, "")
    name = str(node.route[-1]) if node.route else ""
    is_own = node is literal.node
    item_name, _, item_value = text.partition("=")
    if isinstance(node.step, int) and item_value == written and (is_own or is_secret_name(item_name)):
        return Use(file, node, f"{item_name}=", written, "")
    if text == written and (is_own or is_secret_name(name)):
        return Use(file, node, "", written, "")
    if _is_distinctive(written) and re.search(WORD.replace("value", re.escape(written)), text):
        is_run = any(step in node.route for step in ("command", "entrypoint", "healthcheck"))
        return Use(file, node, "", written, "") if is_run else None
    return None


def _is_distinctive(value: str) -> bool:
    """Whether a word in a command can only be this password."""
    return len(value) >= 8 and not value.isalpha()
