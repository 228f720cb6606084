"""Traefik: entry points for the stack's ports and labels, and the routes of services without labels."""

from __future__ import annotations

import re

from fixer.scaffold.configuration.certificates import certificate
from fixer.scaffold.configuration.upstreams import Upstream, is_behind_another, upstreams, variable_value
from fixer.scaffold.configuration.writing import Writer, placed, version_of
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack

SOCKET = "docker.sock"
PLAIN = ("web", "http")
SECURE = ("websecure", "https", "web-secure")
"""What the entry points of HTTP and HTTPS are usually called."""

INTERNAL = ("traefik", "8080")
"""The entry point of the dashboard, the metrics and the health check."""

STORAGE = r"(?i)(acme|letsencrypt|lets-encrypt|certs?|certificates)\Z"
MAIL_VARIABLES = ("ACME_EMAIL", "LETSENCRYPT_EMAIL", "LE_EMAIL", "TRAEFIK_ACME_EMAIL", "EMAIL")
DNS_PROVIDERS = {
    "CF_DNS_API_TOKEN": "cloudflare", "CF_API_EMAIL": "cloudflare", "DO_AUTH_TOKEN": "digitalocean",
    "HETZNER_API_TOKEN": "hetzner", "AWS_ACCESS_KEY_ID": "route53",
}  # fmt: skip
"""Variables with which Traefik can prove to Let's Encrypt that a domain is its own."""

MIDDLEWARES = {
    "headers": r"(?i)header|secur",
    "rate": r"(?i)rate|limit",
    "redirect": r"(?i)redirect|https",
    "compress": r"(?i)compress|gzip",
}
"""What the usual names of middlewares stand for."""


def _static(stack: Stack, service: Service, mount: Mount) -> Files:
    points = _entry_points(service)
    if points is None or not _is_read(service) or mount.target.endswith(".toml"):
        return {}
    resolvers = _named(stack, r"\.tls\.certresolver\Z")
    storage = _storage(service)
    if resolvers and storage is None:
        return {}
    plain = next((name for name in points if name in PLAIN), "")
    secure = next((name for name in points if name in SECURE), "")
    used = _named(stack, r"\.entrypoints\Z")
    has_tls = bool(resolvers or certificate(service) or _named(stack, r"\.tls\Z"))
    text = render(
        "traefik/traefik.yml.j2",
        points={name: port for name, port in points.items() if name != INTERNAL[0]},
        internal=points.get(INTERNAL[0], ""),
        plain=plain,
        secure=secure,
        is_redirected=bool(plain and secure and has_tls and plain not in used),
        has_docker=_has_docker(service),
        network=_network(service),
        dynamic=_dynamic_path(service),
        resolvers=resolvers,
        storage=storage,
        mail=_mail(service),
        dns=next((value for name, value in DNS_PROVIDERS.items() if name in service.environment), ""),
        is_local=_is_local(service),
        has_dashboard="api@internal" in _named(stack, r"\.service\Z"),
    )
    return placed(mount, "traefik.yml", text)


def _is_read(service: Service) -> bool:
    """Whether the file is what Traefik's settings come from: it takes them from one place only, and
    version 1 has others."""
    words = [*(service.command.words if service.command else ())]
    options = [each for each in words if each.startswith("--") and "configfile" not in each.lower()]
    variables = [name for name in service.environment if name.startswith("TRAEFIK_")]
    is_old = version_of(service)[:1] == (1,)
    return not (options or variables or is_old)


def _named(stack: Stack, label: str) -> list[str]:
    """What the routers of the stack's labels have as the value of a setting."""
    values = [
        part.strip()
        for service in stack.services.values()
        for each in service.labels
        if each.name.startswith("traefik.http.") and re.search(label, each.name)
        for part in stack.interpolate(each.text).split(",")
    ]
    return list(dict.fromkeys(values))


