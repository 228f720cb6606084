"""How a service gets a value, so that another service can get it in the same way."""

from __future__ import annotations

import re
from typing import NamedTuple

from fixer.secret_names import is_secret_name
from fixer.stack import Service

REQUIREPASS = (
    r"--requirepass[ =]+[\"']?(?:\$\$\(cat (?P<path>[^\s)]+)\)|\$\$\{?(?P<own>\w+)\}?"
    r"|(?P<text>\$\{[^}]*\}|[^\s\"']+))"
)


class VariableFile(NamedTuple):
    """A file of variables as another service names it, `path` from the same folder."""

    path: str
    required: bool


class Given(NamedTuple):
    """How a value comes to a service, one of these: `text` as Compose reads it under `environment`,
    variables included; `secret`, by name, with the `path` of its file; `variable`, which is set by the
    files `env_files`. `required` is the variable in `text` that nobody sets yet."""

    text: str = ""
    secret: str = ""
    path: str = ""
    variable: str = ""
    env_files: tuple[VariableFile, ...] = ()
    required: str = ""

    @property
    def in_shell(self) -> str:
        """What the value is in a shell's command that Compose reads: `$$` stands for `$`."""
        return f"$$(cat {self.path})" if self.secret else f"$${self.variable}"


def given(service: Service, *names: str) -> Given | None:
    """Give how a service gets the first of these variables that it has, None where it has none."""
    facts = service.facts
    for name in names:
        variable = service.environment.get(name)
        twin = service.environment.get(facts.file_variables.get(name, "") if facts else "")
        if variable is not None and variable.text != "":
            return written(service, name, f"${{{name}}}" if variable.text is None else variable.text)
        if twin is not None:
            return from_secret(service, twin.value)
        if service.listed_variables.get(name):
            files = tuple(VariableFile(each.text, each.required) for each in service.env_files)
            return Given(variable=name, env_files=files)
    return None


def written(service: Service, name: str, text: str) -> Given:
    """Give a value as the stack writes it. A secret that stands there itself is not repeated: a
    variable has to have it."""
    if is_secret_name(name) and "$" not in text:
        return Given(text=f"${{{name}:?the password of {service.name}}}", required=name)
    return Given(text=text)


def from_secret(service: Service, path: str) -> Given | None:
    """Give the secret of the service that its container reads at a path."""
    for each in service.secrets:
        if each.target == path:
            return Given(secret=each.source, path=path)
    return None


def redis_password(service: Service) -> Given | None:
    """Give the password that a Redis server asks for: an option of its command, or a line of its
    configuration."""
    found = re.search(REQUIREPASS, _written_command(service))
    if found is None:
        contents = (service.stack.repository.searchable(each.path or "") for each in service.bind_mounts)
        is_set = any(re.search(rb"(?m)^\s*requirepass\s+\S", content or b"") for content in contents)
        return written(service, "REDIS_PASSWORD", "") if is_set else None
    if found["path"]:
        return from_secret(service, found["path"])
    if found["own"]:
        return given(service, found["own"])
    return written(service, "REDIS_PASSWORD", found["text"])


def _written_command(service: Service) -> str:
    """The command with its variables, which are not to be looked up here."""
    if service.command is None:
        return ""
    at = service.command.at
    return " ".join(item.text for item in at.items()) or at.text
