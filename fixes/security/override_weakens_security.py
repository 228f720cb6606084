"""An override takes back a protection that the base file gives a service.

## What is wrong

A file that is merged onto the base runs a service as root (`user: root`), makes its file system
writable (`read_only: false`), gives it every capability (`cap_add: [ALL]`) or all of the host
(`privileged: true`), although the base says otherwise. What breaks out of that container then
breaks into the host, and what works in development fails in production, where the base counts.

## What dockfix does

It removes the override's entry, so that the base's value counts in every environment.

## Fix safety

Unsafe: the container runs with fewer rights than before. A process that needs to write outside its
mounts, or to be root, fails; give it a volume, a `tmpfs` or the one capability it needs.

## References

Docker documentation, Security; OWASP Docker Security Cheat Sheet; CIS Docker Benchmark 5.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete, Mapping, Node, Scalar, Sequence
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Service, Stack

fix = Fix(
    summary="An override runs a service with more rights than its base.",
    severity=Severity.WARNING,
    safety=Safety.UNSAFE,
)

ROOT = ("root", "0", "root:root", "0:0")


def detect(stack: Stack) -> Iterator[Finding]:
    """Find rights that an override adds to a service of the base."""
    for service in stack.services.values():
        for file in service.files[1:]:
            mapping = service.written_in(file)
            if mapping is not None:
                for node, what in _weakenings(mapping):
                    if node.route[:2] == ("services", service.name) and _is_stricter_below(
                        stack, service, file, node
                    ):
                        yield _finding(service, file, node, what)


def _weakenings(mapping: Mapping) -> Iterator[tuple[Node, str]]:
    """The entries of a service that give it rights, with what they do."""
    user, read_only, privileged = (mapping.get(key) for key in ("user", "read_only", "privileged"))
    if isinstance(user, Scalar) and user.value in ROOT:
        yield user, "runs it as root"
    if isinstance(read_only, Scalar) and read_only.value == "false":
        yield read_only, "makes its file system writable"
    if isinstance(privileged, Scalar) and privileged.value == "true":
        yield privileged, "gives it full access to the host"
    added = mapping.get("cap_add")
    for item in added.items if isinstance(added, Sequence) else []:
        if isinstance(item, Scalar) and item.value.upper() == "ALL":
            yield item, "gives it every capability"


def _is_stricter_below(stack: Stack, service: Service, file: ComposeFile, node: Node) -> bool:
    """Whether the files merged before leave the service without this right."""
    setting = str(node.route[2])
    below = [value for each in stack.bases(file) if (value := service.value_in(each))]
    values = [value for each in below if (value := each.get(setting))]
    if setting in ("privileged", "cap_add"):
        return not any(value.data is True or "ALL" in _texts(value.plain()) for value in values)
    if setting == "read_only":
        return bool(values) and values[-1].data is True
    return bool(values) and str(values[-1].data) not in ROOT


def _texts(data: object) -> list[str]:
    return [str(each).upper() for each in data] if isinstance(data, list) else []


def _finding(service: Service, file: ComposeFile, node: Node, what: str) -> Finding:
    place = Place(file.path, file.document.position(node))
    message = f"The override of {service.name} {what}, which the base file does not allow."
    return Finding(place, message, (EditYaml(file.path, (Delete(node.route, node.document),)),))