def _entry_points(service: Service) -> dict[str, str] | None:
    """The entry points by name, for the ports that are published and the names that labels use; None
    where a name has no port."""
    used = _named(service.stack, r"\.entrypoints\Z")
    ports = dict.fromkeys(port.target for port in service.ports if port.protocol == "tcp")
    ports = ports or dict.fromkeys(("80", "443"))
    points: dict[str, str] = {}
    for usual, port in ((PLAIN, "80"), (SECURE, "443"), (INTERNAL[:1], INTERNAL[1])):
        if port in ports:
            points[next((name for name in usual if name in used), usual[0])] = port
    names = [name for name in used if name not in points]
    others = [port for port in ports if port not in points.values() and port.isdigit()]
    if len(names) > len(others):
        return None
    names += [f"port-{port}" for port in others[len(names) :]]
    return {**points, **dict(zip(names, others, strict=True))}


def _has_docker(service: Service) -> bool:
    return any(mount.target.endswith(SOCKET) for mount in service.mounts)


def _network(service: Service) -> str:
    """The network that Traefik shares with the services, where its name is the same in every project."""
    declared = [
        each for each in service.stack.declarations("network").values() if each.name in service.networks
    ]
    if len(declared) != 1:
        return ""
    name = declared[0].value.get("name")
    if name is not None:
        return service.stack.interpolate(name.text) if service.stack.is_known(name.text) else ""
    return declared[0].name if declared[0].external else ""


def _dynamic_path(service: Service) -> str:
    from fixer.scaffold.configuration import program_at

    targets = [mount.target for mount in service.mounts]
    return next((each for each in targets if program_at(service, each) == "traefik-dynamic"), "")


def _storage(service: Service) -> str | None:
    """The file that certificates are kept in: the one that is mounted, or one in a mounted folder."""
    targets = [mount.target for mount in service.mounts]
    files = [each for each in targets if re.search(r"(?i)acme[\w-]*\.json\Z", each)]
    folders = [f"{each}/acme.json" for each in targets if re.search(STORAGE, each)]
    return next(iter([*files, *folders]), None)


def _mail(service: Service) -> str:
    values = [variable_value(service, name) for name in MAIL_VARIABLES]
    values += [service.stack.environment.get(name, "") for name in MAIL_VARIABLES]
    return next((each for each in values if re.fullmatch(r"[\w.+-]+@[\w.-]+", each)), "")


def _is_local(service: Service) -> bool:
    """Whether the port of the dashboard is published to this machine alone."""
    ports = [port for port in service.ports if port.target == INTERNAL[1]]
    return bool(ports) and all(port.host_ip in ("127.0.0.1", "::1") for port in ports)


def _dynamic(stack: Stack, service: Service, mount: Mount) -> Files:
    if mount.target.endswith(".toml"):
        return {}
    has_labels = bool(_named(stack, r"\.rule\Z"))
    behind = [] if has_labels else upstreams(service)
    middlewares = _middlewares(stack)
    limit = "rate-limit" if behind and not is_behind_another(service) else ""
    if behind:
        middlewares |= {"security-headers": "headers"}
        middlewares |= {limit: "rate"} if any(each.is_limited for each in behind) and limit else {}
    found = certificate(service)
    if not (middlewares or found):
        return {}
    is_second = version_of(service)[:1] == (2,)
    text = render(
        "traefik/dynamic.yml.j2",
        routes=[{"upstream": each, "rule": _rule(each, is_second)} for each in behind],
        middlewares=middlewares,
        limit=limit,
        certificate=found,
    )
    return placed(mount, "services.yml", text)


def _middlewares(stack: Stack) -> dict[str, str]:
    """The middlewares that labels name and a file has to hold, with what the name says that they do."""
    found: dict[str, str] = {}
    for name in _named(stack, r"\.middlewares\Z"):
        kind = next((kind for kind, pattern in MIDDLEWARES.items() if re.search(pattern, name)), None)
        if name.endswith("@file") and kind is not None:
            found[name.removesuffix("@file")] = kind
    return found


def _rule(upstream: Upstream, is_second: bool) -> str:
    """The rule of a router; version 2 writes patterns of names in another way than those after it."""
    rules = [f"Host(`{name}`)" for name in upstream.names]
    for ending in upstream.endings:
        pattern = f"{{any:.+}}{ending}" if is_second else f"^.+{re.escape(ending)}$"
        rules.append(f"HostRegexp(`{pattern}`)")
    return " || ".join(rules) or f"PathPrefix(`{upstream.path}`)"


WRITERS: dict[str, Writer] = {"traefik": _static, "traefik-dynamic": _dynamic}
