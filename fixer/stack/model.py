"""A stack and its services, as questions in the field's own words.

Every answer keeps the value it was read from, so that a fix can say where it stands and edit it.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping as Map
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from fixer.documents.yaml.tree import Mapping
from fixer.stack.files import SECTIONS, ComposeFile
from fixer.stack.interpolation import InterpolationError, interpolate, variables
from fixer.stack.merging import Unfolder, join, keyed, split_mount
from fixer.stack.repository import Repository
from fixer.stack.values import Value

if TYPE_CHECKING:
    from fixer.documents.dockerfile import DockerfileDocument

DEFAULT_DOCKERFILE = "Dockerfile"
REMOTE = (
    "http://", "https://", "git://", "git@", "ssh://", "github.com/", "docker-image://",
    "oci-layout://", "target:", "service:",
)  # fmt: skip
"""What a build context starts with where it is no folder of this machine."""


class Declaration(NamedTuple):
    """A volume, network, secret or config that the stack declares."""

    name: str
    value: Value
    external: bool


class Image(NamedTuple):
    """An image's name: `registry/repository:tag@digest`. `repository` has no registry of Docker's
    own and no `library/`."""

    text: str
    repository: str
    tag: str
    digest: str
    value: Value


class Build(NamedTuple):
    """How a service's image is built. `context` and `dockerfile_path` are relative to the root;
    they are None where the context is remote, outside the root or not known."""

    context: str | None
    dockerfile: str
    dockerfile_path: str | None
    target: str | None
    args: dict[str, Value]
    inline: bool
    value: Value


class EnvironmentVariable(NamedTuple):
    """A variable of a container. `text` is its value as written, None where the list form takes it
    from the shell; `value` is interpolated. `at` is the scalar: the value in map form, the whole
    `KEY=value` in list form."""

    name: str
    text: str | None
    value: str
    form: str
    at: Value


class Mount(NamedTuple):
    """Something mounted into a container. `kind` is `bind`, `volume`, `anonymous`, `tmpfs` or
    another type of the long form. `source` and `target` are interpolated; `path` is a bind's source
    relative to the root, None where that leads outside. `form` is `short` or `long`."""

    kind: str
    source: str
    target: str
    read_only: bool
    path: str | None
    form: str
    at: Value


class Port(NamedTuple):
    """A published port. Numbers stay text, since they may be ranges; `published` is empty where
    Docker chooses."""

    host_ip: str
    published: str
    target: str
    protocol: str
    form: str
    at: Value


class Command(NamedTuple):
    """A command. `form` is `exec` for a list, `shell` for a text, which Compose splits into words
    without running a shell."""

    form: str
    words: list[str]
    text: str
    at: Value


class Healthcheck(NamedTuple):
    """A health check; `test` is None where only its timing is set."""

    test: Command | None
    disabled: bool
    value: Value


class Reference(NamedTuple):
    """A service's use of a secret or config."""

    source: str
    target: str
    at: Value


class EnvironmentFile(NamedTuple):
    """A file that a service reads variables from; `path` is relative to the root or None."""

    text: str
    path: str | None
    required: bool
    at: Value


