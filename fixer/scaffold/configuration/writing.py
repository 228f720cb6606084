"""What the writers of configuration share."""

from __future__ import annotations

import re
from collections.abc import Callable

from fixer.scaffold.files import Files
from fixer.stack import Mount, Service, Stack
from fixer.stack.merging import join

Writer = Callable[[Stack, Service, Mount], Files]
"""Gives the files that belong at a service's mount, none where the mount means something else."""


def placed(mount: Mount, name: str, text: str) -> Files:
    """One file at the mount's source, or of that name in it where the mount is a folder."""
    path = mount.path or ""
    name_of_mount = path.rpartition("/")[2]
    is_file = "." in name_of_mount and not name_of_mount.endswith(".d")
    is_file = is_file or mount.target.endswith(f"/{name}")
    return {path if is_file else join(path, name): text}


def configured(service: Service, mount: Mount, name: str, text: str) -> Files:
    """As `placed`, a file in a folder being called what the command calls it."""
    command = " ".join(service.command.words) if service.command else ""
    found = re.search(rf"(?:[=\s]|\A){re.escape(mount.target)}/([\w.-]+\.\w+)(?:\s|\Z)", command)
    return placed(mount, found[1] if found else name, text)


def neighbours(service: Service) -> list[Service]:
    """The services of the stack that a service can reach: those on a network of its own."""
    return [
        each
        for each in service.stack.services.values()
        if each is not service and each.networks.keys() & service.networks.keys()
    ]


def running(services: list[Service], *repositories: str) -> list[Service]:
    """Those of the services that run one of the images."""
    return [each for each in services if each.image and each.image.repository in repositories]


def on_the_host(service: Service) -> str:
    """Give the name that a service has for the machine it runs on, empty where it has none."""
    value = service.value.get("extra_hosts")
    entries = [f"{name}:{each.text}" for name, each in value.entries()] if value else []
    entries += [each.text for each in value.items()] if value else []
    gateways = [each for each in entries if each.endswith("host-gateway")]
    return next((re.split("[:=]", each)[0] for each in gateways), "")


def version_of(service: Service) -> tuple[int, ...]:
    """Give the version that an image's tag begins with, empty where it names none (`latest`)."""
    tag = service.image.tag if service.image else ""
    found = re.match(r"v?(\d+(?:\.\d+)*)", tag)
    return tuple(map(int, found[1].split("."))) if found else ()


def data_folder(service: Service, word: str, default: str) -> str:
    """Give the path of the mount that a program can keep its data in: one with its name, or `data`,
    in the target, which its user may write to. `default`, its image's own, where there is none."""
    found = [
        each.target
        for each in service.mounts
        if not each.read_only
        and not each.target.startswith("/etc/")
        and "." not in each.target
        and _may_write(service, each)
    ]
    return next((each for each in found if word in each or "data" in each), default)


def _may_write(service: Service, mount: Mount) -> bool:
    """Whether a new volume is the user's: it is root's where the image has no folder of its own."""
    user, facts = service.value.get("user"), service.facts
    if user is not None:
        is_root = user.text.partition(":")[0] in ("0", "root")
    else:
        is_root = facts is None or facts.user is None or facts.user.starts_as_root
    return is_root or mount.kind != "volume" or (facts is not None and mount.target in facts.data)
