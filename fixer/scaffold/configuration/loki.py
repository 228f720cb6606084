"""Loki: one server that keeps its logs on its own disk."""

from __future__ import annotations

from fixer.scaffold.configuration.writing import Writer, placed
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack


def _loki(stack: Stack, service: Service, mount: Mount) -> Files:
    tag = service.image.tag if service.image else ""
    schema = "v12" if tag.startswith(("1.", "2.")) else "v13"
    return placed(mount, "config.yaml", render("loki/config.yaml.j2", schema=schema))


WRITERS: dict[str, Writer] = {"loki": _loki}
