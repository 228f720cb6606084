"""Where Prometheus finds the metrics of a stack's services: exporters, servers that have their own,
and applications that are built here with a library for them."""

from __future__ import annotations

import re
from typing import NamedTuple

from fixer.scaffold.dependencies import dependencies
from fixer.scaffold.ports import DEBUGGERS, http_port, listening_ports
from fixer.scaffold.project import Project
from fixer.stack import Service


class Library(NamedTuple):
    """What is known of a library that gives an application metrics. `path` is where it serves them of
    its own accord, empty where the sources must say. `sign` is what the sources have where it serves
    them at all, `prefix` what puts a path in front. `requests` is the counter of HTTP requests,
    `failed` the label of those that the server failed to answer."""

    path: str
    sign: str = ""
    prefix: str = ""
    requests: str = ""
    failed: str = ""


LIBRARIES = {
    "prometheus-fastapi-instrumentator": Library(
        "/metrics", r"\.expose\(", "", "http_requests_total", 'status="5xx"'
    ),
    "starlette-exporter": Library(
        "", "handle_metrics", "", "starlette_requests_total", 'status_code=~"5.."'
    ),
    "django-prometheus": Library(
        "/metrics",
        r"django_prometheus\.urls",
        r"path\(\s*[\"']\^?/?([\w/-]*)[\"']\s*,\s*include\(\s*[\"']django_prometheus",
        "django_http_responses_total_by_status_total",
        'status=~"5.."',
    ),
    "prometheus-flask-exporter": Library(
        "/metrics", "PrometheusMetrics", "", "flask_http_request_total", 'status=~"5.."'
    ),
    "prometheus-client": Library("", "prometheus"),
    "express-prom-bundle": Library(
        "/metrics", "", "", "http_request_duration_seconds_count", 'status_code=~"5.."'
    ),
    "fastify-metrics": Library(
        "/metrics", "", "", "http_request_duration_seconds_count", 'status_code=~"5.."'
    ),
    "@willsoto/nestjs-prometheus": Library(
        "/metrics", r"PrometheusModule\.register", r"setGlobalPrefix\(\s*[\"'`]/?([\w/-]+)"
    ),
    "prom-client": Library("", "prom-client"),
    "micrometer-registry-prometheus": Library(
        "/actuator/prometheus",
        r"(?i)exposure[\w.:\s]*include\s*[:=]\s*[\"']?(\*|[\w, ]*prometheus)",
        r"context-path\s*[:=]\s*/?([\w/-]+)",
        "http_server_requests_seconds_count",
        'status=~"5.."',
    ),
    "quarkus-micrometer-registry-prometheus": Library(
        "/q/metrics", "", "", "http_server_requests_seconds_count", 'status=~"5.."'
    ),
    "github.com/prometheus/client-golang": Library("", r"promhttp\.|/metrics"),
    "prometheus-net.aspnetcore": Library(
        "/metrics", "MapMetrics|UseMetricServer", "", "http_requests_received_total", 'code=~"5.."'
    ),
    "opentelemetry.exporter.prometheus.aspnetcore": Library("/metrics", "PrometheusScrapingEndpoint"),
    "promphp/prometheus-client-php": Library("", "Prometheus"),
    "metrics-exporter-prometheus": Library("", "PrometheusBuilder"),
    "prom-ex": Library("/metrics", "PromEx"),
}
"""By the name that `dependencies` gives; the more telling ones first."""

SOURCE = r"\.(py|m?[jt]s|go|java|kt|cs|rb|php|rs|ex|exs|ya?ml|properties)\Z"
TESTS = (
    r"(?i)(^|/)(tests?|specs?|__tests__|testdata|fixtures|docs?|examples?)/|[._](test|spec)\.|_test\."
)
ROUTE = r"[\"'`](/(?:[\w-]+/)*(?:metrics|prometheus))/?[\"'`]"
OWN_SERVER = r"start_http_server\(\s*(?:port\s*=\s*)?(\d{2,5})\b"
"""A server for the metrics alone, as Python's library has it."""


class Endpoint(NamedTuple):
    """Where a service has its metrics. `kind` is the name of the image's facts, or the library's."""

    service: Service
    port: str
    path: str
    kind: str


