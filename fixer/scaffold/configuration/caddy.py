"""Caddy: a reverse proxy for the stack's services that answer HTTP, and the pages mounted beside it."""

from __future__ import annotations

import re

from fixer.scaffold.configuration.certificates import certificate
from fixer.scaffold.configuration.pages import pages, php, static_folders
from fixer.scaffold.configuration.upstreams import (
    HOST_VARIABLES,
    is_behind_another,
    site_name,
    upstreams,
    variable_value,
)
from fixer.scaffold.configuration.writing import Writer, placed
from fixer.scaffold.demands import HEALTH_PATH
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack

ROOTS = ("/srv", "/usr/share/caddy", "/var/www/html", "/var/www", "/site")
MAIL_VARIABLES = ("ACME_EMAIL", "CADDY_EMAIL", "LETSENCRYPT_EMAIL", "EMAIL")
ADMINISTRATION = "2019"


def _caddy(stack: Stack, service: Service, mount: Mount) -> Files:
    scripts = php(service)
    content = None if scripts else pages(service, *ROOTS)
    behind = upstreams(service, has_pages=bool(content or scripts))
    if not (behind or content or scripts):
        return {}
    shared = [each for each in behind if not each.hosts]
    is_secure = not is_behind_another(service) and any(port.target == "443" for port in service.ports)
    scheme = "" if is_secure else "http://"
    address = _address(service, scheme)
    mail = next((name for name in MAIL_VARIABLES if variable_value(service, name)), "")
    text = render(
        "caddy/Caddyfile.j2",
        address=address,
        shared=shared,
        has_site=bool(shared or content or scripts),
        own=[
            (", ".join(f"{scheme}{name}" for name in each.hosts), each) for each in behind if each.hosts
        ],
        mail=mail if not address.startswith(("http://", ":")) else "",
        certificate=certificate(service) if is_secure else None,
        has_root=any(each.path == "/" for each in shared),
        health=_health(service),
        pages=content,
        php=scripts,
        static=static_folders(service),
    )
    return placed(mount, "Caddyfile", text)


def _address(service: Service, scheme: str) -> str:
    """What the site is asked by: a variable of the service, a name that the stack says, or else any
    name on the port that is published."""
    variable = next((name for name in HOST_VARIABLES if _is_set(service, name)), None)
    if variable is not None:
        return f"{scheme}{{${variable}}}"
    name = site_name(service)
    if name is not None:
        return f"{scheme}{name}"
    targets = [port.target for port in service.ports if port.target.isdigit()]
    plain = [each for each in targets if each not in ("443", ADMINISTRATION)]
    if certificate(service) and "443" in targets:
        return ":443"
    return f":{plain[0]}" if plain else ":80"


def _is_set(service: Service, name: str) -> bool:
    return name in service.environment or bool(variable_value(service, name))


def _health(service: Service) -> str:
    """The path that the stack's health check asks for, empty where it asks for none of the site."""
    test = service.healthcheck.test if service.healthcheck else None
    paths = re.findall(HEALTH_PATH, test.text) if test and ADMINISTRATION not in test.text else []
    return next((each for each in paths if each != "/"), "")


WRITERS: dict[str, Writer] = {"caddy": _caddy}
