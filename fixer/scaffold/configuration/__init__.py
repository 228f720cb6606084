"""Which program's configuration belongs at a mount's target, and the files that make it.

A program has a name (`nginx-site`) that the images' facts use for a path, and a writer in the module
of its product. What only a person can write has steps in place of a writer.
"""

from __future__ import annotations

import re

from fixer.images import ImageFacts, image_facts
from fixer.scaffold.configuration import (
    alertmanager,
    alloy,
    blackbox,
    caddy,
    clickhouse,
    elastic,
    grafana,
    haproxy,
    loki,
    mongo,
    mosquitto,
    mysql,
    nginx,
    otel,
    pgbouncer,
    postgres,
    prometheus,
    promtail,
    rabbitmq,
    redis,
    scripts,
    supervisor,
    tempo,
    traefik,
)
from fixer.scaffold.configuration.writing import Writer
from fixer.scaffold.files import Files
from fixer.scaffold.images import facts_of
from fixer.stack import Mount, Service, Stack

KNOWN = ("nginx", "prom/prometheus", "grafana/grafana", "grafana/loki", "grafana/promtail",
         "grafana/alloy", "grafana/tempo", "prom/alertmanager", "prom/blackbox-exporter",
         "otel/opentelemetry-collector-contrib", "redis", "postgres", "mysql", "mongo", "rabbitmq",
         "eclipse-mosquitto", "pgbouncer", "traefik", "caddy", "haproxy")  # fmt: skip
"""The images whose paths are looked at where a service's own image is built or not known."""

WRITERS: dict[str, Writer] = {
    **alertmanager.WRITERS,
    **alloy.WRITERS,
    **blackbox.WRITERS,
    **caddy.WRITERS,
    **clickhouse.WRITERS,
    **elastic.WRITERS,
    **grafana.WRITERS,
    **haproxy.WRITERS,
    **loki.WRITERS,
    **mongo.WRITERS,
    **mosquitto.WRITERS,
    **mysql.WRITERS,
    **nginx.WRITERS,
    **otel.WRITERS,
    **pgbouncer.WRITERS,
    **postgres.WRITERS,
    **prometheus.WRITERS,
    **promtail.WRITERS,
    **rabbitmq.WRITERS,
    **redis.WRITERS,
    **scripts.WRITERS,
    **supervisor.WRITERS,
    **tempo.WRITERS,
    **traefik.WRITERS,
}

STEPS = {
    "mosquitto-passwords": (
        "Make the file with `docker compose run --rm --no-deps {service} mosquitto_passwd -c"
        " /mosquitto/data/passwords USER`, and move it to {path}."
    ),
    "pgbouncer-users": (
        'Put a line for each role into {path}: "role" "secret", both in quotes, as `SELECT rolname,'
        " rolpassword FROM pg_authid` gives them on the server."
    ),
    "rabbitmq-definitions": (
        "Have a running broker write it: `docker compose exec {service} rabbitmqctl export_definitions"
        " -` into {path}. It holds password hashes: keep it out of version control."
    ),
}
"""How a person comes to a file that holds what nobody else has, by program."""


def program_at(service: Service, target: str) -> str | None:
    """Name the program whose configuration a path in a service's container holds, or None where there
    is none that `files_for` writes or `steps_for` knows of."""
    own = facts_of(service)
    if own is not None and (own.configuration or service.build is None):
        program = _named(service, own, target) or _known(own, target)
        if program in WRITERS or program in STEPS:
            return program
    else:
        # Every database runs what lies in a folder of the same name: its image has to tell.
        programs = [_known(facts, target) for name in KNOWN if (facts := image_facts(name))]
        found = [each for each in programs if each in WRITERS and not each.endswith("-init")]
        if found:
            return found[0]
    if supervisor.is_read(service, target):
        return "supervisor"
    return "start-script" if scripts.is_started(service, target) else None


def _named(service: Service, facts: ImageFacts, target: str) -> str | None:
    """The program that an option of the service's command gives a file to, which is at a path or lies
    directly in it."""
    parts = (service.entrypoint, service.command)
    text = " ".join(word for part in parts if part for word in part.words)
    for option, program in facts.options.items():
        name = re.escape(option.lstrip("-"))
        paths = re.findall(rf"(?<![\w-])-{{0,2}}{name}[= ]['\"]?([^\s'\"]+)", text)
        if program in WRITERS and any(target in (path, path.rpartition("/")[0]) for path in paths):
            return program
    return None


def _known(facts: ImageFacts, target: str) -> str | None:
    """The program that reads a path by itself: the file first, then the folders above it."""
    if target in facts.configuration:
        return facts.configuration[target]
    below = [path for path in facts.folders if target.startswith(f"{path}/")]
    return facts.configuration[max(below, key=len)] if below else None


def files_for(program: str, stack: Stack, service: Service, mount: Mount) -> Files:
    """Give the files that a program needs at a mount, written for this stack; none where the
    mount's name says that it is not what the program's template makes."""
    writer = WRITERS.get(program)
    return writer(stack, service, mount) if writer else {}


def steps_for(program: str, service: Service, mount: Mount) -> str | None:
    """Give the steps in which a person makes the file of a program, None where there are no special
    ones."""
    steps = STEPS.get(program)
    return steps.format(service=service.name, path=mount.path) if steps else None
