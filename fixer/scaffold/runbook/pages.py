"""What the pages say of a stack, in plain data."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from shlex import quote
from typing import NamedTuple

from fixer.scaffold.invocation import compose_command, files_to_make
from fixer.scaffold.ports import http_port
from fixer.scaffold.runbook.commands import Backup, backup_of
from fixer.scaffold.runbook.troubles import Trouble, troubles_of
from fixer.stack import Build, Mount, Port, Service, Stack

HEALTHY = "is healthy"
OF_THE_HOST = ("/var/run", "/run", "/proc", "/sys", "/dev", "/etc", "/var/lib/docker", "/tmp/.X11")
"""Folders by which a container looks at its host."""

NO_RESTART = ("no", "false")


class Entry(NamedTuple):
    """A service. `runs` is its image, or what it is built from; `addresses` are where the host answers
    for it; `data` is what outlives its containers, as source and path. `waits_for` are the services
    that it starts after, with what is waited for. `single` is why there can be one container only, empty
    where there may be more."""

    name: str
    runs: str
    is_built: bool
    is_store: bool
    addresses: tuple[str, ...]
    data: tuple[tuple[str, str], ...]
    waits_for: dict[str, str]
    networks: tuple[str, ...]
    profiles: tuple[str, ...]
    restarts: str
    is_checked: bool
    single: str
    files: tuple[str, ...]
    environment_files: tuple[str, ...]
    backup: Backup | None
    troubles: tuple[Trouble, ...]


class Variant(NamedTuple):
    """The stack with other files: how Compose is called for it, and how its services differ."""

    compose: str
    differences: str


class Page(NamedTuple):
    """A stack. `folder` is where the commands are run, `compose` how they begin. `copies` are the files
    to be made from examples before the first start, `options` those of `up`."""

    title: str
    folder: str
    compose: str
    options: str
    copies: tuple[tuple[str, str], ...]
    entries: tuple[Entry, ...]
    variants: tuple[Variant, ...]
    volumes: tuple[str, ...]
    networks: dict[str, tuple[str, ...]]
    profiles: dict[str, tuple[str, ...]]

    def waiting(self, name: str) -> list[str]:
        """Give the services that do not start before one is healthy."""
        return [each.name for each in self.entries if each.waits_for.get(name) == HEALTHY]

    @property
    def built(self) -> list[Entry]:
        """The services whose images are built here."""
        return [entry for entry in self.entries if entry.is_built]

    @property
    def pulled(self) -> list[Entry]:
        """The services whose images others make."""
        return [entry for entry in self.entries if not entry.is_built]

    @property
    def scalable(self) -> list[Entry]:
        """The services of which there may be more than one container."""
        return [entry for entry in self.entries if not entry.single]

    @property
    def singles(self) -> dict[str, list[str]]:
        """The other services, by the reason why there can be one container only."""
        found: dict[str, list[str]] = {}
        for entry in self.entries:
            if entry.single:
                found.setdefault(entry.single, []).append(entry.name)
        return found

    @property
    def kept(self) -> list[Entry]:
        """The services with data."""
        return [entry for entry in self.entries if entry.data or entry.backup]

    @property
    def restarts(self) -> bool:
        """Whether Docker starts any of the services again when it ends."""
        return any(entry.restarts for entry in self.entries)


def page_of(stack: Stack) -> Page:
    """Give what the pages say."""
    entries = tuple(_entry(service) for service in _in_order(stack))
    profiles: dict[str, list[str]] = {}
    networks: dict[str, list[str]] = {}
    for entry in entries:
        for profile in entry.profiles:
            profiles.setdefault(profile, []).append(entry.name)
        for network in entry.networks:
            networks.setdefault(network, []).append(entry.name)
    # With --wait, `up` fails where a container ends, also one whose work is done.
    stays = all(entry.restarts or entry.profiles for entry in entries)
    is_checked = any(entry.is_checked for entry in entries)
    return Page(
        title=_title(stack),
        folder=stack.project_directory,
        compose=compose_command(stack, stack.project_directory),
        options=" --wait" if stays and is_checked else "",
        copies=tuple(_copies(stack)),
        entries=entries,
        variants=tuple(_variants(stack)),
        volumes=tuple(stack.declarations("volume")),
        networks={name: tuple(names) for name, names in networks.items()},
        profiles={name: tuple(names) for name, names in profiles.items()},
    )


def _title(stack: Stack) -> str:
    name = stack.merged.get("name")
    if name is not None and stack.is_known(name.text):
        return stack.interpolate(name.text)
    return stack.project_directory.rpartition("/")[2] or stack.repository.root.name


def _in_order(stack: Stack) -> list[Service]:
    """The services in the order in which Compose starts them, as far as they wait for one another."""
    found: dict[str, Service] = {}
    left = dict(stack.services)
    while left:
        ready = [
            name for name, each in left.items() if not each.depends_on.keys() & left.keys() - {name}
        ]
        for name in ready or list(left):
            found[name] = left.pop(name)
    return list(found.values())


def _entry(service: Service) -> Entry:
    build, image = service.build, service.image
    facts = service.facts if build is None else None
    restart = service.value.get("restart")
    data = tuple(_data(service))
    health = service.healthcheck
    is_store = facts is not None and facts.is_store
    is_known = image is not None and service.stack.is_known(image.value.text)
    named = (image.text if is_known else image.value.text) if image else ""
    return Entry(
        name=service.name,
        runs=_built_from(build) if build else named,
        is_built=build is not None,
        is_store=is_store,
        addresses=tuple(_address(service, port) for port in service.ports),
        data=data,
        waits_for={name: _condition(each) for name, each in service.depends_on.items()},
        networks=tuple(service.networks),
        profiles=tuple(sorted(service.profiles)),
        restarts=restart.text if restart and restart.text not in NO_RESTART else "",
        is_checked=bool(health and health.test and not health.disabled),
        single=_single(service, bool(data) or is_store),
        files=tuple(_files(service)),
        environment_files=tuple(_inside(service, file.path) for file in service.env_files if file.path),
        backup=backup_of(service, facts.name) if facts else None,
        troubles=troubles_of(facts.name) if facts else (),
    )


def _built_from(build: Build) -> str:
    """The file that says how an image is built, empty where that is not in the repository."""
    return build.value.file.path if build.inline else build.dockerfile_path or ""


def _condition(condition: str) -> str:
    return {
        "service_healthy": HEALTHY,
        "service_completed_successfully": "has done its work",
    }.get(condition, "has started")


def _address(service: Service, port: Port) -> str:
    host = port.host_ip or "localhost"
    host = "localhost" if host in ("0.0.0.0", "127.0.0.1", "::", "::1") else host
    if not port.published:
        return f"a port that Docker chooses for {port.target}"
    if port.protocol != "tcp" or port.target != http_port(service):
        return f"{host}:{port.published}" + (f"/{port.protocol}" if port.protocol != "tcp" else "")
    return f"http://{host}" + ("" if port.published == "80" else f":{port.published}")


def _data(service: Service) -> Iterator[tuple[str, str]]:
    """What of a container outlives it, as source and path: volumes, where the image keeps its data, and
    folders of the host that git has nothing of."""
    kept = service.facts.data if service.facts else ()
    for mount in service.mounts:
        if mount.kind == "tmpfs" or mount.read_only:
            continue
        if mount.kind == "volume" or mount.target in kept or _is_for_data(service, mount):
            yield _source(service, mount), mount.target


def _is_for_data(service: Service, mount: Mount) -> bool:
    repository = service.stack.repository
    if not service.stack.is_known((mount.at.get("source") or mount.at).text):
        # Whoever runs the stack says where: nothing of the repository.
        return True
    if mount.kind != "bind" or mount.source.startswith(OF_THE_HOST) or mount.source == "/":
        return False
    path = mount.path
    return path is None or not (repository.is_file(path) or repository.below(path))


def _source(service: Service, mount: Mount) -> str:
    written = mount.at.get("source") or mount.at
    if not service.stack.is_known(written.text):
        return written.text.partition(f":{mount.target}")[0]
    return _inside(service, mount.path) if mount.path else mount.source or "a volume without a name"


def _files(service: Service) -> Iterator[str]:
    """The files and folders of the host that a container reads."""
    for mount in service.bind_mounts:
        if mount.path and mount.read_only and mount.path != service.stack.project_directory:
            yield _inside(service, mount.path)


def _inside(service: Service, path: str) -> str:
    """A path as seen from the project's folder."""
    return os.path.relpath(path, service.stack.project_directory or ".")