class Service:
    """One service of the merged stack."""

    def __init__(self, name: str, value: Value, stack: Stack) -> None:
        self.name = name
        self.value = value
        self.stack = stack

    @cached_property
    def files(self) -> tuple[ComposeFile, ...]:
        """The stack's files that say something about the service, in merge order."""
        return tuple(file for file in self.stack.files if self.name in file.services)

    def written_in(self, file: ComposeFile) -> Mapping | None:
        """Give the service as one file writes it."""
        return file.services.get(self.name)

    def value_in(self, file: ComposeFile) -> Value | None:
        """Give the service as one file alone says it, merge keys followed."""
        mapping = self.written_in(file)
        return Unfolder().value(mapping, file) if mapping is not None else None

    @cached_property
    def image(self) -> Image | None:
        """The image that is named, also where it is built here."""
        value = self.value.get("image")
        if value is None or not isinstance(value.data, str):
            return None
        text = self.stack.interpolate(value.data)
        name, _, digest = text.partition("@")
        head, slash, last = name.rpartition("/")
        last, _, tag = last.partition(":")
        repository = f"{head}{slash}{last}"
        for prefix in ("docker.io/", "index.docker.io/", "registry.hub.docker.com/", "library/"):
            repository = repository.removeprefix(prefix)
        return Image(text, repository, tag, digest, value)

    @cached_property
    def build(self) -> Build | None:
        """How the image is built, or None where it is only pulled."""
        value = self.value.get("build")
        if value is None or value.data is None:
            return None
        context = value if isinstance(value.data, str) else value.get("context")
        text = self.stack.interpolate(str(context.data)) if context else "."
        source = context or value
        folder = None if text.startswith(REMOTE) else self.stack.resolve(text, source.file)
        named = value.get("dockerfile")
        dockerfile = self.stack.interpolate(str(named.data)) if named else DEFAULT_DOCKERFILE
        path = None
        if folder is not None and not dockerfile.startswith("/"):
            path = self.stack.inside(join(folder, dockerfile))
        target, arguments = value.get("target"), value.get("args")
        return Build(
            context=folder,
            dockerfile=dockerfile,
            dockerfile_path=path,
            target=self.stack.interpolate(str(target.data)) if target else None,
            args=keyed(arguments, "build.args") if arguments else {},
            inline=value.get("dockerfile_inline") is not None,
            value=value,
        )

    @cached_property
    def environment(self) -> dict[str, EnvironmentVariable]:
        """The variables under `environment`, by name."""
        value = self.value.get("environment")
        found: dict[str, EnvironmentVariable] = {}
        for name, each in keyed(value, "environment").items() if value else ():
            if isinstance(each.node.step, int):
                name, equals, text = each.text.partition("=")
                form, written = "list", text if equals else None
            else:
                form, written = "map", None if each.data is None else each.text
            resolved = self.stack.interpolate(written or "")
            found[name] = EnvironmentVariable(name, written, resolved, form, each)
        return found

    @cached_property
    def mounts(self) -> list[Mount]:
        """What `volumes` and `tmpfs` mount, in that order."""
        volumes, temporary = self.value.get("volumes"), self.value.get("tmpfs")
        found = [self._mount(item) for item in volumes.items()] if volumes else []
        if temporary is not None:
            items = [temporary] if isinstance(temporary.data, str) else list(temporary.items())
            for item in items:
                target = self.stack.interpolate(str(item.data)).partition(":")[0]
                found.append(Mount("tmpfs", "", target, False, None, "short", item))
        return found

    def _mount(self, item: Value) -> Mount:
        if isinstance(item.data, dict):
            texts = {
                key: self.stack.interpolate(str(value.data))
                for key, value in item.entries()
                if not isinstance(value.data, dict | list)
            }
            kind, source = texts.get("type", "volume"), texts.get("source", "")
            kind = "anonymous" if kind == "volume" and not source else kind
            target, form = texts.get("target", ""), "long"
            read_only = texts.get("read_only", "").lower() == "true"
        else:
            source, target, mode = self._short_mount(str(item.data))
            kind = "bind" if is_path(source) else "volume" if source else "anonymous"
            form, read_only = "short", "ro" in mode.split(",")
        path = self.stack.resolve(source, item.file) if kind == "bind" else None
        return Mount(kind, source, target.rstrip("/") or target, read_only, path, form, item)

    def _short_mount(self, text: str) -> tuple[str, str, str]:
        parts = [self.stack.interpolate(part) for part in split_mount(text)]
        if len(parts) == 1:
            # A variable may hold both sides.
            parts = split_mount(parts[0])
        if len(parts) == 1:
            return "", parts[0], ""
        return parts[0], parts[1], parts[2] if len(parts) > 2 else ""

    @property
    def named_mounts(self) -> list[Mount]:
        """The mounts of named volumes."""
        return [mount for mount in self.mounts if mount.kind == "volume" and mount.source]

    @property
    def bind_mounts(self) -> list[Mount]:
        """The mounts of files and folders of the host."""
        return [mount for mount in self.mounts if mount.kind == "bind"]

    @cached_property
    def ports(self) -> list[Port]:
        """The published ports."""
        value = self.value.get("ports")
        return [self._port(item) for item in value.items()] if value else []

    def _port(self, item: Value) -> Port:
        if isinstance(item.data, dict):
            texts = {key: self.stack.interpolate(str(each.data)) for key, each in item.entries()}
            protocol = texts.get("protocol", "tcp")
            host, published = texts.get("host_ip", ""), texts.get("published", "")
            return Port(host, published, texts.get("target", ""), protocol, "long", item)
        text, _, protocol = self.stack.interpolate(item.text).partition("/")
        head, _, target = text.rpartition(":")
        host, _, published = head.rpartition(":")
        return Port(host.strip("[]"), published, target, protocol or "tcp", "short", item)

    @cached_property
    def command(self) -> Command | None:
        """What the container runs, if the stack says so."""
        return self._command(self.value.get("command"))

    @cached_property
    def entrypoint(self) -> Command | None:
        """What starts the command, if the stack says so."""
        return self._command(self.value.get("entrypoint"))

    def _command(self, value: Value | None) -> Command | None:
        if value is None or value.data is None:
            return None
        if isinstance(value.data, list):
            words = [self.stack.interpolate(item.text) for item in value.items()]
            return Command("exec", words, shlex.join(words), value)
        text = self.stack.interpolate(str(value.data))
        try:
            words = shlex.split(text)
        except ValueError:
            words = text.split()
        return Command("shell", words, text, value)

    @cached_property
    def healthcheck(self) -> Healthcheck | None:
        """The health check that the stack sets; an image may have its own."""
        value = self.value.get("healthcheck")
        if value is None or not isinstance(value.data, dict):
            return None
        test, disabled = self._command(value.get("test")), value.get("disable")
        is_none = test is not None and test.words[:1] == ["NONE"]
        return Healthcheck(test, is_none or (disabled is not None and disabled.data is True), value)

    @cached_property
    def networks(self) -> dict[str, Value]:
        """The networks that the service is on; `default` where it names none."""
        value = self.value.get("networks")
        if value is not None and not value.is_empty:
            return keyed(value, "networks")
        return {} if self.value.get("network_mode") else {"default": self.value}

    @cached_property
    def depends_on(self) -> dict[str, str]:
        """The services that start before this one, with the condition waited for."""
        value = self.value.get("depends_on")
        found: dict[str, str] = {}
        for name, each in keyed(value, "depends_on").items() if value else ():
            condition = each.get("condition")
            found[name] = str(condition.data) if condition else "service_started"
        return found

    @cached_property
    def secrets(self) -> list[Reference]:
        """The secrets that the container can read."""
        return self._references("secrets", "/run/secrets/")

    @cached_property
    def configs(self) -> list[Reference]:
        """The configs that the container can read."""
        return self._references("configs", "/")

    def _references(self, section: str, folder: str) -> list[Reference]:
        value = self.value.get(section)
        found: list[Reference] = []
        for item in value.items() if value else ():
            source, target = item.get("source"), item.get("target")
            name = str(source.data) if source else item.text
            path = str(target.data) if target else name
            found.append(Reference(name, path if path.startswith("/") else folder + path, item))
        return found

    @cached_property
    def env_files(self) -> list[EnvironmentFile]:
        """The files named under `env_file`."""
        value = self.value.get("env_file")
        items = [] if value is None else [value] if value.text else list(value.items())
        found: list[EnvironmentFile] = []
        for item in items:
            path, required = item.get("path"), item.get("required")
            text = self.stack.interpolate(str(path.data) if path else item.text)
            needed = required is None or required.data is not False
            found.append(EnvironmentFile(text, self.stack.resolve(text, item.file), needed, item))
        return found


