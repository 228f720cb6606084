"""Two services have one `container_name`.

## What is wrong

A container's name is unique on a host, and Compose refuses a stack in which two services have the same:
`services.worker: container name "app" is already in use by service {}`. It comes from copying a service,
or from `extends`, which brings the name along. Where the services are in profiles, Compose refuses them
once both are started together.

## What dockfix does

The service that the name does not fit gets one of its own, in the first one's manner: `acme-worker` for
the service `worker` where `web` is called `acme-web`, and its own name where there is no manner. A name
that is taken as well is for a person. Services in different profiles may share a name.

## Fix safety

Safe where the name holds the name of one of the two services as a word: Compose refuses the stack as it
is, and that service keeps it. Else unsafe, since scripts may mean either container by that name.

## References

Compose specification, container_name and extends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Mapping, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import ComposeFile, Service, Stack, Value

fix = Fix(
    summary="Two services have the same container_name.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find names that an earlier service has, which may run at the same time."""
    named: dict[str, list[Service]] = {}
    for service in stack.services.values():
        value = service.value.get("container_name")
        if value is None or not value.text or not stack.is_known(value.text):
            continue
        name = stack.interpolate(value.text, value.file)
        owners = named.setdefault(name, [])
        owner = next((each for each in owners if _may_meet(service, each)), None)
        owners.append(service)
        if owner is not None:
            yield _finding(stack, name, owner, service)


def _may_meet(service: Service, other: Service) -> bool:
    return not (service.profiles and other.profiles) or bool(service.profiles & other.profiles)


def _finding(stack: Stack, name: str, owner: Service, service: Service) -> Finding:
    fits, fits_too = _holds(name, owner.name), _holds(name, service.name)
    if fits_too and (not fits or len(service.name) > len(owner.name)):
        owner, service, fits = service, owner, True
    value = service.value.data["container_name"]
    message = (
        f'Compose refuses the stack: services.{service.name}: container name "{name}" is already in'
        f" use by {owner.name}."
    )
    own_name = service.name
    if _holds(value.text, owner.name):
        own_name = re.sub(_word(owner.name), lambda _: service.name, value.text, count=1)
    taken = [each.value.get("container_name") for each in stack.services.values()]
    written = _written(service, value)
    if len(own_name) < 2 or own_name in [each.text for each in taken if each] or written is None:
        steps = f"Give {service.name} a container_name of its own, or none."
        return Finding(value.at, message, steps=steps)
    file, mapping = written
    operation = Set((*mapping.route, "container_name"), own_name, mapping.document)
    safety = None if fits else Safety.UNSAFE
    return Finding(value.at, message, (EditYaml(file.path, (operation,)),), safety=safety)


def _holds(name: str, word: str) -> bool:
    return re.search(_word(word), name) is not None


def _word(word: str) -> str:
    """The pattern of a service's name as a whole word, between `-`, `_` and `.`."""
    return rf"(?<![^-_.]){re.escape(word)}(?![^-_.])"


def _written(service: Service, value: Value) -> tuple[ComposeFile, Mapping] | None:
    """Where a name of the service's own is written, or can be; None where others merge it."""
    file = value.file
    mapping = service.written_in(file)
    if mapping is None or value.node.parent is not mapping:
        file = service.files[-1]
        mapping = service.written_in(file)
    elif value.shared or mapping.anchor is not None:
        return None
    return (file, mapping) if mapping is not None else None
