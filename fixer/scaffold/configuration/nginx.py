"""nginx: a reverse proxy for the stack's services that answer HTTP, and the pages mounted beside it."""

from __future__ import annotations

import re
from typing import Any

from fixer.scaffold.configuration.certificates import LETS_ENCRYPT, Certificate, certificate
from fixer.scaffold.configuration.pages import pages, php, static_folders
from fixer.scaffold.configuration.upstreams import (
    HOST_VARIABLES,
    Upstream,
    is_behind_another,
    site_name,
    upstreams,
)
from fixer.scaffold.configuration.writing import Writer, placed, running, version_of
from fixer.scaffold.demands import HEALTH_PATH
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack

ROOTS = ("/usr/share/nginx/html", "/var/www/html", "/var/www", "/app/dist", "/srv")
TEMPLATES = "/etc/nginx/templates"
INCLUDED = ("/etc/nginx/conf.d", "/etc/nginx/sites-enabled")
PART = r"(?i)(gzip|log|cache|upstream|ssl|security|header|limit|realip|status|_params)"
"""The names of files that are a part of a configuration only."""

TLS_PORTS = ("443", "8443")
HTTP2_DIRECTIVE = (1, 25)
"""The version from which HTTP/2 is a directive of its own."""


def _nginx(stack: Stack, service: Service, mount: Mount) -> Files:
    includes = [f"{folder}/{_pattern(service, folder)}" for folder in INCLUDED if _has(service, folder)]
    if _has(service, TEMPLATES) and f"{INCLUDED[0]}/*.conf" not in includes:
        includes.append(f"{INCLUDED[0]}/*.conf")
    site = {} if includes else _values(service)
    if site is None:
        return {}
    text = render(
        "nginx/nginx.conf.j2",
        includes=includes,
        temporary=_temporary(service),
        is_confined=_is_confined(service),
        compresses=False,
        **site,
    )
    return placed(mount, "nginx.conf", text)


def _site(stack: Stack, service: Service, mount: Mount) -> Files:
    """The site goes to one of the files that are missing; what others are for is not known."""
    values = _values(service)
    missing = [
        each
        for each in service.bind_mounts
        if each.path
        and each.target.startswith((*INCLUDED, TEMPLATES))
        and not stack.repository.exists(each.path)
    ]
    is_read = mount.target.startswith((INCLUDED[0], TEMPLATES)) or _has(service, "/etc/nginx/nginx.conf")
    is_part = re.search(PART, mount.target.rpartition("/")[2]) is not None
    if values is None or not is_read or is_part or mount is not missing[0]:
        return {}
    is_template = mount.target.startswith(TEMPLATES)
    if is_template:
        values = _with_variables(service, values)
    if mount.target.startswith(f"{INCLUDED[0]}/") and not mount.target.endswith("/default.conf"):
        # The image's own default.conf stays beside it.
        names = ["localhost", *values["servers"][0]["names"]]
        first = {**values["servers"][0], "names": [each for each in names if each != "_"]}
        values = {**values, "is_default": True, "servers": [first, *values["servers"][1:]]}
    compresses = not _has(service, "/etc/nginx/nginx.conf")
    text = render("nginx/site.conf.j2", compresses=compresses, **values)
    return placed(mount, "default.conf.template" if is_template else "default.conf", text)


def _has(service: Service, path: str) -> bool:
    """Whether a path, or something below it, is mounted."""
    return any(f"{each.target}/".startswith(f"{path}/") for each in service.mounts)


def _pattern(service: Service, folder: str) -> str:
    """Which files of a folder are read: sites that are enabled often have no ending."""
    paths = [mount.path for mount in service.bind_mounts if mount.target == folder and mount.path]
    names = [each for path in paths for each in service.stack.repository.listed(path)]
    return "*" if names and not any(each.endswith(".conf") for each in names) else "*.conf"


def _is_confined(service: Service) -> bool:
    """Whether nginx can write to no folder but those that are mounted, or open to everyone."""
    value = service.value.get("read_only")
    facts = service.facts
    is_user = facts is not None and facts.user is not None and not facts.user.starts_as_root
    return is_user or service.value.get("user") is not None or (value is not None and value.data is True)


def _temporary(service: Service) -> str:
    """The folder for nginx's process file and temporary files: `/tmp`, unless nothing but another
    folder can be written to."""
    value = service.value.get("read_only")
    folders = [mount.target for mount in service.mounts if not mount.read_only and mount.kind != "bind"]
    if value is None or value.data is not True or "/tmp" in folders:
        return "/tmp"
    return next((each for each in ("/run", "/var/run", "/var/cache/nginx") if each in folders), "/tmp")


