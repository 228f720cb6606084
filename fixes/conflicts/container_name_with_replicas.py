"""A service has a `container_name` and more than one replica.

## What is wrong

A container's name is unique on a host, so Compose refuses to scale a service that has one:
`services.deploy.replicas: can't set container_name and app as container name must be unique`. Mostly
the base file names the container for development, and the production override scales it.

## What dockfix does

Where another file scales the service than names it, the scaling override gets
`container_name: !reset null`, which takes the name away in that stack alone: every other stack
keeps its names. Where one file does both, the name goes, for the replicas are what cannot work
with it.

## Fix safety

Safe: Compose refuses the stack as it is. `!reset` needs Compose 2.18.0.

## References

Compose specification, container_name and Merge and override (reset value).
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete, Operation, Reset, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Service, Stack, Value

fix = Fix(
    summary="A service that runs in several replicas has a container_name.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find named services with more than one replica."""
    for service in stack.services.values():
        name, replicas = service.value.get("container_name"), _replicas(service)
        if name is not None and name.text and replicas is not None:
            yield _finding(service, name, replicas)


def _replicas(service: Service) -> Value | None:
    """The value that asks for several replicas."""
    deploy = service.value.get("deploy")
    for value in (deploy.get("replicas") if deploy else None, service.value.get("scale")):
        if value is not None and isinstance(value.data, int) and value.data > 1:
            return value
    return None


def _finding(service: Service, name: Value, replicas: Value) -> Finding:
    message = (
        f"Compose refuses the stack: {service.name} has {replicas.data} replicas and a"
        " container_name, which must be unique."
    )
    operation: Operation = Delete(name.route, name.node.document)
    path = name.file.path
    if name.file is not replicas.file or name.shared:
        path = replicas.file.path
        operation = Set(("services", service.name, "container_name"), Reset())
    return Finding(replicas.at, message, (EditYaml(path, (operation,)),))
