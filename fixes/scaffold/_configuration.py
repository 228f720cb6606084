"""Which program's configuration belongs at a mount's target, and the files that make it."""

from __future__ import annotations

import re
from collections.abc import Callable

from fixer.images import image_facts
from fixer.stack import Mount, Service, Stack
from fixer.stack.merging import join
from fixes.scaffold._ports import http_port
from fixes.scaffold._templates import render

KNOWN = ("nginx", "prom/prometheus", "grafana/grafana", "grafana/loki", "grafana/promtail",
         "prom/alertmanager", "redis", "postgres")  # fmt: skip
"""The images whose paths are looked at where a service's own image is built or not known."""

FRONTEND = r"(?i)(front|dashboard|web|ui\b|client|site|portal)"
BACKEND = r"(?i)(back|api|server)"
DATABASE_SCHEMES = ("postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg")

Files = dict[str, str]
"""Texts by path relative to the root."""


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


def _single(mount: Mount, name: str, text: str) -> Files:
    """One file at the mount's source, or of that name in it where the mount is a folder."""
    path = mount.path or ""
    name_of_mount = path.rpartition("/")[2]
    is_file = "." in name_of_mount and not name_of_mount.endswith(".d")
    return {path if is_file else join(path, name): text}


def _nginx(stack: Stack, service: Service, mount: Mount) -> Files:
    targets = [each.target for each in service.mounts]
    includes = [
        f"{folder}/*.conf"
        for folder in ("/etc/nginx/conf.d", "/etc/nginx/sites-enabled")
        if any(target == folder or target.startswith(f"{folder}/") for target in targets)
    ]
    upstreams = [] if includes else _upstreams(stack, service)
    values = {"includes": includes, "upstreams": upstreams, "port": _nginx_port(service)}
    return _single(mount, "nginx.conf", render("nginx/nginx.conf.j2", **values))


def _nginx_site(stack: Stack, service: Service, mount: Mount) -> Files:
    text = render("nginx/site.conf.j2", upstreams=_upstreams(stack, service), port=_nginx_port(service))
    return _single(mount, "default.conf", text)


def _nginx_port(service: Service) -> str:
    targets = [port.target for port in service.ports]
    return next((target for target in targets if target.isdigit() and target != "443"), "80")


def _upstreams(stack: Stack, service: Service) -> list[dict[str, str]]:
    """The services that answer HTTP behind a proxy: those it depends on, else those on its networks.
    Each has the path that it is reached under; the first front end gets the root."""
    behind = [stack.services[name] for name in service.depends_on if name in stack.services]
    found = [(each, port) for each in behind if (port := http_port(each))]
    if not found:
        found = [
            (each, port)
            for each in stack.services.values()
            if each.build is not None and _reaches(service, each) and (port := http_port(each))
        ]
    names = [each.name for each, _ in found]
    front = next((name for name in names if re.search(FRONTEND, name)), None)
    front = front or next((name for name in names if not re.search(BACKEND, name)), None)
    front = front or next(iter(names), None)
    back = next((name for name in names if name != front and re.search(BACKEND, name)), None)
    return [
        {
            "name": each.name,
            "port": port,
            "path": "/" if each.name == front else "/api/" if each.name == back else f"/{each.name}/",
        }
        for each, port in found
    ]


def _reaches(one: Service, other: Service) -> bool:
    return one is not other and bool(one.networks.keys() & other.networks.keys())


def _prometheus(stack: Stack, service: Service, mount: Mount) -> Files:
    jobs = []
    for other in stack.services.values():
        facts = other.facts
        if facts is not None and other.build is None and _reaches(service, other):
            jobs += [
                {"name": other.name, "port": each.port, "path": each.metrics}
                for each in facts.serves
                if each.metrics
            ]
    rules = [
        mount.target if mount.target.endswith((".yml", ".yaml")) else f"{mount.target}/*.yml"
        for mount in service.bind_mounts
        if program_at(service, mount.target) == "prometheus-rules"
    ]
    alerting = [job for job in jobs if job["port"] == 9093]
    text = render("prometheus/prometheus.yml.j2", jobs=jobs, rules=rules, alerting=alerting)
    return _single(mount, "prometheus.yml", text)


