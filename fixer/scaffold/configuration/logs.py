"""Where a collector of logs finds them in its container, and the Loki that it sends them to."""

from __future__ import annotations

import re
from typing import NamedTuple

from fixer.scaffold.configuration.writing import neighbours, running
from fixer.stack import Service

SOCKETS = ("/var/run/docker.sock", "/run/docker.sock")


class Logs(NamedTuple):
    """What a collector can read: Docker's socket, or the files in which Docker keeps what containers
    print, and folders of log files. All are empty where they are not mounted."""

    loki: str
    socket: str
    containers: str
    folders: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to read, or nobody to send it to."""
        return not self.loki or not (self.socket or self.containers or self.folders)


def logs_of(service: Service) -> Logs:
    """Give what a collector of logs can read."""
    targets = [each.target for each in service.mounts]
    loki = running(neighbours(service), "grafana/loki")
    socket = next((each for each in targets if each in SOCKETS), "")
    containers = next((each for each in targets if each.endswith("/docker/containers")), "")
    folders = [
        each
        for each in targets
        if re.search(r"(?i)logs?(/|\Z)", each) and each not in (socket, containers)
    ]
    return Logs(loki[0].name if loki else "", socket, "" if socket else containers, tuple(folders))
