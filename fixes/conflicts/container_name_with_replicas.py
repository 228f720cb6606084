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
        name = service.value.get("container_name")
        if name is not None and name.text and service.replicas > 1:
            yield _finding(service, name)


def _finding(service: Service, name: Value) -> Finding:
    deploy, scale = service.value.get("deploy"), service.value.get("scale")
    replicas = scale or (deploy.get("replicas") if deploy else None)
    assert replicas is not None
    setting = "scale" if scale else "deploy.replicas"
    message = (
        f"Compose refuses the stack: {service.name} has {service.replicas} replicas (services.{setting}:"
        f" can't set container_name and {service.name} as container name must be unique)."
    )
    written, parent = service.written_in(name.file), name.node.parent
    if parent is written and name.file is replicas.file and not name.shared:
        operation: Operation = Delete(name.route, name.node.document)
        return Finding(replicas.at, message, (EditYaml(name.file.path, (operation,)),))
    value = service.value_in(replicas.file)
    if value is None or value.get("container_name") is not None:
        # `!reset` takes away what a file below or an extended service says, not what a merge key does.
        steps = f"Take container_name out of what {service.name} shares here, or scale it no more."
        return Finding(replicas.at, message, steps=steps)
    operation = Set(("services", service.name, "container_name"), Reset())
    return Finding(replicas.at, message, (EditYaml(replicas.file.path, (operation,)),))
