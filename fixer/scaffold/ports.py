"""On which ports a service listens inside its container, and which of them speak HTTP."""

from __future__ import annotations

import re

from fixer.documents.dockerfile import Instruction
from fixer.images import ImageFacts, image_facts
from fixer.stack import Service

LOCAL_URL = r"http://(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::(\d+))?(?=[/\s\"']|\Z)"
PORT_VARIABLES = ("PORT", "APP_PORT", "SERVER_PORT", "HTTP_PORT", "UVICORN_PORT")
DEBUGGERS = ("5678", "9229", "5005", "2345", "40000")
"""Ports on which debuggers of Python, Node, Java and Go listen."""

PORT_OPTION = (
    r"(?:--?[\w.-]*port[ =]|(?:^| )-p |(?:0\.0\.0\.0|\[::\]|(?:--bind|--listen|-b|-l)[ =]):?)(\d{2,5})\b"
)
"""How a command line says where its server listens."""


def listening_ports(service: Service) -> list[str]:
    """Give the ports, the likeliest to serve the application first: what the health check asks,
    what a variable sets, what is published or exposed, what the command or the Dockerfile says."""
    found: list[str] = []
    test = service.healthcheck.test if service.healthcheck else None
    found += [port or "80" for port in re.findall(LOCAL_URL, test.text)] if test else []
    found += [service.environment[name].value for name in PORT_VARIABLES if name in service.environment]
    found += [port.target for port in service.ports if port.protocol == "tcp"]
    exposed = service.value.get("expose")
    found += [str(item.data) for item in exposed.items()] if exposed else []
    if service.command is not None:
        found += re.findall(PORT_OPTION, " ".join(service.command.words))
    instructions = _of_image(service)
    for instruction in instructions:
        if instruction.name == "EXPOSE":
            found += [word.removesuffix("/tcp") for word in instruction.words]
    for instruction in instructions:
        if instruction.name in ("CMD", "ENTRYPOINT"):
            found += re.findall(PORT_OPTION, " ".join(instruction.words))
    return [port for port in dict.fromkeys(found) if port.isdigit() and port not in DEBUGGERS]


def _of_image(service: Service) -> list[Instruction]:
    """The instructions of the stage that a service's image is built as, and of those it starts from."""
    build = service.build
    document = (
        service.stack.dockerfile(build.dockerfile_path) if build and build.dockerfile_path else None
    )
    return document.image(build.target) if build and document else []


def base_facts(service: Service) -> ImageFacts | None:
    """Give what is known of the image that a service's own one starts from."""
    bases = [each.words[0] for each in _of_image(service) if each.name == "FROM" and each.words]
    return image_facts(re.sub(r"(:[^/]*)?(@.*)?\Z", "", bases[-1])) if bases else None


def http_port(service: Service) -> str | None:
    """Give the port on which a service answers HTTP, or None where it is not known to do so. A
    service that is built here is taken for an application, unless it starts from a database's
    image; of an image its facts must say so."""
    facts = service.facts
    if facts is not None and service.build is None:
        served = [str(each.port) for each in facts.serves if each.speaks == "http"]
        return served[0] if served else None
    base = base_facts(service)
    if service.build is None or (base is not None and base.is_store):
        return None
    ports = listening_ports(service)
    return ports[0] if ports else None
