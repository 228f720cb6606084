"""What the writers of configuration share."""

from __future__ import annotations

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
    return {path if is_file else join(path, name): text}


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