def _prometheus_rules(stack: Stack, service: Service, mount: Mount) -> Files:
    return _single(mount, "availability.yml", render("prometheus/availability.yml.j2"))


def _alertmanager(stack: Stack, service: Service, mount: Mount) -> Files:
    return _single(mount, "alertmanager.yml", render("alertmanager/alertmanager.yml.j2"))


def _postgres_init(stack: Stack, service: Service, mount: Mount) -> Files:
    if mount.target.endswith((".sh", ".gz", ".zst", ".xz")):
        return {}
    own = service.environment.get("POSTGRES_DB")
    databases = [name for name in _databases(stack, service) if own is None or name != own.value]
    text = render("postgres/init.sql.j2", databases=databases)
    return _single(mount, "10-init.sql", text)


def _databases(stack: Stack, service: Service) -> list[str]:
    """The databases that the stack's URLs name on this server."""
    from urllib.parse import urlsplit

    names: dict[str, None] = {}
    for other in stack.services.values():
        for variable in other.environment.values():
            try:
                url = urlsplit(variable.value)
                host = url.hostname
            except ValueError:
                continue
            if url.scheme in DATABASE_SCHEMES and host == service.name:
                names[url.path.strip("/")] = None
    return [name for name in names if re.fullmatch(r"[A-Za-z_][\w-]*", name)]


def _redis(stack: Stack, service: Service, mount: Mount) -> Files:
    return _single(mount, "redis.conf", render("redis/redis.conf.j2"))


def _grafana_datasources(stack: Stack, service: Service, mount: Mount) -> Files:
    sources = [
        {"name": name.title(), "type": kind, "host": other.name, "port": port}
        for other in stack.services.values()
        for name, kind, repository, port in (
            ("prometheus", "prometheus", "prom/prometheus", 9090),
            ("loki", "loki", "grafana/loki", 3100),
        )
        if other.image and other.image.repository == repository and _reaches(service, other)
    ]
    text = render("grafana/datasources.yml.j2", sources=sources)
    return _single(mount, "datasources.yml", text)


def _grafana_dashboards(stack: Stack, service: Service, mount: Mount) -> Files:
    folder = (
        mount.target if "." not in mount.target.rpartition("/")[2] else "/var/lib/grafana/dashboards"
    )
    return _single(mount, "dashboards.yml", render("grafana/dashboards.yml.j2", folder=folder))


def _loki(stack: Stack, service: Service, mount: Mount) -> Files:
    tag = service.image.tag if service.image else ""
    schema = "v12" if tag.startswith(("1.", "2.")) else "v13"
    return _single(mount, "config.yaml", render("loki/config.yaml.j2", schema=schema))


def _promtail(stack: Stack, service: Service, mount: Mount) -> Files:
    loki = next(
        (
            each.name
            for each in stack.services.values()
            if each.image and each.image.repository == "grafana/loki"
        ),
        "loki",
    )
    folders = [
        each.target
        for each in service.mounts
        if "log" in each.target.lower() and each.target != mount.target
    ]
    text = render("promtail/config.yml.j2", loki=loki, folders=folders or ["/var/log"])
    return _single(mount, "config.yml", text)


WRITERS: dict[str, Callable[[Stack, Service, Mount], Files]] = {
    "alertmanager": _alertmanager,
    "grafana-dashboards": _grafana_dashboards,
    "grafana-datasources": _grafana_datasources,
    "loki": _loki,
    "nginx": _nginx,
    "nginx-site": _nginx_site,
    "postgres-init": _postgres_init,
    "prometheus": _prometheus,
    "prometheus-rules": _prometheus_rules,
    "promtail": _promtail,
    "redis": _redis,
}