class Stack:
    """What one `docker compose -f A -f B` loads: files in merge order and the merged services.

    `strategies` holds what the user chose where a fix has more than one way. `related` are the
    stacks of the repository that have a file in common with this one, itself included: what must
    be the same everywhere, as a secret, is decided over all of them.
    """

    def __init__(
        self,
        files: tuple[ComposeFile, ...],
        merged: Value,
        repository: Repository,
        project_directory: str,
        environment: Map[str, str],
        folders: Map[str, str],
        contributing: frozenset[ComposeFile],
    ) -> None:
        self.files = files
        self.merged = merged
        self.repository = repository
        self.project_directory = project_directory
        self.environment = environment
        self._folders = folders
        self._contributing = contributing
        self.strategies: Map[str, str] = {}
        self.related: tuple[Stack, ...] = (self,)

    @cached_property
    def services(self) -> dict[str, Service]:
        """The services by name."""
        section = self.merged.get("services")
        return {
            name: Service(name, value, self)
            for name, value in (section.entries() if section else ())
            if isinstance(value.data, dict)
        }

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

    def bases(self, file: ComposeFile) -> tuple[ComposeFile, ...]:
        """Give the files that are merged before this one."""
        return self.files[: self.files.index(file)] if file in self.files else ()

    @cached_property
    def related_files(self) -> tuple[ComposeFile, ...]:
        """The files of all related stacks, each once."""
        return tuple(dict.fromkeys(file for each in self.related for file in each.files))

    def contributes(self, file: ComposeFile) -> bool:
        """Say whether what a file declares counts in this stack. Of one that is only named by
        `extends`, nothing but the extended service does."""
        return file in self._contributing

    def interpolate(self, text: str) -> str:
        """Replace a text's variables by their values; a text that is malformed stays as it is."""
        try:
            return interpolate(text, self.environment)
        except InterpolationError:
            return text

    def dockerfile(self, path: str) -> DockerfileDocument | None:
        """Give a Dockerfile of the repository, or None where there is none that BuildKit reads."""
        content = self.repository.read(path)
        if content is None:
            return None
        from fixer.documents.dockerfile import DockerfileDocument, DockerfileSyntaxError

        try:
            return DockerfileDocument(content)
        except DockerfileSyntaxError:
            return None

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

    def inside(self, path: str) -> str | None:
        """Give a path that is relative to the root, or None where it leads outside."""
        return None if path == ".." or path.startswith(("../", "/")) else path


def is_path(source: str) -> bool:
    """Say whether the source of a short mount is a path rather than a volume's name."""
    return source.startswith((".", "/", "~", "\\")) or source[1:3] in (":\\", ":/")
