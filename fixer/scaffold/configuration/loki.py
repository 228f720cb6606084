"""Loki: one server that keeps its logs on its own disk."""

from __future__ import annotations

from fixer.scaffold.configuration.writing import (
    Writer,
    configured,
    data_folder,
    version_of,
)
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack


def _loki(stack: Stack, service: Service, mount: Mount) -> Files:
    version = version_of(service)
    is_old = bool(version) and version < (3,)
    # What a version calls the newest of its schemas; Loki 3 takes no older one for all it can do.
    store, schema = ("tsdb", "v12") if is_old else ("tsdb", "v13")
    if version and version < (2, 8):
        store, schema = "boltdb-shipper", "v11"
    text = render(
        "loki/config.yaml.j2",
        folder=data_folder(service, "loki", "/loki"),
        store=store,
        schema=schema,
        is_old=is_old,
    )
    return configured(service, mount, "local-config.yaml", text)


WRITERS: dict[str, Writer] = {"loki": _loki}
