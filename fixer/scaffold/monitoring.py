"""Monitoring for a stack: exporters, Prometheus, Grafana and Loki as one more Compose file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from fixer.plan import FileState
from fixer.scaffold.exporters import Exporter, exporter_of
from fixer.scaffold.files import Files, mode_of
from fixer.scaffold.metrics import endpoint_of
from fixer.scaffold.rendering import render
from fixer.stack import Service, Stack, stack_from_files
from fixer.stack.merging import join

FOLDER = "monitoring"
METRICS = ("prometheus", "victoria-metrics")
GRAFANA = ("grafana", "grafana-oss", "grafana-enterprise")
"""Images, by the last part of their name, that do what would be added."""

COLLECTORS = ("/promtail", "/alloy", "/fluent-bit", "/fluentd", "/vector", "/filebeat", "/logstash",
              "/grafana/agent", "/datadog/agent", "/datadoghq/agent")  # fmt: skip
"""Those that collect logs, by the end of their name: there are agents for other things."""

PORTS = {"grafana": 3000, "prometheus": 9090, "alertmanager": 9093}


class Addition(NamedTuple):
    """What is added to a stack. `names` gives what each service is called there. `scraped` are the
    networks that Prometheus has to be on, `peers` those that all have to be on, since what the stack
    has of monitoring already is there. `ports` are free ones of the host, `folder` is a new one
    beside the stack."""

    names: dict[str, str]
    exporters: list[tuple[str, Exporter]]
    scraped: list[str]
    peers: list[str]
    network: str
    secret: str
    ports: dict[str, int]
    folder: str


def files(stack: Stack) -> Files:
    """Give the files, by path relative to the root; none where the stack has what they would add."""
    stack = _with_override(stack)
    addition = _addition(stack)
    if not addition.names:
        return {}
    stem, _, ending = _named(stack)[0].rpartition(".")
    path = f"{stem}.monitoring.{ending}"
    if stack.repository.exists(path):
        # Somebody else's: the command says that it stays as it is.
        return {path: ""}
    command = _command(stack, path)
    compose = render("monitoring/compose.yaml.j2", command=command, **addition._asdict())
    made = {path: compose}
    if "grafana" in addition.names:
        secrets = join(stack.project_directory, f"{addition.folder}/secrets")
        made[f"{secrets}/.gitignore"] = "*\n!.gitignore\n"
    return made | _configuration(stack, path, compose)


def _with_override(stack: Stack) -> Stack:
    """The stack as Compose loads it where no file is named: with its override."""
    pairs = [each for each in stack.related if len(each.files) == 2]
    overrides = [
        each
        for each in pairs
        if each.files[0].path == stack.files[0].path and ".override." in each.files[1].path
    ]
    return overrides[0] if len(stack.files) == 1 and overrides else stack


def _command(stack: Stack, path: str) -> str:
    folder = stack.project_directory.removesuffix(".")
    prefix = f"{folder}/" if folder else ""
    names = [*_named(stack), path]
    return "docker compose " + " ".join(f"-f {each.removeprefix(prefix)}" for each in names)


def _named(stack: Stack) -> list[str]:
    """The files of the stack that Compose is given, what they include aside."""
    return [each.path for each in stack.files if each.path in stack.named]


def _addition(stack: Stack) -> Addition:
    services = list(stack.services.values())
    # What runs on request only is not watched, or it would be missed all the time.
    services = [each for each in services if not each.profiles] or services
    by_image: dict[str, list[Service]] = {}
    # Files that are laid over the same base may have some of it.
    for each in stack.related_services:
        if each.image:
            by_image.setdefault(each.image.repository.rpartition("/")[2], []).append(each)
    has_metrics, has_grafana = bool(by_image.keys() & METRICS), bool(by_image.keys() & GRAFANA)
    added: list[str] = []
    if not has_metrics:
        added += ["prometheus", "alertmanager", "node-exporter", "cadvisor"]
    if not has_grafana:
        added.append("grafana")
    images = [each.image for each in stack.related_services if each.image]
    if not any(f"/{each.repository}".endswith(COLLECTORS) for each in images):
        added += ["loki", "alloy"]
    added = [each for each in added if each not in by_image]
    watched = [] if has_metrics else services
    exporters = [
        exporter
        for service in watched
        if (exporter := exporter_of(service)) and exporter.kind not in by_image
    ]
    peers = [
        each
        for name in (*METRICS, *GRAFANA, "loki")
        for each in by_image.get(name, [])
        if each.stack is stack
    ]
    taken = {*stack.services, *stack.declarations("volume"), *stack.declarations("network")}
    return Addition(
        names={each: _free(each, taken) for each in added},
        exporters=[(_free(f"{each.service.name}-exporter", taken), each) for each in exporters],
        scraped=_networks(each for each in watched if endpoint_of(each)),
        peers=_networks(peers),
        network=_free("monitoring", taken),
        secret=_free("grafana_admin_password", stack.declarations("secret")),
        ports=_ports(stack),
        folder=_folder(stack),
    )


def _free(wanted: str, taken: Iterable[str]) -> str:
    """A name that the stack does not have."""
    return wanted if wanted not in taken else f"{FOLDER}-{wanted}"


def _folder(stack: Stack) -> str:
    """A folder that does not exist: what lies in one would be mounted in place of what is written."""
    at = stack.project_directory
    names = (FOLDER, *(f"{FOLDER}-{number}" for number in range(2, 100)))
    return next(each for each in names if not stack.repository.exists(join(at, each)))


def _networks(services: Iterable[Service]) -> list[str]:
    """As few networks as reach all of the services."""
    found: list[str] = []
    for each in sorted(services, key=lambda service: len(service.networks)):
        if each.networks and not each.networks.keys() & set(found):
            found.append(next(iter(each.networks)))
    return found


def _ports(stack: Stack) -> dict[str, int]:
    """The first ports, from the programs' own ones on, that nothing of the stack is published on."""
    taken: set[int] = set()
    for service in stack.services.values():
        for published in service.ports:
            numbers = [int(each) for each in re.findall(r"\d+", published.published)]
            taken.update(range(numbers[0], numbers[-1] + 1) if numbers else ())
    found: dict[str, int] = {}
    for name, port in PORTS.items():
        found[name] = next(each for each in range(port, 65536) if each not in taken)
        taken.add(found[name])
    return found


def _configuration(stack: Stack, path: str, compose: str) -> Files:
    """What the new services mount, written as for any other stack in which it is missing."""
    from fixer.scaffold.configuration import files_for, program_at

    state = FileState(compose.encode(), mode_of(compose))
    changed = stack.repository.with_changes({path: state})
    whole, *_ = stack_from_files(changed, [*_named(stack), path]).stacks
    made: Files = {}
    for service in whole.services.values():
        for mount in service.bind_mounts if service.name not in stack.services else ():
            program = program_at(service, mount.target)
            if program is not None:
                made |= files_for(program, whole, service, mount)
    return made
