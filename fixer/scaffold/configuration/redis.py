"""Redis: a configuration that keeps what is written."""

from __future__ import annotations

from fixer.scaffold.configuration.writing import Writer, placed
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack


def _redis(stack: Stack, service: Service, mount: Mount) -> Files:
    return placed(mount, "redis.conf", render("redis/redis.conf.j2"))


WRITERS: dict[str, Writer] = {"redis": _redis}
