"""A stack: what one `docker compose` invocation loads, merged, with what fixes ask of it."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Map
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from fixer.documents.yaml.tree import Alias
from fixer.stack.files import SECTIONS, ComposeFile
from fixer.stack.interpolation import InterpolationError, interpolate, variables
from fixer.stack.merging import join
from fixer.stack.repository import Repository
from fixer.stack.service import Service
from fixer.stack.values import Value

if TYPE_CHECKING:
    from fixer.documents.dockerfile import DockerfileDocument
    from fixer.documents.dockerignore import IgnoreFile


REMOTE = ("git@", "github.com", "oci:")
"""What else than a scheme a Compose file that is fetched can start with."""


class Declaration(NamedTuple):
    """A volume, network, secret or config that the stack declares."""

    name: str
    value: Value
    external: bool


class Stack:
    """What one `docker compose -f A -f B` loads: files in merge order and the merged services.

    `strategies` holds what the user chose where a fix has more than one way. `related` are the
    stacks of the repository that have a file or the project's folder in common with this one, itself
    included: what must be the same everywhere, as a secret, is decided over all of them. `found` are
    all the stacks that this run looks at.
    """

    def __init__(
        self,
        files: tuple[ComposeFile, ...],
        merged: Value,
        repository: Repository,
        project_directory: str,
        environment: Map[str, str],
        folders: Map[str, str],
        environments: Map[str, Map[str, str]],
        dotenvs: Map[str, str],
        contributing: frozenset[ComposeFile],
        named: tuple[str, ...],
    ) -> None:
        self.files = files
        self.merged = merged
        self.repository = repository
        self.project_directory = project_directory
        self.environment = environment
        self._folders = folders
        self._environments = environments
        self._dotenvs = dotenvs
        self._contributing = contributing
        self.named = named
        self.strategies: Map[str, str] = {}
        self.related: tuple[Stack, ...] = (self,)
        self.found: tuple[Stack, ...] = (self,)

    @cached_property
    def services(self) -> dict[str, Service]:
        """The services by name."""
        section = self.merged.get("services")
        return {
            name: Service(name, value, self)
            for name, value in (section.entries() if section else ())
            if isinstance(value.data, dict)
        }

    def value_at(self, path: Iterable[str]) -> Value | None:
        """Give the merged value at a place that is named by keys, or None where there is none."""
        value: Value | None = self.merged
        for key in path:
            value = value.get(key) if value is not None else None
        return value

    def declarations(self, kind: str) -> dict[str, Declaration]:
        """Give what the stack declares of a kind: `volume`, `network`, `secret` or `config`."""
        section = self.merged.get(SECTIONS[kind])
        found: dict[str, Declaration] = {}
        for name, value in section.entries() if section else ():
            external = value.get("external")
            is_external = external is not None and external.data not in (False, None)
            found[name] = Declaration(name, value, is_external)
        return found

    def declares(self, kind: str, name: str) -> bool:
        """Say whether the stack declares a volume, network, secret or config of that name."""
        return name in self.declarations(kind)

    @cached_property
    def missing(self) -> frozenset[tuple[str, str]]:
        """What services name and nothing in the stack declares, as kind (`service`, `volume`,
        `network`, `secret` or `config`) and name."""
        named: set[tuple[str, str]] = set()
        for service in self.services.values():
            named |= {("service", name) for name in service.depends_on}
            named |= {("volume", mount.source) for mount in service.named_mounts}
            named |= {("network", name) for name in service.networks if name != "default"}
            named |= {("secret", reference.source) for reference in service.secrets}
            named |= {("config", reference.source) for reference in service.configs}
        declared = {("service", name) for name in self.services}
        declared |= {(kind, name) for kind in SECTIONS for name in self.declarations(kind)}
        return frozenset(named - declared)

    def bases(self, file: ComposeFile) -> tuple[ComposeFile, ...]:
        """Give the files that are merged before this one."""
        return self.files[: self.files.index(file)] if file in self.files else ()

    @cached_property
    def related_services(self) -> tuple[Service, ...]:
        """The services of all related stacks: one that several stacks load is there for each."""
        return tuple(service for each in self.related for service in each.services.values())

    @cached_property
    def found_services(self) -> tuple[Service, ...]:
        """The services of all stacks that this run looks at, as above."""
        return tuple(service for each in self.found for service in each.services.values())

    @cached_property
    def related_files(self) -> tuple[ComposeFile, ...]:
        """The files of all related stacks, each once."""
        return tuple(dict.fromkeys(file for each in self.related for file in each.files))

    @cached_property
    def is_confined(self) -> bool:
        """Whether what Compose reads to resolve the stack lies below the root and has an end: nothing is
        included, extended or taken for an environment from a URL or from outside, and no alias stands
        inside of what it stands for."""
        paths: list[str | None] = []
        for file in self.files:
            if any(isinstance(each, Alias) and each.is_circular for each in file.document.walk()):
                return False
            named = [*(each.path for each in file.includes()), *file.extended_files()]
            paths += [self.resolve(self.interpolate(each, file), file) for each in named if each]
            remote = [each for each in named if "://" in each or each.startswith(REMOTE)]
            paths += [None for _ in remote]
        paths += [each.path for service in self.services.values() for each in service.env_files]
        return None not in paths

    @property
    def larger(self) -> list[Stack]:
        """The related stacks that lay further files over this one's."""
        own = set(self.named)
        return [each for each in self.related if own < set(each.named)]

    def loading(self, path: str) -> list[Stack]:
        """Give the related stacks that load a file."""
        return [each for each in self.related if any(file.path == path for file in each.files)]

    @cached_property
    def sources(self) -> frozenset[str]:
        """The files and folders of the repository that Compose, a build or a container reads, or would
        read if they were there."""
        found: set[str | None] = {file.path for file in self.files}
        for file in self.files:
            named = [*(each.path for each in file.includes()), *file.extended_files()]
            found |= {self.resolve(self.interpolate(each, file), file) for each in named}
            found.add(self.dotenv_of(file))
        for service in self.services.values():
            if service.build is not None:
                found |= {service.build.context, service.build.dockerfile_path}
                contexts = service.build.value.get("additional_contexts")
                found |= {self._path(each) for _, each in (contexts.entries() if contexts else ())}
            found |= {each.path for each in service.env_files}
            found |= {each.path for each in service.bind_mounts}
        for kind in ("secret", "config"):
            found |= {self.file_of(each) for each in self.declarations(kind).values()}
        return frozenset(path for path in found if path is not None)

    def reads(self, path: str) -> bool:
        """Say whether a file of the repository is part of the stack, or the folder of a submodule has
        such a file."""
        if path in self.sources or any(each.startswith(f"{path}/") for each in self.sources):
            return True
        above = {"/".join(path.split("/")[:end]) for end in range(path.count("/") + 1)}
        folders = {each for each in self.sources if each.removeprefix(".") in above}
        return any(not self._leaves_out(folder, path) for folder in folders)

    def _leaves_out(self, folder: str, path: str) -> bool:
        """Whether a folder is read by builds alone that do not get a file of it."""
        ignoring = self._contexts.get(folder)
        if ignoring is None or path.endswith(".dockerignore"):
            return False
        inside = path.removeprefix(f"{folder}/")
        return all(each.leaves_out(inside) for each in ignoring)

    @cached_property
    def _contexts(self) -> dict[str, list[IgnoreFile]]:
        """What each build of a folder leaves out. A folder that is mounted, too, is none."""
        from fixer.documents.dockerignore import IgnoreFile

        contexts: dict[str, list[IgnoreFile]] = {}
        for service in self.services.values():
            build = service.build
            if build is not None and build.context is not None:
                names = f"{build.dockerfile_path}.dockerignore", join(build.context, ".dockerignore")
                texts = [each for name in names if (each := self.repository.read(name)) is not None]
                text = texts[0].decode("utf-8", "replace") if texts else ""
                contexts.setdefault(build.context, []).append(IgnoreFile(text))
        mounted = {each.path for service in self.services.values() for each in service.bind_mounts}
        return {folder: found for folder, found in contexts.items() if folder not in mounted}

    def is_touched(self, changed: Iterable[str]) -> bool:
        """Say whether one of the changed paths is part of the stack, or was one: an override."""
        folders = {path.rpartition("/")[0] for path in self.named}
        return any(
            self.reads(path) or (path.rpartition("/")[0] in folders and self._is_gone_file(path))
            for path in changed
        )

    def _is_gone_file(self, path: str) -> bool:
        return "compose" in path.rpartition("/")[2] and not self.repository.exists(path)

    def contributes(self, file: ComposeFile) -> bool:
        """Say whether what a file declares counts in this stack. Of one that is only named by
        `extends`, nothing but the extended service does."""
        return file in self._contributing

    def environment_of(self, file: ComposeFile) -> Map[str, str]:
        """Give the variables that a file of the stack can use: an included one has its own."""
        return self._environments.get(file.path, self.environment)

    def dotenv_of(self, file: ComposeFile) -> str:
        """Give the path of the file that variables of a file of the stack come from: the project's
        `.env`, or that of an included one's own project."""
        return self._dotenvs.get(file.path, join(self.project_directory, ".env"))

    def interpolate(self, text: str, file: ComposeFile | None = None) -> str:
        """Replace a text's variables by their values in the project, or in `file`, which if it is
        included has its own. A text that is malformed stays as it is."""
        try:
            return interpolate(text, self.environment_of(file) if file else self.environment)
        except InterpolationError:
            return text

    def dockerfile(self, path: str) -> DockerfileDocument | None:
        """Give a Dockerfile of the repository, or None where there is none that BuildKit reads."""
        return self.repository.parsed(path, _dockerfile)

    def is_known(self, text: str) -> bool:
        """Say whether every variable of a text has a value, so that its meaning does not depend on
        who runs the stack."""
        try:
            found = variables(text)
        except InterpolationError:
            return False
        return all(each.operator.endswith("-") or each.name in self.environment for each in found)

    def folder_of(self, file: ComposeFile) -> str:
        """Give the folder that a file's relative paths start from: the project's, or its own for a
        file that is included or extended."""
        return self._folders.get(file.path, self.project_directory)

    def resolve(self, path: str, file: ComposeFile) -> str | None:
        """Give a path that a file of the stack names, relative to the root; None where it leads
        outside."""
        if not path or path.startswith(("/", "~", "\\")) or path[1:2] == ":":
            return None
        return self.inside(join(self.folder_of(file), path))

    def file_of(self, declaration: Declaration) -> str | None:
        """Give the file that a secret or config is taken from, relative to the root; None where it comes
        from elsewhere."""
        file = declaration.value.get("file")
        return self._path(file) if file else None

    def _path(self, value: Value) -> str | None:
        return self.resolve(self.interpolate(value.text, value.file), value.file)

    def inside(self, path: str) -> str | None:
        """Give a path that is relative to the root, or None where it leads outside."""
        return None if path == ".." or path.startswith(("../", "/")) else path


def _dockerfile(path: str, content: bytes) -> DockerfileDocument | None:
    from fixer.documents.dockerfile import DockerfileDocument, DockerfileSyntaxError

    try:
        return DockerfileDocument(content)
    except DockerfileSyntaxError:
        return None
