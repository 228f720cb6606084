"""Where a secret goes when it leaves the stack's files, and what other checkouts need to know.

One value has one home, however many places use it: before a new name is made, the names under which
the stack keeps the same value already are asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from fixer.changes import Change, CreateFile, EditYaml, EnsureLine, SetVariable
from fixer.documents.yaml import Append, Operation, Set
from fixer.secret_names import is_secret_name
from fixer.stack import ComposeFile, Service, Stack
from fixer.stack.discovery import DEFAULT_NAMES
from fixer.stack.examples import example_of
from fixer.stack.merging import join
from fixes.secrets._weak import is_well_known

OWNER_ONLY = 0o600
SECRETS_FOLDER = "secrets"
MOUNTED = "/run/secrets/"


class Home(NamedTuple):
    """Where a value lives from now on: the name of a variable in `.env` or of a Compose secret, and
    the changes that put it there, none where it is there already. `mounted` is where a container has
    the secret, if not at the usual place."""

    name: str
    changes: tuple[Change, ...]
    mounted: str = ""

    @property
    def reference(self) -> str:
        """What stands in a Compose file in the place of the value, for a variable."""
        return f"${{{self.name}:?set {self.name} in .env}}"

    @property
    def path(self) -> str:
        """Where a container reads the value, for a secret."""
        return self.mounted or f"{MOUNTED}{self.name}"


def variable_for(
    stack: Stack, value: str, *suggested: str, files: Iterable[ComposeFile] = ()
) -> Home | None:
    """Give the variable of the project's `.env` that holds a value: the one that does so already, else
    the first of those suggested that is free. `files` are the Compose files that get to read it, if
    not the stack's first one. None where no name is free, or where git tracks the `.env`."""
    if not is_well_known(value):
        held = [name for name, each in stack.environment.items() if each == value]
        suggested = (*(set(held) & set(suggested)), *filter(is_secret_name, held), *suggested)
    for name in suggested:
        held_value = stack.environment.get(name)
        if held_value == value or not (held_value or is_optional(stack, name, value)):
            changes = to_dotenv(stack, name, value, list(files) or stack.files[:1])
            if changes is not None:
                return Home(name, tuple(changes))
    return None


def is_optional(stack: Stack, name: str, value: str) -> bool:
    """Say whether the stack's files do without a variable, and would not any more if it had the
    value."""
    default = re.escape(value.replace("$", "$$"))
    elsewhere = rf"(?<!\$)(?:\$\$)*\$(\{{{name}(?!\w|:?\?|:?-{default}\}})|{name}\b)"
    return any(re.search(elsewhere, file.document.source.text) for file in stack.related_files)


def secret_for(service: Service, value: str, suggested: str, by_root: bool) -> Home | None:
    """Give the Compose secret that holds a value, with the changes that let the service read it: one
    that the stack declares already, else `suggested`, in small letters.

    `by_root` says that root reads it in the container. A file's secret keeps its owner and mode there,
    so that others read one that Compose copies from a variable of `.env` instead, which it cannot do
    where the container's file system is read-only. None where there is no such way.
    """
    stack, path = service.stack, declaring_file(service).path
    targets = {each.source: each.target for each in service.secrets}
    for name, declaration in stack.declarations("secret").items():
        kept_in, variable = stack.file_of(declaration), declaration.value.get("environment")
        kept = stack.repository.read(kept_in) if kept_in else None
        if kept is not None and kept.decode("utf-8", "replace").strip() == value and by_root:
            return Home(name, granted(service, path, name, None), targets.get(name, ""))
        if variable is not None and stack.environment.get(variable.text) == value:
            return Home(name, granted(service, path, name, None), targets.get(name, ""))
    name = suggested.lower()
    if stack.declares("secret", name):
        return None
    if by_root:
        kept_file = to_file(stack, name, value, declaring_file(service))
        grant = granted(service, path, name, {"file": f"./{secret_path(name)}"})
        return Home(name, (*grant, *kept_file)) if kept_file is not None else None
    read_only = service.value.get("read_only")
    home = variable_for(stack, value, suggested.upper(), files=[declaring_file(service)])
    if home is None or (read_only is not None and read_only.data is True):
        return None
    source = {"environment": home.name}
    return Home(name, (*granted(service, path, name, source), *home.changes))


def to_dotenv(stack: Stack, name: str, value: str, files: Iterable[ComposeFile]) -> list[Change] | None:
    """Give the changes that keep a value in the `.env` of each project that reads it in one of these
    files, which git ignores, and only its name in `.env.example`. None where git tracks a `.env`
    already, or where one has another value under the name."""
    changes: list[Change] = []
    wanted, repository = {file.path for file in files}, stack.repository
    reading = [(each, file) for each in stack.related for file in each.files if file.path in wanted]
    if any(each.environment_of(file).get(name, value) not in ("", value) for each, file in reading):
        return None
    # What includes a file overrides its variables, so that they stand in both `.env`, with one value.
    paths = [join(each.project_directory, ".env") for each, _ in reading]
    for each, file in reading:
        runs_alone = file.path.rpartition("/")[2] in DEFAULT_NAMES
        if runs_alone or repository.exists(each.dotenv_of(file)):
            paths.append(each.dotenv_of(file))
    for path in dict.fromkeys(paths):
        folder = path.rpartition("/")[0]
        if repository.exists(path) and repository.is_tracked(path):
            return None
        changes.append(SetVariable(path, name, value, OWNER_ONLY))
        if not repository.is_ignored(path):
            changes.append(EnsureLine(join(folder, ".gitignore"), path.rpartition("/")[2]))
        changes.append(SetVariable(example_of(repository, path) or f"{path}.example", name, ""))
    return changes


def to_file(stack: Stack, name: str, value: str, file: ComposeFile) -> list[Change] | None:
    """Give the changes that keep a value in a file of its own, which git ignores, below the folder that
    a Compose file's paths start from. The file has no newline at its end, since some programs would
    take it for a part of the password. None where another file stands there."""
    folder = stack.folder_of(file)
    path = join(folder, secret_path(name))
    changes: list[Change] = []
    kept = stack.repository.read(path)
    if kept is None:
        changes.append(CreateFile(path, value.encode(), OWNER_ONLY))
    elif kept != value.encode():
        return None
    if not stack.repository.is_ignored(path):
        changes.append(EnsureLine(join(folder, ".gitignore"), f"{SECRETS_FOLDER}/"))
    return changes


def secret_path(name: str) -> str:
    """Give the path of a secret's file, relative to the project's folder."""
    return f"{SECRETS_FOLDER}/{name}.txt"


def granted(
    service: Service, path: str, name: str, source: Mapping[str, str | bool] | None
) -> tuple[EditYaml, ...]:
    """Give the edit of a Compose file that lets a service read a secret, and declares it from its
    source where one is given and nothing does so yet; none where nothing is left to do."""
    operations: list[Operation] = []
    if all(reference.source != name for reference in service.secrets):
        operations.append(Append(("services", service.name, "secrets"), name))
    if source is not None and not service.stack.declares("secret", name):
        operations.append(Set(("secrets", name), dict(source)))
    return (EditYaml(path, tuple(operations)),) if operations else ()


def declaring_file(service: Service) -> ComposeFile:
    """Give the first file of a service in which a declaration counts: of one that is only
    extended, nothing but the service does."""
    return next(file for file in service.files if service.stack.contributes(file))
