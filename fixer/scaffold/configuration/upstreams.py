"""What a reverse proxy has behind it: the stack's services that answer HTTP, and how requests find them.

A proxy passes on to the services that it depends on or links to; where those answer nothing, to all
on its networks that are built here. Where the port of one that is built here is not known, nothing is
said of the others either, nor where one is on no network of the proxy: half of the routes would look
like all of them.

Names and sources say which one is the front end, which gets `/`, and which is the API, which gets
`/api/`; any other has a path of its own name. A service with a host name of its own is reached under
that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fixer.scaffold.configuration.pages import is_fpm
from fixer.scaffold.configuration.writing import neighbours
from fixer.scaffold.demands import HEALTH_PATH
from fixer.scaffold.dependencies import dependencies
from fixer.scaffold.ports import base_facts, http_port, listening_ports
from fixer.scaffold.project import Project
from fixer.stack import Service

FRONT_END = r"(?i)(front|client|landing|portal|\bui\b|\bspa\b)"
PERHAPS_FRONT_END = r"(?i)(web|site|dashboard|www)"
BACK_END = r"(?i)(back|api|server|gateway|service\b)"
FRONT_END_LIBRARIES = {
    "react", "vue", "svelte", "preact", "solid-js", "@angular/core", "next", "nuxt", "astro", "vite",
}  # fmt: skip

WORKER = r"(?i)\b(celery|worker|beat|scheduler|consumer|cron|migrations?|migrate|seed)\b"
WORK = r"\b(celery|rqworker|sidekiq|queue:work|crond)\b"
"""The names, and what stands in the commands, of services that serve nobody, though their image may be
a server's."""

CODE = (
    ".py", ".js", ".mjs", ".ts", ".go", ".java", ".kt", ".rb", ".php", ".cs", ".rs", ".ex", ".exs",
    ".scala", ".properties", ".yml", ".yaml",
)  # fmt: skip

OWN_PATH = r"[\"'`]/?(api/(?:v\d+/)?[a-z][\w-]*)"
"""The beginning of a route that names what it is about."""

WEB_PORTS = ("80", "443", "3000", "5000", "8000", "8008", "8080", "8081", "8443", "8888")
"""The ports that a proxy of HTTP listens on, where nothing else says that it is one of HTTP."""

HOST = r"(?i)(?=.{1,253}\Z)(?:\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*"
HOST_RULE = r"Host\(([^)]*)\)"
HOST_VARIABLES = (
    "DOMAIN", "DOMAIN_NAME", "SERVER_NAME", "NGINX_HOST", "NGINX_SERVER_NAME", "SITE_ADDRESS",
    "SITE_DOMAIN", "CADDY_DOMAIN", "APP_DOMAIN", "PUBLIC_HOST", "VIRTUAL_HOST",
)  # fmt: skip
"""Variables of a proxy that hold the name it is asked by."""


class Upstream(NamedTuple):
    """A service behind a proxy, or several that are the same but for the number in their name.
    `addresses` are the hosts and ports that the proxy connects to. `path` is what the requests begin
    with, `stripped` says that it is cut off before they are passed on, `hosts` are names that the
    service alone is asked by, `health` is the path that its own health check asks for, empty where
    there is none. `replicas` is how many containers have the one address."""

    name: str
    addresses: tuple[str, ...]
    path: str
    stripped: bool
    hosts: tuple[str, ...]
    health: str
    replicas: int

    @property
    def names(self) -> list[str]:
        """The host names that are written out."""
        return [name for name in self.hosts if not name.startswith("*")]

    @property
    def endings(self) -> list[str]:
        """What the names end with of which any is the service's: `.example.org` for `*.example.org`."""
        return [name.removeprefix("*") for name in self.hosts if name.startswith("*")]

    @property
    def is_limited(self) -> bool:
        """Whether one client's requests should be bounded: a page fetches dozens of files at once,
        an API is asked for one thing after the other."""
        return self.path != "/" or re.search(BACK_END, self.name) is not None


