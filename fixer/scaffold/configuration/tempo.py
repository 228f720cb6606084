"""Tempo: one server that takes traces by OTLP and keeps them on its own disk."""

from __future__ import annotations

from fixer.scaffold.configuration.writing import Writer, configured, data_folder
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack


def _tempo(stack: Stack, service: Service, mount: Mount) -> Files:
    folder = data_folder(service, "tempo", "/var/tempo")
    return configured(
        service,
        mount,
        "tempo.yaml",
        render("tempo/tempo.yaml.j2", folder=folder),
    )


WRITERS: dict[str, Writer] = {"tempo": _tempo}
