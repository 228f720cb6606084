"""The blackbox exporter: what it can ask from outside."""

from __future__ import annotations

from fixer.scaffold.configuration.writing import Writer, configured
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack


def _blackbox(stack: Stack, service: Service, mount: Mount) -> Files:
    return configured(service, mount, "config.yml", render("blackbox/config.yml.j2"))


WRITERS: dict[str, Writer] = {"blackbox-exporter": _blackbox}
