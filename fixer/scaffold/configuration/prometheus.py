"""Prometheus: a job for each service of the stack that has metrics, and alert rules for them."""

from __future__ import annotations

import re
from typing import NamedTuple

from fixer.scaffold.configuration.writing import (
    Writer,
    configured,
    neighbours,
    on_the_host,
    placed,
)
from fixer.scaffold.demands import HEALTH_PATH
from fixer.scaffold.files import Files
from fixer.scaffold.metrics import LIBRARIES, Endpoint, endpoint_of
from fixer.scaffold.ports import http_port
from fixer.scaffold.rendering import FOLDER, render
from fixer.stack import Mount, Service, Stack

GROUPS = {
    "node-exporter": "host",
    "cadvisor": "containers",
    "blackbox-exporter": "probes",
    "postgres-exporter": "postgres",
    "mysqld-exporter": "mysql",
    "mongodb_exporter": "mongodb",
    "redis_exporter": "redis",
    "memcached-exporter": "memcached",
    "elasticsearch-exporter": "elasticsearch",
    "rabbitmq": "rabbitmq",
    "nginx-prometheus-exporter": "nginx",
}
"""The group of rules for what has metrics."""


class Job(NamedTuple):
    """What Prometheus scrapes: `host` is the name that it reaches the service by."""

    name: str
    host: str
    port: str
    path: str
    kind: str


def jobs_of(service: Service) -> list[Job]:
    """Give what a Prometheus can scrape: what has metrics on one of its networks, and what runs on
    the host's network where it has a name for the host. On the host's network itself, it is what
    has a port there."""
    if _is_of_the_host(service):
        return [
            Job(each.service.name, "localhost", port, each.path, each.kind)
            for other in service.stack.services.values()
            if other is not service and (each := endpoint_of(other)) and (port := _on_the_host(each))
        ]
    found = [(each, each.name) for each in neighbours(service)]
    host = on_the_host(service)
    if host:
        others = service.stack.services.values()
        found += [(each, host) for each in others if _is_of_the_host(each)]
    endpoints = [(endpoint, name) for each, name in found if (endpoint := endpoint_of(each))]
    return [Job(each.service.name, name, each.port, each.path, each.kind) for each, name in endpoints]


def _on_the_host(endpoint: Endpoint) -> str:
    """The port of the host that leads to an endpoint, empty where none does."""
    if _is_of_the_host(endpoint.service):
        return endpoint.port
    ports = [each.published for each in endpoint.service.ports if each.target == endpoint.port]
    return next((each for each in ports if each.isdigit()), "")


def _is_of_the_host(service: Service) -> bool:
    mode = service.value.get("network_mode")
    return mode is not None and mode.text == "host"


def groups_of(jobs: list[Job]) -> list[str]:
    """Give the groups of rules that have metrics to look at."""
    kinds = {each.kind for each in jobs}
    return ["availability", *(group for kind, group in GROUPS.items() if kind in kinds)]


def requests_of(jobs: list[Job]) -> list[tuple[str, str]]:
    """Give the counters of HTTP requests that the applications have, each with the label of the
    requests that failed."""
    libraries = [LIBRARIES[each.kind] for each in jobs if each.kind in LIBRARIES]
    found = [(each.requests, each.failed) for each in libraries if each.requests]
    return list(dict.fromkeys(found))


def _prometheus(stack: Stack, service: Service, mount: Mount) -> Files:
    if not _is_main(service, mount):
        return {}
    from fixer.scaffold.configuration import program_at

    jobs = jobs_of(service)
    rules = [
        mount.target if mount.target.endswith((".yml", ".yaml", ".rules")) else f"{mount.target}/*.yml"
        for mount in service.bind_mounts
        if program_at(service, mount.target) == "prometheus-rules"
    ]
    has_room = not rules and "." not in mount.target.rpartition("/")[2]
    blackbox = next((job for job in jobs if job.kind == "blackbox-exporter"), None)
    text = render(
        "prometheus/prometheus.yml.j2",
        jobs=jobs,
        rules=[f"{mount.target}/alerts.yml"] if has_room else rules,
        alertmanagers=[job for job in jobs if job.kind == "alertmanager"],
        blackbox=blackbox,
        probes=_probes(stack, blackbox.name) if blackbox else {},
    )
    files = configured(service, mount, "prometheus.yml", text)
    return files | (_rules(stack, service, mount) if has_room else {})


def _is_main(service: Service, mount: Mount) -> bool:
    """Whether the server's own configuration is meant, not a file beside it."""
    if re.search(r"(?i)(^|[/_.-])(web|rules?|alerts?|targets?|sd|remote)([/_.-]|\Z)", mount.target):
        return False
    return mount.target.endswith((".yml", ".yaml")) or "." not in mount.target.rpartition("/")[2]


def _probes(stack: Stack, blackbox: str) -> dict[str, list[str]]:
    """What the blackbox exporter asks, by its module: of an application the path that its own health
    check asks; where that is not known, whether its port is open."""
    found: dict[str, list[str]] = {"http_2xx": [], "tcp_connect": []}
    for each in neighbours(stack.services[blackbox]):
        is_proxy = each.build is None and each.facts is not None and each.facts.is_proxy
        published = [port.target for port in each.ports if port.target != "443"] if is_proxy else []
        port = next(iter(published), None) or http_port(each)
        if not port or not (is_proxy or each.build):
            continue
        test = each.healthcheck.test if each.healthcheck else None
        path = re.search(HEALTH_PATH, test.text) if test else None
        if path:
            found["http_2xx"].append(f"http://{each.name}:{port}{path[1]}")
        else:
            found["tcp_connect"].append(f"{each.name}:{port}")
    return {module: targets for module, targets in found.items() if targets}


def _rules(stack: Stack, service: Service, mount: Mount) -> Files:
    jobs = jobs_of(service)
    texts = [(FOLDER / f"prometheus/rules/{group}.yml").read_text("utf-8") for group in groups_of(jobs)]
    if requests := requests_of(jobs):
        texts.append(render("prometheus/rules/requests.yml.j2", requests=requests))
    groups = "\n".join(text.removeprefix("groups:\n") for text in texts)
    return placed(mount, "alerts.yml", f"groups:\n{groups}")


WRITERS: dict[str, Writer] = {"prometheus": _prometheus, "prometheus-rules": _rules}
