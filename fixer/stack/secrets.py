"""The secrets that stacks read from outside their Compose files, and what reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fixer.secret_names import is_secret_name, only_signs
from fixer.stack.interpolation import InterpolationError, variables
from fixer.stack.merging import join
from fixer.stack.model import Stack
from fixer.stack.service import Service
from fixer.stack.values import Value


class Reader(NamedTuple):
    """A service that reads a secret, and as what: a variable's name, a path in the container, or a
    setting (`command`, `build`)."""

    service: Service
    setting: str

    @property
    def rotation(self) -> str | None:
        """What a server that takes the secret for its own password needs for a new one, empty where a
        restart is enough; None where the reader is no such server."""
        service = self.service
        facts = service.facts if not service.build else None
        command = service.command.text if service.command else ""
        for sets, steps in facts.rotation.items() if facts else ():
            file = service.environment.get(facts.file_variables.get(sets, "")) if facts else None
            is_file = file is not None and file.value == self.setting
            is_option = sets in command and (self.setting == "command" or self.setting in command)
            if self.setting == sets or is_file or is_option:
                return steps.replace("{service}", service.name)
        return None


class KeptSecret(NamedTuple):
    """A secret that a stack reads. `kind` is `variable`, `file` or `external`; `path` is the file that
    holds it, relative to the root: that of variables, or one of its own. It is empty where Docker
    keeps the secret."""

    name: str
    kind: str
    path: str
    readers: tuple[Reader, ...]

    @property
    def rotation(self) -> dict[str, str]:
        """What the servers of which this is the password need for a new one, by service."""
        return {each.service.name: each.rotation for each in self.readers if each.rotation is not None}

    @property
    def is_own(self) -> bool:
        """Whether the value is nobody's but this stack's, so that a new one can be made up. An image of
        somebody else's may encrypt what it stores with the key by which the stack's own code only
        signs."""
        is_built = all(each.service.build is not None for each in self.readers)
        return bool(self.rotation) or (is_built and only_signs(self.name))


def kept_secrets(stacks: Iterable[Stack]) -> list[KeptSecret]:
    """Give the secrets of stacks, each once, in the order in which they are met."""
    found: dict[tuple[str, str, str], dict[tuple[str, str], Reader]] = {}
    for stack in stacks:
        for service in stack.services.values():
            for key, setting in (each for way in WAYS for each in way(service)):
                readers = found.setdefault(key, {})
                readers.setdefault((service.name, setting), Reader(service, setting))
    return [
        KeptSecret(name, kind, path, tuple(readers.values()))
        for (kind, path, name), readers in found.items()
    ]


_Read = tuple[tuple[str, str, str], str]
"""A secret by its kind, path and name, and the setting that reads it."""


def _variables(service: Service) -> Iterator[_Read]:
    """The variables of the project with secret names, or for a variable that has one."""
    path = join(service.stack.project_directory, ".env")
    for name, variable in service.environment.items():
        for each in _named(variable.text or ""):
            if is_secret_name(each) or is_secret_name(name):
                yield ("variable", path, each), name
        if variable.text is None and is_secret_name(name):
            yield ("variable", path, name), name
    for label in service.labels:
        if label.name.lower().endswith(".basicauth.users"):
            yield from ((("variable", path, each), label.name) for each in _named(label.text))
    for setting, value in service.value.entries():
        for text in _texts(value) if setting != "environment" else ():
            yield from (
                (("variable", path, each), setting) for each in _named(text) if is_secret_name(each)
            )


def _mounted(service: Service) -> Iterator[_Read]:
    """The files of a folder of secrets that are mounted by themselves."""
    for mount in service.bind_mounts:
        folder, _, name = (mount.path or "").rpartition("/")
        if folder.rpartition("/")[2] == "secrets" and service.stack.repository.is_file(
            f"{folder}/{name}"
        ):
            yield ("file", f"{folder}/{name}", name), mount.target


def _used(service: Service) -> Iterator[_Read]:
    """The variables with secret names in the volumes and configs of the service."""
    stack, path = service.stack, join(service.stack.project_directory, ".env")
    names = [("volume", each.source) for each in service.named_mounts]
    names += [("config", each.source) for each in service.configs]
    for kind, name in names:
        declaration = stack.declarations(kind).get(name)
        for text in _texts(declaration.value) if declaration else ():
            for each in filter(is_secret_name, _named(text)):
                yield ("variable", path, each), f"{kind} {name}"


def _declared(service: Service) -> Iterator[_Read]:
    """The secrets that Compose mounts into the container or its build."""
    stack, declared = service.stack, service.stack.declarations("secret")
    targets = {reference.source: reference.target for reference in service.secrets}
    for use in service.uses("secret"):
        declaration = declared.get(use.name)
        if declaration is None:
            continue
        setting = "build" if use.kind == "build secret" else targets[use.name]
        file, variable = declaration.value.get("file"), declaration.value.get("environment")
        if declaration.external:
            yield ("external", "", use.name), setting
        elif variable is not None:
            yield ("variable", join(stack.project_directory, ".env"), variable.text), setting
        elif file is not None:
            yield ("file", stack.file_of(declaration) or file.text, use.name), setting


def _listed(service: Service) -> Iterator[_Read]:
    """The variables with secret names in the files that the container's environment comes from."""
    for file in service.env_files:
        content = service.stack.repository.read(file.path) if file.path else None
        if file.path and content is not None:
            from fixer.documents.dotenv import DotenvDocument

            for variable in DotenvDocument(content).variables:
                if is_secret_name(variable.name):
                    yield ("variable", file.path, variable.name), variable.name


WAYS = (_variables, _declared, _mounted, _used, _listed)
"""How services come by secrets."""


def _named(text: str) -> Iterator[str]:
    """The variables that a text names, those in defaults too."""
    try:
        found = variables(text)
    except InterpolationError:
        return
    for each in found:
        yield each.name
        yield from _named(each.operand)


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value.data, str):
        yield value.text
    for each in (*value.items(), *(each for _, each in value.entries())):
        yield from _texts(each)
