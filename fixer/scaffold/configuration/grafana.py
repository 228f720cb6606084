"""Grafana: its data sources, where its dashboards lie, and a dashboard for the stack."""

from __future__ import annotations

from fixer.scaffold.configuration.dashboard import dashboard
from fixer.scaffold.configuration.prometheus import jobs_of
from fixer.scaffold.configuration.writing import Writer, neighbours, placed, running
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack
from fixer.stack.merging import join

SOURCES = (
    ("prometheus", 9090, ("prom/prometheus",)),
    ("loki", 3100, ("grafana/loki",)),
    ("tempo", 3200, ("grafana/tempo",)),
    ("jaeger", 16686, ("jaegertracing/all-in-one", "jaegertracing/jaeger")),
    ("alertmanager", 9093, ("prom/alertmanager",)),
)
PROVISIONING = "/etc/grafana/provisioning"
DASHBOARDS = "/var/lib/grafana/dashboards"


def _datasources(stack: Stack, service: Service, mount: Mount) -> Files:
    return placed(mount, "datasources.yml", _sources_text(service))


def _sources_text(service: Service) -> str:
    sources = [
        {"name": other.name.title(), "type": kind, "host": other.name, "port": port}
        for kind, port, repositories in SOURCES
        for other in running(neighbours(service), *repositories)
    ]
    return render("grafana/datasources.yml.j2", sources=sources)


def _dashboards(stack: Stack, service: Service, mount: Mount) -> Files:
    """The provider, and the dashboard beside it where no other folder for dashboards is mounted."""
    folder = _folder(service)
    if mount.target.endswith((".yml", ".yaml")):
        return placed(mount, "dashboards.yml", _provider(folder or DASHBOARDS))
    files = placed(mount, "dashboards.yml", _provider(folder or mount.target))
    return files if folder else files | _dashboard(stack, service, mount)


def _provider(folder: str) -> str:
    return render("grafana/dashboards.yml.j2", folder=folder)


def _folder(service: Service) -> str:
    """Where dashboards are mounted, provisioning's own folder aside; empty where nowhere."""
    targets = [each.target for each in service.bind_mounts]
    kept = [each for each in targets if PROVISIONING not in each and "dashboard" in each]
    return next((each for each in kept if "." not in each.rpartition("/")[2]), "")


def _dashboard(stack: Stack, service: Service, mount: Mount) -> Files:
    servers = running(neighbours(service), "prom/prometheus")
    if not servers:
        return {}
    return placed(mount, "stack.json", dashboard(jobs_of(servers[0])))


def _provisioning(stack: Stack, service: Service, mount: Mount) -> Files:
    path, folder = mount.path or "", _folder(service)
    files = {
        join(path, "datasources/datasources.yml"): _sources_text(service),
        join(path, "dashboards/dashboards.yml"): _provider(folder or f"{PROVISIONING}/dashboards"),
    }
    found = {} if folder else _dashboard(stack, service, mount)
    return files | {join(path, "dashboards/stack.json"): text for text in found.values()}


def _empty(stack: Stack, service: Service, mount: Mount) -> Files:
    return placed(mount, "provisioning.yml", render("grafana/empty.yml.j2"))


def _settings(stack: Stack, service: Service, mount: Mount) -> Files:
    return placed(mount, "grafana.ini", render("grafana/grafana.ini.j2"))


WRITERS: dict[str, Writer] = {
    "grafana": _settings,
    "grafana-alerting": _empty,
    "grafana-dashboard-files": _dashboard,
    "grafana-dashboards": _dashboards,
    "grafana-datasources": _datasources,
    "grafana-notifiers": _empty,
    "grafana-provisioning": _provisioning,
}