def endpoint_of(service: Service) -> Endpoint | None:
    """Give where a service has its metrics, None where it has none or the sources do not tell."""
    if service.build is not None:
        return _of_application(service)
    facts = service.facts
    for each in facts.serves if facts else ():
        if facts and each.metrics and (not each.metrics_when or _says(service, each.metrics_when)):
            port = _entry_point(service) or str(each.port)
            return Endpoint(service, port, each.metrics, facts.name)
    return None


def _entry_point(service: Service) -> str:
    """The port of the entry point that Traefik is told to have its metrics on, empty where it is not
    told."""
    text = service.command.text if service.command else ""
    named = re.search(r"(?i)--metrics\.prometheus\.entrypoint=[\"']?([\w-]+)", text)
    address = rf"(?i)--entrypoints\.{named[1]}\.address=[\"']?[\d.]*:(\d+)" if named else ""
    found = re.search(address, text) if address else None
    return found[1] if found else ""


def _says(service: Service, conditions: tuple[str, ...]) -> bool:
    """Whether a service has one of the variables with its value, of the options or of the ports."""
    said = [f"{each.name}={each.value}" for each in service.environment.values()]
    said += service.command.words if service.command else []
    said += [f":{port}" for port in listening_ports(service)]
    said += [each for each in conditions if each[0] == ":" and _configures(service, each)]
    return bool({each.lower() for each in said} & {each.lower() for each in conditions})


def _configures(service: Service, port: str) -> bool:
    """Whether a mounted configuration has the port; one that is missing is dockfix's to write."""
    repository = service.stack.repository
    paths = [each.path for each in service.bind_mounts if each.path]
    return any(
        not repository.exists(path) or port.encode() in (repository.searchable(path) or b"")
        for path in paths
        if path.endswith((".yml", ".yaml"))
    )


def _of_application(service: Service) -> Endpoint | None:
    build = service.build
    if build is None or build.context is None or build.dockerfile_path is None:
        return None
    if not _is_the_application(service):
        return None
    for folder in dict.fromkeys((build.context, build.dockerfile_path.rpartition("/")[0] or ".")):
        project = Project(service.stack.repository, folder)
        used = dependencies(project)
        name = next((name for name in LIBRARIES if name in used), None)
        if name is not None:
            return _with_library(service, _sources(project), name)
    return None


def _is_the_application(service: Service) -> bool:
    """Whether a service answers requests: of several that are built alike, workers do not."""
    path = service.build.dockerfile_path if service.build else None
    alike = [
        each
        for each in service.stack.services.values()
        if each.build is not None and each.build.dockerfile_path == path
    ]
    has_port = bool(service.ports) or service.value.get("expose") is not None
    return len(alike) == 1 or has_port or service.command is None


def _sources(project: Project) -> str:
    return "\n".join(
        project.text(path)
        for path in project.files
        if re.search(SOURCE, path) and not re.search(TESTS, path)
    )


def _with_library(service: Service, sources: str, name: str) -> Endpoint | None:
    library = LIBRARIES[name]
    settings = "\n".join(
        f"{each.name}={each.value}".replace("_", ".") for each in service.environment.values()
    )
    if library.sign and not re.search(library.sign, f"{sources}\n{settings}"):
        return None
    own = set(re.findall(OWN_SERVER, sources)) if name == "prometheus-client" else set()
    if len(own) == 1:
        return Endpoint(service, own.pop(), "/metrics", name)
    path = _path(library, sources)
    port = http_port(service)
    if not path or not port or port in DEBUGGERS:
        return None
    return Endpoint(service, port, path, name)


def _path(library: Library, sources: str) -> str:
    """Where the sources serve the metrics; empty where they do not say, or name several places."""
    found = set(re.findall(ROUTE, sources))
    prefix = re.search(library.prefix, sources) if library.prefix else None
    before = f"/{prefix[1].strip('/')}" if prefix and prefix[1].strip("/") else ""
    if library.path and (not found or library.path in found or library.prefix):
        return before + library.path
    if "/metrics" in found:
        return "/metrics"
    return found.pop() if len(found) == 1 else ""
