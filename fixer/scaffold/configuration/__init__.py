"""Which program's configuration belongs at a mount's target, and the files that make it.

A program has a name (`nginx-site`) that the images' facts use for a path, and a writer in the module
of its product.
"""

from __future__ import annotations

from fixer.images import image_facts
from fixer.scaffold.configuration import (
    alertmanager,
    grafana,
    loki,
    nginx,
    postgres,
    prometheus,
    promtail,
    redis,
)
from fixer.scaffold.configuration.writing import Writer
from fixer.scaffold.files import Files
from fixer.stack import Mount, Service, Stack

KNOWN = ("nginx", "prom/prometheus", "grafana/grafana", "grafana/loki", "grafana/promtail",
         "prom/alertmanager", "redis", "postgres")  # fmt: skip
"""The images whose paths are looked at where a service's own image is built or not known."""

WRITERS: dict[str, Writer] = {
    **alertmanager.WRITERS,
    **grafana.WRITERS,
    **loki.WRITERS,
    **nginx.WRITERS,
    **postgres.WRITERS,
    **prometheus.WRITERS,
    **promtail.WRITERS,
    **redis.WRITERS,
}


def program_at(service: Service, target: str) -> str | None:
    """Name the program whose configuration a path in a service's container holds, or None where there
    is none that `files_for` writes."""
    names = [service.image.repository] if service.image and service.build is None else []
    for name in names if names and image_facts(names[0]) else KNOWN:
        facts = image_facts(name)
        for path, program in facts.configuration.items() if facts else ():
            is_below = path in facts.folders and target.startswith(f"{path}/") if facts else False
            if program in WRITERS and (target == path or is_below):
                return program
    return None


def files_for(program: str, stack: Stack, service: Service, mount: Mount) -> Files:
    """Give the files that a program needs at a mount, written for this stack; none where the
    mount's name says that it is not what the program's template makes."""
    return WRITERS[program](stack, service, mount)
