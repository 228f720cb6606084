"""A password that is written out, as a file in the containers that use it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Map
from collections.abc import Sequence as List
from typing import NamedTuple

from fixer.changes import Change, EditYaml
from fixer.documents.yaml import Delete, Operation, Rename, Set
from fixer.finding import Safety
from fixer.stack import EnvironmentVariable, Service, Stack
from fixes.secrets._moving import MOUNTED, granted
from fixes.secrets._python import reading_file, reads_file
from fixes.secrets._uses import Use
from fixes.secrets._words import has_word
from fixes.secrets._wrapping import check_with, wrapped

SCRIPTS = (".sh", ".bash", ".mk", "Makefile", "justfile")
"""What the names of files end with that start commands."""

Source = Map[str, str | bool]
"""Where Compose takes a secret from: `file`, `environment` or `external` with its value."""


class Read(NamedTuple):
    """A variable of a service that has the password in it, as `text` in the Compose file with the
    password between `before` and `after`."""

    service: Service
    variable: EnvironmentVariable
    before: str
    after: str

    @property
    def file_variable(self) -> str | None:
        """The variable that names a file to read this one from, if the image has one and reads it as
        root: the file of a secret keeps its owner and mode in the container. None too where the health
        check or the command reads the variable itself."""
        service, variable = self.service, self.variable
        checks = service.healthcheck.test if service.healthcheck else None
        texts = [part.text for part in (checks, service.command, service.entrypoint) if part]
        facts = service.facts if not service.build else None
        name = facts.file_variables.get(variable.name) if facts else None
        if name is None or name in service.environment or self.before or self.after:
            return None
        if _is_set_elsewhere(service, variable) or _is_scripted(service, variable.name):
            return None
        is_read = facts is not None and facts.reads_files_as_root and service.starts_as_root
        return name if is_read and not any(variable.name in text for text in texts) else None


def _is_set_elsewhere(service: Service, variable: EnvironmentVariable) -> bool:
    """Whether the variable would have a value still if it went from here: from a file of variables, or
    from another Compose file over or under this one. Images do not start with both."""
    stack = service.stack
    loading = stack.loading(variable.at.file.path)
    others = [each.services.get(service.name) for each in loading]
    return variable.name in service.listed_variables or any(
        other is not None
        and variable.name in other.environment
        and other.environment[variable.name].at.at != variable.at.at
        for other in others
    )


def _is_scripted(service: Service, name: str) -> bool:
    """Whether a script reads the variable in the running container: one of the repository that starts a
    command there (`docker compose exec`), or one that is mounted, as for a health check. The image's own
    start lets those that fill a new database have it."""
    repository = service.stack.repository
    fills = "/docker-entrypoint-initdb.d"
    mounts = [each.path for each in service.bind_mounts if not each.target.startswith(fills)]
    mounted = {path for folder in mounts if folder for path in (folder, *repository.below(folder))}
    return any(
        has_word(content, name) and (path in mounted or b" exec " in content)
        for path in repository.files
        if path in mounted or path.endswith(SCRIPTS)
        if (content := repository.searchable(path)) is not None
    )


def reads(stack: Stack, uses: List[Use]) -> list[Read] | None:
    """Give the variables that have the password; None where it stands in something else too, or in a
    text that several services share."""
    found: dict[tuple[str, str], Read] = {}
    for use in uses:
        owners = {
            (service.name, variable.name): Read(service, variable, *_around(use, variable))
            for service in stack.related_services
            for variable in service.environment.values()
            if variable.at.file.path == use.file.path and variable.at.node.start == use.node.start
        }
        is_own = use.node.route[:1] == ("services",) and len(owners) == 1
        if not is_own or any(key in found for key in owners):
            return None
        found |= owners
    return list(found.values())


def _around(use: Use, variable: EnvironmentVariable) -> tuple[str, str]:
    """What stands before and behind the password in the variable's value."""
    before, _, after = (variable.text or "").partition(use.written)
    return before, after


class Road(NamedTuple):
    """The changes after which containers read a secret from a file; unsafe where code changes."""

    changes: list[Change]
    safety: Safety | None


def into_files(name: str, found: List[Read], source: Source) -> Road | None:
    """Give the road by which each container reads the secret `name`, from its source: by the variable
    that its image or its own code has for that, else by a shell that sets the variable and then starts
    the program. None where one cannot."""
    changes: list[Change] = []
    services: dict[str, list[Read]] = {}
    for each in found:
        services.setdefault(each.service.name, []).append(each)
    code: list[Change] = []
    for group in services.values():
        service = group[0].service
        texts: dict[str, str] = {}
        files = {each.variable.at.file for each in group}
        if len(files) > 1 or not service.stack.contributes(*files):
            return None  # What an extended file declares does not count.
        path = group[0].variable.at.file.path
        for each in group:
            at = each.variable.at
            taught = None if each.file_variable else _taught(each, name)
            if each.file_variable is not None or taught is not None:
                file_variable = each.file_variable or f"{each.variable.name}_FILE"
                changes.append(EditYaml(at.file.path, tuple(_renamed(each, file_variable, name))))
                code += taught or ()
                continue
            if re.search(r'["`\\]|(?<!\$)\$\$(?!\$)', each.before + each.after):
                return None
            texts[each.variable.name] = f"{each.before}$$(cat {MOUNTED}{name}){each.after}"
            changes.append(EditYaml(at.file.path, (Delete(at.route, at.node.document),)))
        if texts:
            started = wrapped(service, path, texts)
            check = check_with(service, path, texts)
            if started is None or check is None:
                return None
            changes += [started, *check]
        changes += granted(service, path, name, source)
    return Road([*changes, *code], Safety.UNSAFE if code else None)


def _taught(read: Read, name: str) -> tuple[Change, ...] | None:
    """The changes of a built service's code that let it read the secret's file, empty where it does so
    already; None where it is not plain how."""
    service, variable = read.service, read.variable.name
    if not service.build or read.before or read.after or f"{variable}_FILE" in service.environment:
        return None
    return () if reads_file(service, variable, name) else reading_file(service, variable, name)


def _renamed(read: Read, file_variable: str, name: str) -> Iterator[Operation]:
    at, path = read.variable.at, f"{MOUNTED}{name}"
    document = at.node.document
    if read.variable.form == "list":
        yield Set(at.route, f"{file_variable}={path}", document)
    else:
        yield Set(at.route, path, document)
        yield Rename(at.route, file_variable, document)


def read_by_root(found: List[Read]) -> bool:
    """Say whether root reads the secret in every container, so that a file may be its owner's alone."""
    return all(each.file_variable is not None for each in found)
