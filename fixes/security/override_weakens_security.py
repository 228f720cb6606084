"""An override takes back a protection that the base file gives a service.

## What is wrong

A file that is merged onto the base runs a service as root (`user: root`), makes its file system
writable (`read_only: false`), gives it every capability (`cap_add: [ALL]`) or all of the host
(`privileged: true`), although the base says otherwise. What breaks out of that container then
breaks into the host, and what works in development fails in production, where the base counts.

## What dockfix does

It removes the override's entry, so that the base's value counts in every environment. An entry that
services share through an anchor is reported with what to do, since its removal reaches all of them.

## Fix safety

Unsafe: the container runs with fewer rights than before. A process that needs to write outside its
mounts, or to be root, fails; give it a volume, a `tmpfs` or the one capability it needs.

## References

Docker documentation, Security; OWASP Docker Security Cheat Sheet; CIS Docker Benchmark 5.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import ComposeFile, Service, Stack, Value

fix = Fix(
    summary="An override runs a service with more rights than its base.",
    severity=Severity.WARNING,
    safety=Safety.UNSAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find rights that an override adds to a service of the base."""
    for service in stack.services.values():
        for file in service.files[1:]:
            written, below = service.value_in(file), _below(stack, service, file)
            for setting, value, what in _weakenings(written) if written and below else ():
                if _is_stricter(setting, below):
                    yield _finding(service, setting, value, what)


def _below(stack: Stack, service: Service, file: ComposeFile) -> list[Value]:
    """The service as each of the files says it that are merged before this one. A file that is only
    extended counts where the service extends one."""
    written = service.written_in(file)
    extends = written is not None and written.get("extends") is not None
    values = [service.value_in(base) for base in stack.bases(file) if extends or stack.contributes(base)]
    return [value for value in values if value is not None]


def _weakenings(written: Value) -> Iterator[tuple[str, Value, str]]:
    """The entries of a service that give it rights: setting, value, and what it does."""
    user, read_only, privileged = (written.get(key) for key in ("user", "read_only", "privileged"))
    if user is not None and _is_root(user):
        yield "user", user, "runs it as root"
    if read_only is not None and read_only.data is False:
        yield "read_only", read_only, "makes its file system writable"
    if privileged is not None and privileged.data is True:
        yield "privileged", privileged, "gives it full access to the host"
    added = written.get("cap_add")
    for item in added.items() if added is not None else ():
        if item.text.upper() == "ALL":
            yield "cap_add", item, "gives it every capability"


def _is_root(user: Value) -> bool:
    return user.text.partition(":")[0] in ("root", "0")


def _is_stricter(setting: str, below: list[Value]) -> bool:
    """Whether the files merged before leave the service without this right."""
    values = [value for each in below if (value := each.get(setting)) is not None]
    if setting == "cap_add":
        return not any(item.text.upper() == "ALL" for value in values for item in value.items())
    if setting == "privileged":
        return not any(value.data is True for value in values)
    if setting == "read_only":
        return bool(values) and values[-1].data is True
    return bool(values) and not _is_root(values[-1])


def _finding(service: Service, setting: str, value: Value, what: str) -> Finding:
    message = f"The override of {service.name} {what}, which the base file does not allow."
    written = service.written_in(value.file)
    is_anchored = written is None or written.anchor is not None
    if is_anchored or value.shared or value.route[:2] != ("services", service.name):
        steps = (
            f"Take {setting} out of what the services share here, and write it out for those that"
            " cannot do without it."
        )
        return Finding(value.at, message, steps=steps)
    deletion = Delete(value.route, value.node.document)
    return Finding(value.at, message, (EditYaml(value.file.path, (deletion,)),))
