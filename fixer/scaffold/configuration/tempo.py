"""Tempo: one server that takes traces by OTLP and keeps them on its own disk."""

from __future__ import annotations

from fixer.scaffold.configuration.writing import Writer, data_folder, placed
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack


def _tempo(stack: Stack, service: Service, mount: Mount) -> Files:
    folder = data_folder(service, "tempo", "/tmp/tempo")
    return placed(mount, "tempo.yaml", render("tempo/tempo.yaml.j2", folder=folder))


WRITERS: dict[str, Writer] = {"tempo": _tempo}
