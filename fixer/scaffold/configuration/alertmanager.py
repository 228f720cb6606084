"""Alertmanager: one receiver for everything."""

from __future__ import annotations

from fixer.scaffold.configuration.writing import Writer, configured
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack


def _alertmanager(stack: Stack, service: Service, mount: Mount) -> Files:
    return configured(
        service,
        mount,
        "alertmanager.yml",
        render("alertmanager/alertmanager.yml.j2"),
    )


WRITERS: dict[str, Writer] = {"alertmanager": _alertmanager}
