"""Which web server of a stack speaks FastCGI to a service, and where it takes the scripts to be."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fixer.stack import Service

PORT = "9000"
WEB_SERVERS = r"(?:^|/)(nginx|nginx-unprivileged|caddy|httpd)(?=[:@]|\Z)"
NAMES = ("php", "fpm", "php-fpm", "phpfpm")
CONFIGURATIONS = (".conf", ".template", ".nginx", "Caddyfile")
ROOT = r"(?m)^\s*root\s+(?:\*\s+)?[\"']?(/[\w./-]+)"
DEFAULT_ROOT = "/var/www/html"


def fastcgi_root(service: Service, services: Iterable[Service]) -> str:
    """Give the folder in which a web server looks for the scripts that it has the service run, empty
    where none speaks FastCGI to it."""
    servers = [each for each in services if _is_web_server(each)]
    name = rf"(?<![\w.-]){re.escape(service.name)}:{PORT}\b"
    for text in (text for server in servers for text in _configurations(server)):
        if re.search(name, text) and re.search("fastcgi|fcgi", text):
            root = re.search(ROOT, text)
            return root[1].rstrip("/") if root else DEFAULT_ROOT
    exposed = service.value.get("expose")
    ports = [str(item.data) for item in exposed.items()] if exposed else []
    ports += [port.target for port in service.ports]
    is_named = service.name in NAMES and not ports
    return DEFAULT_ROOT if servers and (PORT in ports or is_named) else ""


def _is_web_server(service: Service) -> bool:
    path = service.build.dockerfile_path if service.build else None
    document = service.stack.dockerfile(path) if path else None
    images = [each.words[0] for each in document.named("FROM") if each.words] if document else []
    images += [service.image.repository] if service.image and service.build is None else []
    return any(re.search(WEB_SERVERS, image) for image in images[-1:])


def _configurations(server: Service) -> list[str]:
    """The texts with which the stack or a build configures a web server."""
    repository = server.stack.repository
    sources = [mount.path for mount in server.bind_mounts if mount.path]
    sources += [server.build.context] if server.build and server.build.context else []
    paths = [path for path in sources if repository.is_file(path)]
    paths += [path for source in sources for path in repository.below(source)]
    found = [path for path in paths if path.endswith(CONFIGURATIONS)]
    return [(repository.searchable(path) or b"").decode("utf-8", "replace") for path in found]
