"""Grafana: its data sources and where its dashboards lie."""

from __future__ import annotations

from fixer.scaffold.configuration.writing import Writer, neighbours, placed, running
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack


def _datasources(stack: Stack, service: Service, mount: Mount) -> Files:
    sources = [
        {"name": name.title(), "type": name, "host": other.name, "port": port}
        for name, repository, port in (
            ("prometheus", "prom/prometheus", 9090),
            ("loki", "grafana/loki", 3100),
        )
        for other in running(neighbours(service), repository)
    ]
    return placed(mount, "datasources.yml", render("grafana/datasources.yml.j2", sources=sources))


def _dashboards(stack: Stack, service: Service, mount: Mount) -> Files:
    folder = (
        mount.target if "." not in mount.target.rpartition("/")[2] else "/var/lib/grafana/dashboards"
    )
    return placed(mount, "dashboards.yml", render("grafana/dashboards.yml.j2", folder=folder))


WRITERS: dict[str, Writer] = {
    "grafana-dashboards": _dashboards,
    "grafana-datasources": _datasources,
}
