"""Which program's configuration belongs at a mount's target, and the files that make it.

A program has a name (`nginx-site`) that the images' facts use for a path, and a writer in the module
of its product.
"""

from __future__ import annotations

import re

from fixer.images import image_facts
from fixer.scaffold.configuration import (
    alertmanager,
    alloy,
    blackbox,
    caddy,
    grafana,
    haproxy,
    loki,
    nginx,
    otel,
    postgres,
    prometheus,
    promtail,
    redis,
    tempo,
    traefik,
)
from fixer.scaffold.configuration.writing import Writer
from fixer.scaffold.files import Files
from fixer.stack import Mount, Service, Stack

KNOWN = ("nginx", "prom/prometheus", "grafana/grafana", "grafana/loki", "grafana/promtail",
         "grafana/alloy", "grafana/tempo", "prom/alertmanager", "prom/blackbox-exporter",
         "otel/opentelemetry-collector-contrib", "redis", "postgres", "traefik", "caddy",
         "haproxy")  # fmt: skip
"""The images whose paths are looked at where a service's own image is built or not known."""

WRITERS: dict[str, Writer] = {
    **alertmanager.WRITERS,
    **alloy.WRITERS,
    **blackbox.WRITERS,
    **caddy.WRITERS,
    **grafana.WRITERS,
    **haproxy.WRITERS,
    **loki.WRITERS,
    **nginx.WRITERS,
    **otel.WRITERS,
    **postgres.WRITERS,
    **prometheus.WRITERS,
    **promtail.WRITERS,
    **redis.WRITERS,
    **tempo.WRITERS,
    **traefik.WRITERS,
}


def program_at(service: Service, target: str) -> str | None:
    """Name the program whose configuration a path in a service's container holds, or None where there
    is none that `files_for` writes."""
    names = [service.image.repository] if service.image and service.build is None else []
    if names and (facts := image_facts(names[0])):
        for option, program in facts.options.items():
            if program in WRITERS and any(_is_at(path, target) for path in _values(service, option)):
                return program
    for name in names if names and image_facts(names[0]) else KNOWN:
        facts = image_facts(name)
        for path, program in facts.configuration.items() if facts else ():
            is_below = path in facts.folders and target.startswith(f"{path}/") if facts else False
            if program in WRITERS and (target == path or is_below):
                return program
    return None


def _values(service: Service, option: str) -> list[str]:
    """What the command gives an option, behind `=` or a blank, with one dash or two."""
    text = " ".join(service.command.words) if service.command else ""
    return re.findall(rf"(?:^|\s)--?{re.escape(option.lstrip('-'))}[= ](\S+)", text)


def _is_at(path: str, target: str) -> bool:
    """Whether a path is what is mounted at a target, or lies directly in it."""
    return target in (path, path.rpartition("/")[0])


def files_for(program: str, stack: Stack, service: Service, mount: Mount) -> Files:
    """Give the files that a program needs at a mount, written for this stack; none where the
    mount's name says that it is not what the program's template makes."""
    return WRITERS[program](stack, service, mount)
