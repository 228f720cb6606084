"""From a list of Compose files to a stack: documents read, `extends` and `include` followed."""

from __future__ import annotations

from collections.abc import Sequence

from fixer.documents.source import Position
from fixer.documents.yaml.tree import Mapping, YamlDocument, YamlSyntaxError
from fixer.place import Place, Problem
from fixer.stack.files import ComposeFile
from fixer.stack.interpolation import InterpolationError, interpolate
from fixer.stack.merging import StackTooLarge, Unfolder, join, merge, without_tags
from fixer.stack.model import Stack
from fixer.stack.repository import Repository
from fixer.stack.values import Value

MAXIMUM_FILES = 200
"""A stack that includes or extends more files than this includes itself."""


class Loader:
    """Reads Compose files, each once, and keeps what could not be read as problems."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.problems: list[Problem] = []
        self._files: dict[str, ComposeFile | None] = {}

    def file(self, path: str) -> ComposeFile | None:
        """Give a Compose file, or None where it is missing or cannot be read as YAML."""
        if path not in self._files:
            self._files[path] = self._read(path)
        return self._files[path]

    def _read(self, path: str) -> ComposeFile | None:
        content = self.repository.read(path)
        if content is None:
            return None
        try:
            return ComposeFile(path, YamlDocument(content))
        except YamlSyntaxError as error:
            message = f"not readable as YAML: {error.message}"
            self.problems.append(Problem(Place(path, error.position), message))
            return None

    def stack(self, files: Sequence[ComposeFile]) -> Stack | None:
        """Give the stack that the files make together, or None where it is too large."""
        try:
            return _Assembly(self, files[0].folder).stack(files)
        except (StackTooLarge, RecursionError) as error:
            place = Place(files[0].path, Position(1, 1))
            self.problems.append(Problem(place, str(error) or "the stack is nested too deeply"))
            return None


class _Assembly:
    """The making of one stack."""

    def __init__(self, loader: Loader, project_directory: str) -> None:
        self.loader = loader
        self.project_directory = project_directory
        self.environment = _dotenv(loader.repository, join(project_directory, ".env"))
        self.unfolder = Unfolder()
        self.folders: dict[str, str] = {}
        self.members: list[ComposeFile] = []
        self.included: list[ComposeFile] = []

    def stack(self, files: Sequence[ComposeFile]) -> Stack:
        merged: Value | None = None
        for file in files:
            value = self._file_value(file, ())
            if value is not None:
                merged = merge(merged, value)
        if merged is None:
            root = files[0].document.root
            assert root is not None
            merged = Value({}, root, files[0], False)
        members = tuple(dict.fromkeys([*self.members, *files]))
        return Stack(
            members,
            merged,
            self.loader.repository,
            self.project_directory,
            self.environment,
            self.folders,
            frozenset([*files, *self.included]),
            tuple(file.path for file in files),
        )

    def _file_value(self, file: ComposeFile, trail: tuple[str, ...]) -> Value | None:
        """Everything one file says: its documents over what it includes."""
        included = self._included(file, trail)
        value = included
        for root in file.document.roots:
            if isinstance(root, Mapping):
                own = self._with_extends(self.unfolder.value(root, file), file, trail)
                value = merge(value, own) if value else own
        return value

    def _included(self, file: ComposeFile, trail: tuple[str, ...]) -> Value | None:
        merged: Value | None = None
        for path, folder in file.includes():
            other = self._other(file, path, (*trail, file.path), folder)
            if other is None:
                continue
            self.included.append(other)
            value = self._file_value(other, (*trail, file.path))
            if value is not None:
                merged = merge(merged, value) if merged else without_tags(value)
        return merged

    def _other(
        self, file: ComposeFile, path: str, trail: tuple[str, ...], project: str | None = None
    ) -> ComposeFile | None:
        """The file that another one includes or extends. Its paths start from `project`, where that
        is named, else from its own folder."""
        try:
            text = interpolate(path, self.environment)
        except InterpolationError:
            return None
        folder = self.folders.get(file.path, self.project_directory)
        target = join(folder, text)
        if target in trail or len(trail) > MAXIMUM_FILES:
            return None
        other = self.loader.file(target)
        if other is not None and other not in self.members:
            self.members.append(other)
            self.folders[other.path] = other.folder if project is None else join(folder, project)
        return other

    def _with_extends(self, value: Value, file: ComposeFile, trail: tuple[str, ...]) -> Value:
        services = value.get("services")
        if services is None or not isinstance(services.data, dict):
            return value
        for name in services.data:
            services.data[name] = self._extended(name, services, file, (*trail, file.path))
        return value

    def _extended(self, name: str, services: Value, file: ComposeFile, trail: tuple[str, ...]) -> Value:
        service: Value = services.data[name]
        extends = service.get("extends")
        if extends is None or f"{file.path}#{name}" in trail:
            return service
        trail = (*trail, f"{file.path}#{name}")
        named, path = extends.get("service"), extends.get("file")
        base_name = str(named.data if named else extends.data)
        base: Value | None = None
        if path is None:
            if base_name in services.data:
                base = self._extended(base_name, services, file, trail)
        elif (other := self._other(file, str(path.data), trail)) is not None:
            root = other.root
            found = self.unfolder.value(root, other).get("services") if root else None
            if found is not None and found.get(base_name):
                base = self._extended(base_name, found, other, trail)
        if base is None:
            return service
        kept = {key: each for key, each in base.entries() if key != "extends"}
        below = Value(kept, base.node, base.file, base.shared)
        return merge(below, service, "") or service


def _dotenv(repository: Repository, path: str) -> dict[str, str]:
    """The variables of a project's `.env`."""
    content = repository.read(path)
    if content is None:
        return {}
    from fixer.documents.dotenv import DotenvDocument

    variables: dict[str, str] = {}
    for variable in DotenvDocument(content).variables:
        try:
            variables[variable.name] = interpolate(variable.value, variables)
        except InterpolationError:
            variables[variable.name] = variable.value
    return variables