def upstreams(proxy: Service, has_pages: bool = False) -> list[Upstream]:
    """Give what is behind a proxy, longer paths first. One that `has_pages` of its own keeps `/`."""
    if proxy.value.get("network_mode") is not None:
        # Without a network of the stack there are no names to reach its services by.
        return []
    groups = _groups(_behind(proxy))
    firsts = [group[0][0] for group in groups.values()]
    with_host = [each for each in firsts if _hosts(each)]
    sharing = [each for each in firsts if each not in with_host]
    front = None if has_pages else _front_end(sharing)
    back = _back_end([each for each in sharing if each is not front])
    placed = []
    for name, group in groups.items():
        service = group[0][0]
        path, stripped = "/", False
        if service is back:
            path, stripped = "/api/", _knows_no_path(service, "api")
        elif service is not front and service not in with_host:
            own = _own_path(service)
            path, stripped = own or f"/{name}/", not own and _knows_no_path(service, name)
        addresses = tuple(f"{each.name}:{port}" for each, port in group)
        health, hosts = _health_path(service), _hosts(service)
        placed.append(Upstream(name, addresses, path, stripped, hosts, health, service.replicas))
    return sorted(placed, key=lambda each: -len(each.path))


def _groups(found: list[tuple[Service, str]]) -> dict[str, list[tuple[Service, str]]]:
    """The services by name, those together whose names differ in a number only (`web1`, `web2`)."""
    alike: dict[str, list[tuple[Service, str]]] = {}
    for service, port in found:
        stem = re.sub(r"(?<=[A-Za-z])[-_]?\d+\Z", "", service.name)
        alike.setdefault(stem, []).append((service, port))
    groups: dict[str, list[tuple[Service, str]]] = {}
    for stem, group in alike.items():
        if len(group) > 1 and len({port for _, port in group}) == 1:
            groups[stem] = group
        else:
            groups |= {service.name: [(service, port)] for service, port in group}
    return groups


def site_name(proxy: Service) -> str | None:
    """Give the name by which the stack says that a proxy is asked, or None where it does not."""
    names = [variable_value(proxy, name) for name in HOST_VARIABLES]
    for service in proxy.stack.services.values():
        if service.image and service.image.repository == "certbot/certbot" and service.command:
            names += re.findall(r"(?:-d|--domains?)[ =](\S+)", service.command.text)
    return next((name for name in names if re.fullmatch(HOST, name) and "." in name), None)


def variable_value(service: Service, name: str) -> str:
    """Give a variable's value where every run of the stack has the same, else nothing."""
    variable = service.environment.get(name)
    if variable is not None:
        return variable.value if variable.text and service.stack.is_known(variable.text) else ""
    return service.listed_variables.get(name, "")


def is_behind_another(proxy: Service) -> bool:
    """Say whether a proxy is itself behind one, which then is the only client it sees."""
    labels = any(label.name.startswith("traefik.http") for label in proxy.labels)
    return labels or "VIRTUAL_HOST" in proxy.environment or not proxy.ports


def _behind(proxy: Service) -> list[tuple[Service, str]]:
    services = proxy.stack.services
    uses = [use.name for use in proxy.services_named if use.kind in ("depends_on", "links")]
    named = [services[name] for name in dict.fromkeys(uses) if name in services]
    found = [(each, port) for each in named if (port := _port(each, is_named=True))]
    if found:
        known = [each for each, _ in found]
        is_all = all(each in known or each.build is None or _is_no_server(each) for each in named)
        is_reached = all(each.networks.keys() & proxy.networks.keys() for each in known)
        return found if is_all and is_reached else []
    if proxy.ports and not any(port.target in WEB_PORTS for port in proxy.ports):
        return []
    built = [each for each in neighbours(proxy) if each.build is not None and not each.profiles]
    return [(each, port) for each in built if (port := _port(each, is_named=False))]


def _is_no_server(service: Service) -> bool:
    """Whether a service answers no HTTP, though it is built here."""
    command = service.command.text if service.command else ""
    is_worker = re.search(WORKER, service.name) or re.search(WORK, command)
    base = base_facts(service)
    return is_worker is not None or is_fpm(service) or (base is not None and base.is_store)


def _port(service: Service, is_named: bool) -> str | None:
    facts = service.facts if service.build is None else None
    is_other_proxy = facts is not None and facts.is_proxy and not is_named
    if _is_no_server(service) or is_other_proxy:
        return None
    ports = [variable_value(service, "VIRTUAL_PORT")]
    ports += [each.text for each in service.labels if each.name.endswith(".loadbalancer.server.port")]
    ports.append(http_port(service) or "")
    if is_named and facts is None:
        # Nothing is known of the image but that the proxy waits for it.
        ports += listening_ports(service)
    if facts is None:
        ports += _ports_in_urls(service)
    return next((port for port in ports if port.isdigit()), None)


