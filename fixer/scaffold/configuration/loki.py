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
    version = version_of(service) or (3,)
    # Before 2.4 there is no `common`; the tag `2` stands for the last version of them.
    if version < (2, 4) and version != (2,):
        return {}
    # What a version calls the newest of its schemas; Loki 3 takes no older one for all it can do.
    if version < (2, 8):
        store, schema = "boltdb-shipper", "v11"
    else:
        store, schema = "tsdb", "v12" if version < (3,) else "v13"
    text = render(
        "loki/config.yaml.j2",
        folder=data_folder(service, "loki", "/loki"),
        store=store,
        schema=schema,
        has_shared_store=version < (3,),
        address_in_ring=version < (2, 5),
    )
    return configured(service, mount, "local-config.yaml", text)


WRITERS: dict[str, Writer] = {"loki": _loki}