def _values(service: Service) -> dict[str, Any] | None:
    """What the site's template asks for, or None where nothing is known that nginx could serve."""
    scripts = php(service)
    content = None if scripts else pages(service, *ROOTS)
    behind = upstreams(service, has_pages=bool(content or scripts))
    if not (behind or content or scripts):
        return None
    found = certificate(service)
    targets = [port.target for port in service.ports if port.target.isdigit()]
    secure = [port for port in service.ports if port.target in TLS_PORTS]
    facts = service.facts
    plain = next((each for each in targets if each not in TLS_PORTS), "")
    default = str(facts.serves[0].port) if facts and facts.serves else "80"
    published = secure[0].published if secure else ""
    names = [name for name in [site_name(service)] if name]
    shared = [each for each in behind if not each.hosts]
    servers = [_server(names or ["_"], shared, has_root=True)] if shared or content or scripts else []
    servers += [_server(list(each.hosts), [each], has_root=False) for each in behind if each.hosts]
    is_limited = not is_behind_another(service) and any(each.is_limited for each in behind)
    return {
        "balanced": [each for each in behind if len(each.addresses) > 1],
        "servers": servers,
        "port": plain or default,
        "is_default": False,
        "tls": found if secure else None,
        "tls_port": secure[0].target if secure else "",
        "redirected_port": f":{published}" if published.isdigit() and published != "443" else "",
        "has_http2_directive": _has_http2_directive(service),
        "challenges": next((each.target for each in service.mounts if "certbot" in each.target), ""),
        "issuer": _issuer(service, found),
        "health": _health(service, behind),
        "is_limited": is_limited,
        "is_behind_another": is_behind_another(service),
        "has_sockets": bool(behind),
        "pages": content,
        "php": scripts,
        "static": static_folders(service),
    }


def _server(names: list[str], behind: list[Upstream], has_root: bool) -> dict[str, Any]:
    routes = [
        {
            "path": each.path,
            "url": f"http://{each.addresses[0] if len(each.addresses) == 1 else each.name}",
            "stripped": each.stripped,
            "is_limited": each.is_limited,
        }
        for each in behind
    ]
    return {"names": names, "routes": routes, "has_root": has_root}


def _has_http2_directive(service: Service) -> bool:
    """Whether nginx is as new as the directive. Of an image that is built here that is not known: new
    ones take the older syntax too."""
    return service.build is None and (version_of(service) or HTTP2_DIRECTIVE) >= HTTP2_DIRECTIVE


def _issuer(service: Service, found: Certificate | None) -> str:
    """The service that gets the certificate from Let's Encrypt, empty where there is none."""
    if found is None or not found.chain.startswith(LETS_ENCRYPT):
        return ""
    issuers = running(list(service.stack.services.values()), "certbot/certbot")
    return issuers[0].name if issuers else ""


def _health(service: Service, behind: list[Upstream]) -> str:
    """The path that answers without any other service: what the stack's health check asks for."""
    test = service.healthcheck.test if service.healthcheck else None
    others = ("/nginx-health", *(each.path for each in behind if each.path != "/"))
    for path in re.findall(HEALTH_PATH, test.text) if test else []:
        if path != "/" and not path.startswith(others):
            return str(path)
    return "/nginx-health"


def _with_variables(service: Service, values: dict[str, Any]) -> dict[str, Any]:
    """The values with what the service's environment gives the template: its name, its port, and
    where the other services are."""
    environment = {name: each.value for name, each in service.environment.items() if each.value}
    names = [name for name in HOST_VARIABLES if name in environment]
    ports = [name for name, value in environment.items() if value == values["port"] and "PORT" in name]
    servers = []
    for server in values["servers"]:
        routes = []
        for route in server["routes"]:
            address = route["url"].removeprefix("http://")
            for name, value in environment.items():
                if value == route["url"]:
                    route = {**route, "url": f"${{{name}}}"}
                elif value == address:
                    route = {**route, "url": f"http://${{{name}}}"}
                elif value == address.partition(":")[0]:
                    route = {**route, "url": route["url"].replace(f"//{value}:", f"//${{{name}}}:")}
                elif value == address.partition(":")[2] and "PORT" in name and name not in ports:
                    route = {**route, "url": route["url"].replace(f":{value}", f":${{{name}}}")}
            routes.append(route)
        own = [f"${{{names[0]}}}"] if names and server["has_root"] else server["names"]
        servers.append({**server, "routes": routes, "names": own})
    port = f"${{{ports[0]}}}" if ports else values["port"]
    return {**values, "servers": servers, "port": port}


def _snippet(stack: Stack, service: Service, mount: Mount) -> Files:
    name = mount.target.rpartition("/")[2].lower()
    if "proxy" in name:
        return placed(
            mount, name, render("nginx/proxy.conf.j2", is_behind_another=is_behind_another(service))
        )
    if "header" in name or "security" in name:
        return placed(mount, name, render("nginx/headers.conf.j2"))
    return {}


WRITERS: dict[str, Writer] = {"nginx": _nginx, "nginx-site": _site, "nginx-snippet": _snippet}
