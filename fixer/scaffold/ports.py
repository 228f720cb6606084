"""On which ports a service listens inside its container, and which of them speak HTTP."""

from __future__ import annotations

import re

from fixer.stack import Service

LOCAL_URL = r"http://(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::(\d+))?(?=[/\s\"']|\Z)"
PORT_VARIABLES = ("PORT", "APP_PORT", "SERVER_PORT", "HTTP_PORT", "UVICORN_PORT")
DEBUGGERS = ("5678", "9229", "5005", "2345", "40000")
"""Ports on which debuggers of Python, Node, Java and Go listen."""


def listening_ports(service: Service) -> list[str]:
    """Give the ports, the likeliest to serve the application first: what the health check asks,
    what a variable sets, what is published or exposed, what the Dockerfile says."""
    found: list[str] = []
    test = service.healthcheck.test if service.healthcheck else None
    found += [port or "80" for port in re.findall(LOCAL_URL, test.text)] if test else []
    found += [service.environment[name].value for name in PORT_VARIABLES if name in service.environment]
    found += [port.target for port in service.ports if port.protocol == "tcp"]
    exposed = service.value.get("expose")
    found += [str(item.data) for item in exposed.items()] if exposed else []
    path = service.build.dockerfile_path if service.build else None
    document = service.stack.dockerfile(path) if path else None
    for instruction in document.named("EXPOSE") if document else []:
        found += [word.removesuffix("/tcp") for word in instruction.words]
    return [port for port in dict.fromkeys(found) if port.isdigit() and port not in DEBUGGERS]


def http_port(service: Service) -> str | None:
    """Give the port on which a service answers HTTP, or None where it is not known to do so. A
    service that is built here is taken for an application; of an image its facts must say so."""
    facts = service.facts
    if facts is not None and service.build is None:
        served = [str(each.port) for each in facts.serves if each.speaks == "http"]
        return served[0] if served else None
    if service.build is None:
        return None
    ports = listening_ports(service)
    return ports[0] if ports else None