def _ports_in_urls(service: Service) -> Iterator[str]:
    """The ports under which other services' variables name a service."""
    for other in service.stack.services.values():
        for variable in other.environment.values():
            yield from re.findall(rf"\bhttp://{re.escape(service.name)}:(\d+)", variable.value)


def _hosts(service: Service) -> tuple[str, ...]:
    names = variable_value(service, "VIRTUAL_HOST").split(",")
    for label in service.labels:
        if label.name.startswith("traefik.http.routers.") and service.stack.is_known(label.text):
            rule = service.stack.interpolate(label.text)
            names += [
                name for each in re.findall(HOST_RULE, rule) for name in re.findall(r"[\w.*-]+", each)
            ]
    unique = dict.fromkeys(name.strip() for name in names)
    return tuple(name for name in unique if re.fullmatch(HOST, name))


def _front_end(services: list[Service]) -> Service | None:
    """The service that shows pages: the one that looks most like it, or the only one there is."""
    if len(services) == 1:
        return services[0]
    likely = [each for each in services if _likeness(each) > 0]
    return max(likely, key=_likeness, default=None)


def _likeness(service: Service) -> int:
    """How much a service looks like a front end; zero is an API."""
    if re.search(FRONT_END, service.name):
        return 4
    if re.search(BACK_END, service.name):
        return 0
    if _libraries(service) & FRONT_END_LIBRARIES:
        return 3
    return 2 if re.search(PERHAPS_FRONT_END, service.name) else 1


def _back_end(services: list[Service]) -> Service | None:
    """The service that is the API: the one that is called so, else the first that is no front end."""
    named = [each for each in services if re.search(BACK_END, each.name)]
    if len(named) > 1:
        # Of several services none is the API, unless it has just that name.
        return next((each for each in named if each.name in ("api", "backend", "server")), None)
    with_sources = [each for each in services if _libraries(each) - FRONT_END_LIBRARIES]
    others = [each for each in with_sources if not _libraries(each) & FRONT_END_LIBRARIES]
    return next(iter([*named, *others]), None)


def _project(service: Service) -> Project | None:
    context = service.build.context if service.build else None
    return Project(service.stack.repository, context) if context is not None else None


def _libraries(service: Service) -> frozenset[str]:
    project = _project(service)
    return dependencies(project) if project else frozenset()


def _health_path(service: Service) -> str:
    test = service.healthcheck.test if service.healthcheck else None
    paths = re.findall(HEALTH_PATH, test.text) if test else []
    return next(iter(paths), "")


def _code(service: Service) -> list[str]:
    """The texts of a service's sources."""
    project = _project(service)
    paths = [path for path in project.files if path.endswith(CODE)] if project else []
    return [project.text(path) for path in paths] if project else []


def _own_path(service: Service) -> str:
    """The path that all routes of a service begin with, where that is one below `/api/`."""
    own = {path for text in _code(service) for path in re.findall(OWN_PATH, text)}
    return f"/{own.pop()}" if len(own) == 1 else ""


def _knows_no_path(service: Service, name: str) -> bool:
    """Whether a service has to be asked without the path it is behind: it is told that a proxy cuts it
    off, or its sources have routes, of which none begins with it."""
    command = service.command.text if service.command else ""
    root = variable_value(service, "ROOT_PATH") or variable_value(service, "UVICORN_ROOT_PATH")
    if root.strip("/") == name or re.search(rf"--root-path[ =]/?{re.escape(name)}\b", command):
        return True
    texts = _code(service)
    if any(re.search(rf"\broot_path\s*=\s*[\"']/?{re.escape(name)}\b", text) for text in texts):
        return True
    own = rf"[\"'`]\^?/?{re.escape(name)}[/\"'`]|(?:path|prefix)\s*[:=]\s*[\"']?/?{re.escape(name)}\b"
    has_routes = any(re.search(r"[\"'`]/[\w:{<]", text) for text in texts)
    return has_routes and not any(re.search(own, text) for text in texts)
