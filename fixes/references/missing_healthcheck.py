"""A service waits for the health of one that has no health check.

## What is wrong

`docker compose config` accepts `condition: service_healthy` on a service without a health check, but
`docker compose up` fails: `dependency failed to start: container shop-db-1 has no healthcheck
configured`.

## What dockfix does

- Where it is known how to ask the image (postgres, mysql, mariadb, mongo, redis, valkey, rabbitmq,
  minio), also under a build of one's own, the service gets that health check.
- Where neither the Dockerfile here nor the official image that it starts from has a `HEALTHCHECK`, the
  condition becomes `service_started`. Docker's official images have none, by policy.
- Nothing is said of an image that is not known, which may have one. Where the check is turned off, a
  person has to turn it on, or not to wait for it. Where the service is an alias (`db: *postgres`), it
  has no place of its own for a check, and the finding says what to write.

## Fix safety

A health check is safe: the stack does not start as it is, and the container runs as before. A weaker
condition is unsafe, since the service starts earlier than its author wants.

## References

Compose specification, depends_on and healthcheck; Docker official images, FAQ.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Alias, Flow, Mapping, Operation, Quoted, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.images import image_facts
from fixer.stack import Service, Stack, Value

fix = Fix(
    summary="A service waits for the health of one that has no health check.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

TIMES = {"interval": "10s", "timeout": "5s", "retries": 5, "start_period": "30s"}

OTHER_DOOR = r"(?i)port\b|(^|\s)-p\b|tls|ssl"
"""What a command has that may make the program listen elsewhere than it is asked."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find conditions on the health of services that have no check."""
    for service in stack.services.values():
        depends_on = service.value.get("depends_on")
        for name, each in depends_on.entries() if depends_on else ():
            condition, other = each.get("condition"), stack.services.get(name)
            if condition is not None and condition.text == "service_healthy" and other:
                yield from _finding(stack, condition, other)


def _finding(stack: Stack, condition: Value, other: Service) -> Iterator[Finding]:
    check = other.healthcheck
    if any(_has_check(larger.services.get(other.name)) for larger in (stack, *stack.larger)):
        return
    base = _base(other)
    if base is None:
        return
    message = (
        f"docker compose up fails: the container of {other.name} has no healthcheck configured, and"
        " this service waits for it."
    )
    if check is not None and check.disabled:
        steps = f"Turn the health check of {other.name} on, or wait for service_started."
        yield Finding(condition.at, message, steps=steps)
    elif (test := _test(other, base)) and (alias := _alias(other)):
        words = ", ".join(f"'{word}'" for word in test)
        steps = (
            f"Write {other.name} out as a mapping with `<<: *{alias}` and `healthcheck: {{test:"
            f" [{words}]}}`, or give what the alias stands for that check."
        )
        yield Finding(condition.at, message, steps=steps)
    elif test:
        yield Finding(condition.at, message, (_with_check(other, test),))
    elif "/" not in base:
        weaker = Set(condition.route, "service_started", condition.node.document)
        yield Finding(
            condition.at, message, (EditYaml(condition.file.path, (weaker,)),), safety=Safety.UNSAFE
        )


def _has_check(service: Service | None) -> bool:
    check = service.healthcheck if service else None
    return check is not None and check.test is not None and not check.disabled


def _base(service: Service) -> str | None:
    """The image that the service runs or is built from; None where that is not known or its
    Dockerfile has a health check."""
    build, image = service.build, service.image
    if build is None:
        return image.repository if image and image_facts(image.repository) else None
    document = service.stack.dockerfile(build.dockerfile_path) if build.dockerfile_path else None
    if document is None or not document.stages or build.inline:
        return None
    stage = document.stage(build.target) if build.target else document.stages[-1]
    while stage is not None:
        if any(instruction.name == "HEALTHCHECK" for instruction in stage.instructions):
            return None
        below = document.stage(stage.base)
        if below is None or below is stage:
            name = stage.base.partition("@")[0].removeprefix("docker.io/").removeprefix("library/")
            return None if "$" in name else re.sub(r":[^/]*\Z", "", name)
        stage = below
    return None


def _test(service: Service, base: str) -> tuple[str, ...]:
    """How to ask the program; empty where it is not known, or it may listen elsewhere."""
    facts, command, check = image_facts(base), service.command, service.healthcheck
    listens_elsewhere = command is not None and re.search(OTHER_DOOR, command.text)
    if facts is None or service.entrypoint is not None or listens_elsewhere:
        return ()
    if check is not None and check.value.shared:
        return ()
    return facts.health


def _alias(service: Service) -> str | None:
    """The name of the alias that is all of the service where a check would be added."""
    root = service.files[0].root
    section = root.get("services") if root else None
    entry = section.entry(service.name) if isinstance(section, Mapping) else None
    node = entry.value if entry else None
    return node.name if isinstance(node, Alias) and service.healthcheck is None else None


def _with_check(service: Service, test: tuple[str, ...]) -> EditYaml:
    words = Flow([Quoted(word) for word in test])
    check = service.healthcheck
    operation: Operation
    if check is not None:
        operation = Set((*check.value.route, "test"), words, check.value.node.document)
        return EditYaml(check.value.file.path, (operation,))
    operation = Set(("services", service.name, "healthcheck"), {"test": words, **TIMES})
    return EditYaml(service.files[0].path, (operation,))
