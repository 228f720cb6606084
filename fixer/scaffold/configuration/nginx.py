"""nginx: a reverse proxy for the stack's services that answer HTTP."""

from __future__ import annotations

import re

from fixer.scaffold.configuration.writing import Writer, neighbours, placed
from fixer.scaffold.files import Files
from fixer.scaffold.ports import http_port
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack

FRONTEND = r"(?i)(front|dashboard|web|ui\b|client|site|portal)"
BACKEND = r"(?i)(back|api|server)"


def _nginx(stack: Stack, service: Service, mount: Mount) -> Files:
    targets = [each.target for each in service.mounts]
    includes = [
        f"{folder}/*.conf"
        for folder in ("/etc/nginx/conf.d", "/etc/nginx/sites-enabled")
        if any(target == folder or target.startswith(f"{folder}/") for target in targets)
    ]
    upstreams = [] if includes else _upstreams(stack, service)
    values = {"includes": includes, "upstreams": upstreams, "port": _port(service)}
    return placed(mount, "nginx.conf", render("nginx/nginx.conf.j2", **values))


def _site(stack: Stack, service: Service, mount: Mount) -> Files:
    text = render("nginx/site.conf.j2", upstreams=_upstreams(stack, service), port=_port(service))
    return placed(mount, "default.conf", text)


def _port(service: Service) -> str:
    targets = [port.target for port in service.ports]
    return next((target for target in targets if target.isdigit() and target != "443"), "80")


def _upstreams(stack: Stack, service: Service) -> list[dict[str, str]]:
    """The services that answer HTTP behind a proxy: those it depends on, else those on its networks.
    Each has the path that it is reached under; the first front end gets the root."""
    behind = [stack.services[name] for name in service.depends_on if name in stack.services]
    found = [(each, port) for each in behind if (port := http_port(each))]
    if not found:
        built = [each for each in neighbours(service) if each.build is not None]
        found = [(each, port) for each in built if (port := http_port(each))]
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


WRITERS: dict[str, Writer] = {"nginx": _nginx, "nginx-site": _site}
