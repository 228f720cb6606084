"""ClickHouse: what the server listens on, and how much memory it takes."""

from __future__ import annotations

from fixer.scaffold.configuration.writing import Writer, placed
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack

FOLDER = "/etc/clickhouse-server/config.d"


def _server(stack: Stack, service: Service, mount: Mount) -> Files:
    if mount.target != FOLDER:
        # The image has files of its own there; what another one is for, its name may say.
        return {}
    return placed(mount, "server.xml", render("clickhouse/server.xml.j2"))


WRITERS: dict[str, Writer] = {"clickhouse": _server}
