"""From a list of Compose files to a stack: documents read, `extends` and `include` followed."""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
from contextlib import suppress

from fixer.documents.source import Position
from fixer.documents.yaml.tree import Mapping, YamlDocument, YamlSyntaxError
from fixer.place import Place, Problem
from fixer.stack.files import ComposeFile, Include
from fixer.stack.interpolation import InterpolationError, interpolate
from fixer.stack.merging import StackTooLarge, Unfolder, join, merge, without_tags
from fixer.stack.model import Stack
from fixer.stack.repository import Repository
from fixer.stack.values import Value

MAXIMUM_INCLUDES = 1000
"""A stack with more includes than this is made to be large."""


class Loader:
    """Reads Compose files, each once, and keeps what could not be read as problems. `broken` are the
    texts that are no YAML."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.problems: list[Problem] = []
        self.broken: dict[str, bytes] = {}
        self._files: dict[str, ComposeFile | None] = {}

    def file(self, path: str) -> ComposeFile | None:
        """Give a Compose file, or None where it is missing or cannot be read as YAML."""
        if path not in self._files:
            self._files[path] = self._read(path)
        return self._files[path]

    def _read(self, path: str) -> ComposeFile | None:
        read = self.repository.parsed(path, _compose_file)
        if isinstance(read, ComposeFile):
            return read
        if read is not None:
            self.broken[path] = self.repository.read(path) or b""
            message = f"not readable as YAML: {read.message}"
            self.problems.append(Problem(Place(path, read.position), message))
        elif self.repository.is_file(path):
            message = "cannot be read: it is too large, or its permissions forbid it"
            self.problems.append(Problem(Place(path, Position(1, 1)), message))
        return None

    def stack(self, files: Sequence[ComposeFile]) -> Stack | None:
        """Give the stack that the files make together, or None where it is too large."""
        try:
            return _Assembly(self, files).stack()
        except StackTooLarge as error:
            message = str(error)
        except RecursionError:
            message = "the files or services of this stack include or extend one another too deeply"
        self.problems.append(Problem(Place(files[0].path, Position(1, 1)), message))
        return None


def _compose_file(path: str, content: bytes) -> ComposeFile | YamlSyntaxError:
    try:
        return ComposeFile(path, YamlDocument(content))
    except YamlSyntaxError as error:
        return error


class _Assembly:
    """The making of one stack."""

    def __init__(self, loader: Loader, named: Sequence[ComposeFile]) -> None:
        self.loader = loader
        self.named = named
        self.project_directory = named[0].folder
        self.environment = _dotenv(loader.repository, join(self.project_directory, ".env"), {})
        self.unfolder = Unfolder()
        self.folders: dict[str, str] = {}
        self.environments: dict[str, Map[str, str]] = {}
        self.dotenvs: dict[str, str] = {}
        self.services: dict[str, Value | None] = {}
        self.members: list[ComposeFile] = []
        self.included: list[ComposeFile] = []

    def stack(self) -> Stack:
        files = self.named
        merged: Value | None = None
        for file in files:
            value = self._file_value(file, (file.path,))
            if value is not None:
                merged = merge(merged, value)
        if merged is None:
            root = files[0].document.root
            merged = Value({}, root or Mapping(0, 0, None, None, False), files[0], False)
        members = tuple(dict.fromkeys([*self.members, *files]))
        return Stack(
            members,
            merged,
            self.loader.repository,
            self.project_directory,
            self.environment,
            self.folders,
            self.environments,
            self.dotenvs,
            frozenset([*files, *self.included]),
            tuple(file.path for file in files),
        )

    def _file_value(self, file: ComposeFile, trail: tuple[str, ...]) -> Value | None:
        """Everything one file says: its documents over what it includes."""
        included = self._included(file, trail)
        value = included
        for root in file.document.roots:
            if isinstance(root, Mapping):
                own = self._with_extends(self.unfolder.value(root, file), file)
                value = merge(value, own) if value else own
        return value

    def _included(self, file: ComposeFile, trail: tuple[str, ...]) -> Value | None:
        merged: Value | None = None
        for include in file.includes():
            other = self._other(file, include.path)
            if other is None or other.path in trail:
                continue
            if len(self.included) == MAXIMUM_INCLUDES:
                raise StackTooLarge(f"{file.path} is in a stack of over {MAXIMUM_INCLUDES:,} includes")
            self.included.append(other)
            self._settle(file, other, include)
            value = self._file_value(other, (*trail, other.path))
            if value is not None:
                merged = merge(merged, value) if merged else without_tags(value)
        return merged

    def _other(self, file: ComposeFile, path: str) -> ComposeFile | None:
        """The file that another one includes or extends."""
        try:
            text = interpolate(path, self.environments.get(file.path, self.environment))
        except InterpolationError:
            return None
        other = self.loader.file(join(self.folders.get(file.path, self.project_directory), text))
        if other is not None and other.path not in self.folders and other not in self.named:
            self.members.append(other)
            self.folders[other.path] = other.folder
            self.environments[other.path] = self.environments.get(file.path, self.environment)
            if file.path in self.dotenvs:
                self.dotenvs[other.path] = self.dotenvs[file.path]
        return other

    def _settle(self, file: ComposeFile, other: ComposeFile, include: Include) -> None:
        """Note where an included file's paths start from, and what its variables are: its project's
        own, under those of the file that includes it."""
        folder = self.folders.get(file.path, self.project_directory)
        project = other.folder
        if include.project_directory is not None:
            project = join(folder, include.project_directory)
        above = self.environments.get(file.path, self.environment)
        own: dict[str, str] = {}
        names = [join(folder, name) for name in include.env_files] or [join(project, ".env")]
        for name in names:
            own |= _dotenv(self.loader.repository, name, above)
        self.folders[other.path] = project
        self.environments[other.path] = {**own, **above}
        self.dotenvs[other.path] = names[0]

    def _with_extends(self, value: Value, file: ComposeFile) -> Value:
        services = value.get("services")
        if services is not None and isinstance(services.data, dict):
            self.services[file.path] = services
            for name in services.data:
                self._extended(name, services, file, ())
        return value

    def _services(self, file: ComposeFile) -> Value | None:
        """The services of a file that is extended, unfolded once."""
        if file.path not in self.services:
            root = file.root
            self.services[file.path] = self.unfolder.value(root, file).get("services") if root else None
        return self.services[file.path]

    def _extended(self, name: str, services: Value, file: ComposeFile, trail: tuple[str, ...]) -> Value:
        """A service over the one that it extends. It takes the service's place, without `extends`, so
        that those which extend it find it done. An `extends` that leads nowhere stays, in these too."""
        service: Value = services.data[name]
        extends, place = service.get("extends"), f"{file.path}#{name}"
        base = None
        if extends is not None and place not in trail:
            base = self._base(extends, services, file, (*trail, place))
        if base is None:
            return service
        self.unfolder.add(base.size, file)
        extended = merge(base, _without_extends(service), "") or service
        services.data[name] = extended
        return extended

    def _base(
        self, extends: Value, services: Value, file: ComposeFile, trail: tuple[str, ...]
    ) -> Value | None:
        """The service that another one extends, or None where there is none."""
        named, path = extends.get("service"), extends.get("file")
        name = str(named.data if named else extends.data)
        found: Value | None = services
        other: ComposeFile | None = file
        if path is not None:
            other = self._other(file, str(path.data))
            found = self._services(other) if other else None
        if found is None or other is None or found.get(name) is None:
            return None
        return self._extended(name, found, other, trail)


def _without_extends(service: Value) -> Value:
    kept = {key: each for key, each in service.entries() if key != "extends"}
    return Value(kept, service.node, service.file, service.shared)


def _dotenv(repository: Repository, path: str, known: Map[str, str]) -> dict[str, str]:
    """The variables of a `.env` file, which may use the ones that are `known`."""
    content = repository.read(path)
    if content is None:
        return {}
    from fixer.documents.dotenv import DotenvDocument

    variables: dict[str, str] = {}
    document = DotenvDocument(content)
    for variable in document.variables:
        written = document.source.text[variable.start : variable.end].partition("=")[2].lstrip()
        value = variable.value
        # Single quotes keep a `$` as it is.
        if not written.startswith("'"):
            with suppress(InterpolationError):
                value = interpolate(value, {**variables, **known})
        variables[variable.name] = value
    return variables
