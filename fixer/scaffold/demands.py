"""What the stacks ask of an image that is to be built: ports, stages, arguments, mounts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fixer.scaffold.fastcgi import fastcgi_root
from fixer.scaffold.ports import listening_ports
from fixer.secret_names import is_secret_name
from fixer.stack import Service, Stack
from fixer.stack.interpolation import variables

DEVELOPMENT = ("development", "develop", "dev", "local", "debug")
BUILD = ("build", "builder", "base", "deps", "dependencies", "install")
PROGRAMS = ("curl", "wget", "nc", "pg_isready", "mysqladmin", "redis-cli")
"""What health checks call, and images may have not."""

SECRET = r"(?i)://[^/\s@]*:[^/\s@]+@|(password|passwd|pass|secret|token|api[-_]?key)[= ]"
"""What a command has that holds a password: a URL's login, an option."""

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
PATH = r"/[\w.@+~/-]*"
"""What of an argument's name and of a path needs no quotes in a Dockerfile; what does is left out."""

HEALTH_PATH = r"http://(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::\d+)?(/[\w./-]*)"


SYSTEM = r"/(?:bin|boot|dev|etc|lib\w*|proc|root|run|sbin|sys|tmp|usr(?!/src)|var(?!/www))(?:/|\Z)"
"""Folders of an image in which no application has its sources."""


class Demands(NamedTuple):
    """What the services that are built from one Dockerfile ask of it. All are empty where there is no
    service.

    `name` is the service's that runs the image's own command, else the first one's. `command` are the
    words that this service runs in place of the image's command, as far as they are no secret. `ports`
    are those that are listened on, the likeliest to serve the application first. `health_path` is what
    the stack's own health check asks for. `targets` are the stages that are built. `arguments` are the
    names of build arguments that hold no secret. `sources` are the container's paths where the context
    is mounted, `around` those around files and folders of it that are mounted, `data` those of volumes,
    which must be writable. `user` is who the stack has the container run as, `UID` or `UID:GID`.
    `is_shared` says that some of the services run something else than what listens, for which a health
    check of the image would fail. `programs` are those that the stack's health checks call in the
    container. `neighbours` are the names of the images that the stacks' other services run, without
    registry and owner. `root` is the folder of pages that a web server of the stack names where it
    speaks FastCGI to one of the services, empty where none does.
    """

    name: str = ""
    ports: tuple[str, ...] = ()
    health_path: str = ""
    targets: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    user: str = ""
    read_only: bool = False
    is_shared: bool = False
    programs: tuple[str, ...] = ()
    neighbours: tuple[str, ...] = ()
    root: str = ""

    @property
    def port(self) -> str:
        """The port that most likely serves the application, empty where none is known."""
        return self.ports[0] if self.ports else ""

    @property
    def folder(self) -> str:
        """Where the mounts have the sources in the container, empty where they do not tell."""
        return next(iter((*self.sources, *self.around)), "")

    @property
    def development(self) -> str:
        """The name of the stage for development, empty where none is asked for."""
        return next((name for name in self.targets if name.lower() in DEVELOPMENT), "")

    @property
    def build(self) -> str:
        """The name of the stage that builds."""
        asked = (name for name in self.targets if name.lower() in BUILD and name != self.final)
        return next(asked, "build" if self.final.lower() != "build" else "builder")

    @property
    def final(self) -> str:
        """The name that the last stage has to have, empty where it needs none. A name that sounds like
        building is the last stage's where nothing else is: what runs is what is asked for."""
        others = [name for name in self.targets if name != self.development]
        return next((name for name in others if name.lower() not in BUILD), "") or (*others, "")[0]

    @property
    def further(self) -> tuple[str, ...]:
        """The names of stages that are neither of these three."""
        known = (self.development, self.build, self.final)
        return tuple(name for name in self.targets if name not in known)


def demands_of(stack: Stack, dockerfile: str) -> Demands:
    """Give what all services of the related stacks ask that are built from a Dockerfile."""
    services = (*stack.services.values(), *stack.related_services)
    built = [
        service
        for service in services
        if service.build is not None and service.build.dockerfile_path == dockerfile
    ]
    if not built:
        return Demands()
    first = next((each for each in built if each.command is None), built[0])
    tests = [each.healthcheck.test.text for each in built if each.healthcheck and each.healthcheck.test]
    paths = [path for test in tests for path in re.findall(HEALTH_PATH, test)]
    builds = [each.build for each in built if each.build is not None]
    return Demands(
        name=first.name,
        ports=_unique(port for each in built for port in listening_ports(each) if _is_port(port)),
        health_path=next(iter(paths), ""),
        targets=_unique(build.target for build in builds if build.target),
        arguments=_unique(
            name
            for build in builds
            for name in build.args
            if re.fullmatch(NAME, name) and not is_secret_name(name)
        ),
        command=tuple(_command(first)),
        sources=_plain(path for each in built for path in _sources(each)),
        around=_plain(path for each in built for path in _around(each)),
        data=_plain(mount.target for each in built for mount in each.named_mounts),
        user=_unique(_user(each) for each in built)[0],
        is_shared=any(each.command and not listening_ports(each) for each in built),
        read_only=any(_is_read_only(each) for each in built),
        programs=tuple(
            name for name in PROGRAMS if any(re.search(rf"(?<![\w-]){name}\b", test) for test in tests)
        ),
        neighbours=_unique(
            each.image.repository.rpartition("/")[2]
            for each in services
            if each.image and not each.build
        ),
        root=next((root for each in built if (root := fastcgi_root(each, services))), ""),
    )


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _command(service: Service) -> list[str]:
    """The words of the service's command; none where they hold a secret, or may hold one since a file
    sets them that is not under version control: a Dockerfile is read by everyone."""
    command = service.command
    if command is None or re.search(SECRET, " ".join(command.words)):
        return []
    texts = [item.text for item in command.at.items()] or [command.at.text]
    used = [each for text in texts for each in variables(text)]
    return [] if any(is_secret_name(each.name) or not each.operator for each in used) else command.words


def _plain(paths: Iterable[str]) -> tuple[str, ...]:
    return _unique(path for path in paths if re.fullmatch(PATH, path))


def _is_port(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,5}", text) is not None and 0 < int(text) < 65536


def _sources(service: Service) -> list[str]:
    """Where the build's context, as a whole, is mounted."""
    context = service.build.context if service.build else None
    return [mount.target for mount in service.bind_mounts if (mount.path or ".") == (context or ".")]


def _around(service: Service) -> Iterator[str]:
    """Where the context would be mounted, as its parts show that are mounted under their own paths."""
    context = (service.build.context if service.build else None) or "."
    for mount in service.bind_mounts:
        if mount.path is None:
            continue
        below = posixpath.relpath(mount.path or ".", context)
        folder = mount.target.removesuffix(f"/{below}")
        if folder and folder != mount.target and not re.match(SYSTEM, folder):
            yield folder


def _user(service: Service) -> str:
    value = service.value.get("user")
    text = service.stack.interpolate(value.text) if value else ""
    return text if re.fullmatch(r"[0-9]+(:[0-9]+)?", text) else ""


def _is_read_only(service: Service) -> bool:
    value = service.value.get("read_only")
    return value is not None and value.data is True
