"""A service of the merged stack, as questions in the field's own words."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from fixer.documents.yaml.tree import Mapping
from fixer.images import ImageFacts, image_facts
from fixer.stack.files import SECTIONS, ComposeFile
from fixer.stack.merging import ListItem, Unfolder, join, keyed, split_mount
from fixer.stack.settings import (
    Build,
    Command,
    EnvironmentFile,
    EnvironmentVariable,
    Healthcheck,
    Image,
    Label,
    Mount,
    Port,
    Reference,
    Use,
)
from fixer.stack.values import Value, scalar_text

if TYPE_CHECKING:
    from fixer.stack.model import Stack

DEFAULT_DOCKERFILE = "Dockerfile"
REMOTE = (
    "http://", "https://", "git://", "git@", "ssh://", "github.com/", "docker-image://",
    "oci-layout://", "target:", "service:",
)  # fmt: skip
"""What a build context starts with where it is no folder of this machine."""

OF_SERVICE = "service:"
"""What a network mode or a build's context starts with where it is another service's."""

NO = ("false", "no", "n", "off")
"""What Compose takes for false where a text stands for a boolean."""

NETWORK_MODES = ("host", "none", "bridge")
"""Docker's own networks, which a service is on by its `network_mode`."""


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
    def profiles(self) -> frozenset[str]:
        """The profiles that the service belongs to; one without any always runs."""
        value = self.value.get("profiles")
        return frozenset(self._text(item) for item in value.items()) if value else frozenset()

    @property
    def replicas(self) -> int:
        """How many containers of the service run, where that is written as a number; else one."""
        deploy = self.value.get("deploy")
        for value in (self.value.get("scale"), deploy.get("replicas") if deploy else None):
            if value is not None and value.data is not None:
                text = self._text(value)
                return int(text) if text.isdecimal() else 1
        return 1

    def _text(self, value: Value) -> str:
        return self.stack.interpolate(value.text, value.file)

    @cached_property
    def image(self) -> Image | None:
        """The image that is named, also where it is built here."""
        value = self.value.get("image")
        if value is None or not isinstance(value.data, str):
            return None
        text = self._text(value)
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
        text = self._text(context) if context else "."
        source = context or value
        folder = None if text.startswith(REMOTE) else self.stack.resolve(text, source.file)
        named = value.get("dockerfile")
        dockerfile = self._text(named) if named else DEFAULT_DOCKERFILE
        path = None
        if folder is not None and not dockerfile.startswith("/"):
            path = self.stack.inside(join(folder, dockerfile))
        target, arguments = value.get("target"), value.get("args")
        return Build(
            context=folder,
            dockerfile=dockerfile,
            dockerfile_path=path,
            target=self._text(target) if target else None,
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
            if isinstance(each, ListItem):
                name, equals, text = each.text.partition("=")
                form, written = "list", text if equals else None
            else:
                form, written = "map", None if each.data is None else each.text
            resolved = scalar_text(each.data)
            if isinstance(each.data, str):
                resolved = self.stack.interpolate(written or "", each.file)
            found[name] = EnvironmentVariable(name, written, resolved, form, each)
        return found

    @property
    def facts(self) -> ImageFacts | None:
        """What is known of the image that the service runs by name; one that is built under that name
        may be another."""
        return image_facts(self.image.repository) if self.image else None

    @cached_property
    def listed_variables(self) -> dict[str, str]:
        """The variables of the files that the environment is read from, by name; later files count."""
        from fixer.documents.dotenv import DotenvDocument

        contents = [self.stack.repository.read(file.path) for file in self.env_files if file.path]
        documents = [DotenvDocument(content) for content in contents if content is not None]
        return {each.name: each.value for document in documents for each in document.variables}

    @property
    def labels(self) -> Iterator[Label]:
        """The labels of the container, then those of its deployment."""
        deploy = self.value.get("deploy")
        for path, value in (
            ("labels", self.value.get("labels")),
            ("deploy.labels", deploy.get("labels") if deploy else None),
        ):
            for name, each in keyed(value, path).items() if value else ():
                is_item = isinstance(each, ListItem)
                text = each.text.partition("=")[2] if is_item else each.text
                yield Label(name, text, "list" if is_item else "map", each)

    @cached_property
    def mounts(self) -> list[Mount]:
        """What `volumes` and `tmpfs` mount, in that order."""
        volumes, temporary = self.value.get("volumes"), self.value.get("tmpfs")
        found = [self._mount(item) for item in volumes.items()] if volumes else []
        if temporary is not None:
            items = [temporary] if isinstance(temporary.data, str) else list(temporary.items())
            for item in items:
                target = self._text(item).partition(":")[0]
                found.append(Mount("tmpfs", "", target, False, None, "short", item))
        return found

    def _mount(self, item: Value) -> Mount:
        if isinstance(item.data, dict):
            texts = {
                key: self._text(value)
                for key, value in item.entries()
                if not isinstance(value.data, dict | list)
            }
            kind, source = texts.get("type", "volume"), texts.get("source", "")
            kind = "anonymous" if kind == "volume" and not source else kind
            target, form = texts.get("target", ""), "long"
            read_only = texts.get("read_only", "").lower() == "true"
        else:
            source, target, mode = self._short_mount(item)
            kind = "bind" if is_path(source) else "volume" if source else "anonymous"
            form, read_only = "short", "ro" in mode.split(",")
        path = self.stack.resolve(source, item.file) if kind == "bind" else None
        return Mount(kind, source, target.rstrip("/") or target, read_only, path, form, item)

    def _short_mount(self, item: Value) -> tuple[str, str, str]:
        parts = [self.stack.interpolate(part, item.file) for part in split_mount(item.text)]
        if len(parts) == 1:
            # A variable may hold both sides.
            parts = split_mount(parts[0])
        if len(parts) == 1:
            return "", parts[0], ""
        return parts[0], parts[1], parts[2] if len(parts) > 2 else ""

    @property
    def named_mounts(self) -> list[Mount]:
        """The mounts of named volumes."""
        named = [mount for mount in self.mounts if mount.kind == "volume" and mount.source]
        return [mount for mount in named if not is_path(mount.source)]

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
            texts = {key: self._text(each) for key, each in item.entries()}
            protocol = texts.get("protocol", "tcp")
            host, published = texts.get("host_ip", ""), texts.get("published", "")
            return Port(host, published, texts.get("target", ""), protocol, "long", item)
        text, _, protocol = self._text(item).partition("/")
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
            words = [self._text(item) for item in value.items()]
            return Command("exec", words, shlex.join(words), value)
        text = self._text(value)
        try:
            words = shlex.split(text)
        except ValueError:
            words = text.split()
        return Command("shell", words, text, value)

    @property
    def starts_as_root(self) -> bool:
        """Whether nothing in the stack keeps the container's first process from reading a file that
        is another user's alone: it sets no user, and root keeps the capability for it."""
        dropped, added = self.value.get("cap_drop"), self.value.get("cap_add")
        drops_all = dropped is not None and "ALL" in [item.text.upper() for item in dropped.items()]
        kept = [item.text.upper().removeprefix("CAP_") for item in added.items()] if added else []
        can_read = not drops_all or "ALL" in kept or "DAC_OVERRIDE" in kept
        return self.value.get("user") is None and can_read

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
            found[name] = condition.text if condition else "service_started"
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
            name = source.text if source else item.text
            path = target.text if target else name
            found.append(Reference(name, path if path.startswith("/") else folder + path, item))
        return found

    def uses(self, kind: str) -> list[Use]:
        """Give where the service names what the stack declares of a kind: `volume`, `network`,
        `secret` or `config`."""
        if kind == "volume":
            return [
                Use(kind, mount.source, mount.at, mount.at.get("source") or mount.at)
                for mount in self.named_mounts
            ]
        if kind == "network":
            value = self.value.get("networks")
            return (
                [
                    Use(kind, name, each, each if isinstance(each, ListItem) else None)
                    for name, each in keyed(value, "networks").items()
                ]
                if value
                else []
            )
        found = [(kind, self.value.get(SECTIONS[kind]))]
        if kind == "secret" and self.build:
            found.append(("build secret", self.build.value.get("secrets")))
        return [
            Use(what, written.text, item, written)
            for what, value in found
            for item in (value.items() if value else ())
            for written in [item.get("source") or item]
        ]

    @cached_property
    def services_named(self) -> list[Use]:
        """Where the service names others, the setting as the `kind`. An `extends` that was followed
        is not among them."""
        found: list[Use] = []
        depends_on, build = self.value.get("depends_on"), self.value.get("build")
        for name, each in keyed(depends_on, "depends_on").items() if depends_on else ():
            written = each if isinstance(each, ListItem) else None
            text = self._text(each) if written else name
            found.append(Use("depends_on", text, each, written))
        for setting in ("links", "volumes_from"):
            items = self.value.get(setting)
            for item in items.items() if items else ():
                name = self._text(item).partition(":")[0]
                if setting == "links" or name != "container":
                    found.append(Use(setting, name, item, item))
        contexts = build.get("additional_contexts") if build else None
        texts = [(setting, self.value.get(setting)) for setting in ("network_mode", "ipc", "pid", "uts")]
        texts += [("additional_contexts", each) for _, each in (contexts.entries() if contexts else ())]
        for setting, value in texts:
            if value is not None and self._text(value).startswith(OF_SERVICE):
                name = self._text(value).removeprefix(OF_SERVICE)
                found.append(Use(setting, name, value, value))
        extends = self.value.get("extends")
        if extends is not None:
            named = extends.get("service") or extends
            found.append(Use("extends", self._text(named), extends, named))
        return found

    @cached_property
    def env_files(self) -> list[EnvironmentFile]:
        """The files named under `env_file`."""
        value = self.value.get("env_file")
        items = [] if value is None else [value] if isinstance(value.data, str) else list(value.items())
        found: list[EnvironmentFile] = []
        for item in items:
            path, required = item.get("path"), item.get("required")
            text = self._text(path or item)
            needed = required is None or self._text(required).lower() not in NO
            found.append(EnvironmentFile(text, self.stack.resolve(text, item.file), needed, item))
        return found


def is_path(source: str) -> bool:
    """Say whether the source of a short mount is a path rather than a volume's name."""
    return source.startswith((".", "/", "~", "\\")) or source[1:3] in (":\\", ":/")