def _single(service: Service, has_data: bool) -> str:
    """Why there can be one container of a service only."""
    if service.value.get("container_name") is not None:
        return "the container has a name of its own"
    if any(port.published and "-" not in port.published for port in service.ports):
        return "a fixed port of the host"
    if has_data:
        return "data that is for one container"
    return ""


def _copies(stack: Stack) -> Iterator[tuple[str, str]]:
    """The files of variables that have an example, as example and file."""
    folder = stack.project_directory or "."
    for path, example, _ in files_to_make(stack):
        if example:
            yield quote(os.path.relpath(example, folder)), quote(os.path.relpath(path, folder))


def _variants(stack: Stack) -> Iterator[Variant]:
    """The other stacks of the project with this one's base file."""
    for other in stack.related:
        is_ours = other.project_directory == stack.project_directory
        if other is stack or not is_ours or other.named[0] != stack.named[0]:
            continue
        command = compose_command(other, stack.project_directory)
        yield Variant(command, _differences(stack, other))


def _differences(stack: Stack, other: Stack) -> str:
    added = [name for name in other.services if name not in stack.services]
    gone = [name for name in stack.services if name not in other.services]
    changed = [
        name
        for name, service in other.services.items()
        if name in stack.services and service.value.plain() != stack.services[name].value.plain()
    ]
    told = (("adds", added), ("leaves out", gone), ("changes", changed))
    return "; ".join(f"{verb} {listed(names)}" for verb, names in told if names) or "changes no service"


def listed(names: Iterable[str]) -> str:
    """Give names as a text: `a`, `b` and `c`."""
    quoted = [f"`{name}`" for name in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)
