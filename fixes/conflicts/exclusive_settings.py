"""Two settings stand together of which Compose allows one.

## What is wrong

Compose refuses

- a build with both (its spelling): `service "web" declares mutualy exclusive dockerfile and
  dockerfile_inline`,
- a secret or config with two sources: `secrets.token: file|environment attributes are mutually
  exclusive`, `configs.site: file|environment|content attributes are mutually exclusive`,
- a GPU both counted and named: `"count" and "device_ids" attributes are exclusive`,
- an external volume that says how it is made: `volumes.data: conflicting parameters "external" and
  "driver" specified`.

## What dockfix does

Where an override brings one of the two, that one is meant, and the other gets `!reset null` there. In
one file, a `count` goes where `device_ids` names the devices, what would make a volume goes where the
volume is external, and a file that the repository does not have goes where there is another source. The
rest is for a person.

## Fix safety

Safe: Compose refuses the stack as it is. Unsafe where a file goes since it is not there, as it may be
one that is not committed. `!reset` needs Compose 2.18.0.

## References

Compose specification, build, secrets, configs, volumes; Compose Deploy specification, devices.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete, Reset, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Stack, Value

fix = Fix(
    summary="Two settings stand together of which Compose allows one.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

MAKING = ("driver", "driver_opts", "labels")
"""What a volume is made with."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find the pairs that Compose refuses."""
    for service in stack.services.values():
        build = service.value.get("build")
        if build is not None:
            reason = (
                f'service "{service.name}" declares mutualy exclusive dockerfile and dockerfile_inline'
            )
            yield from _pairs(stack, build, ("dockerfile", "dockerfile_inline"), reason, "dockerfile")
        for device in _devices(service.value):
            reason = '"count" and "device_ids" attributes are exclusive'
            yield from _pairs(stack, device, ("count", "device_ids"), reason)
    for kind, sources in (("secret", "file environment"), ("config", "file environment content")):
        names = tuple(sources.split())
        for name, declaration in stack.declarations(kind).items():
            reason = f"{kind}s.{name}: {'|'.join(names)} attributes are mutually exclusive"
            yield from _pairs(stack, declaration.value, names, reason, "file")
    for name, declaration in stack.declarations("volume").items():
        for key in MAKING if declaration.external else ():
            reason = f'volumes.{name}: conflicting parameters "external" and "{key}" specified'
            yield from _pairs(stack, declaration.value, (key, "external"), reason)


def _devices(service: Value) -> Iterator[Value]:
    """The GPUs that a service asks for."""
    found: Value | None = service
    for key in ("deploy", "resources", "reservations", "devices"):
        found = found.get(key) if found is not None else None
    for value in (found, service.get("gpus")):
        yield from value.items() if value is not None else ()


def _pairs(
    stack: Stack, value: Value, keys: tuple[str, ...], reason: str, path: str = ""
) -> Iterator[Finding]:
    """The finding for two keys that a mapping has. The first may go, or, where it is a `path`, may go
    if no file is there."""
    given = [(key, found) for key in keys if (found := value.get(key)) and found.data is not None]
    for (key, one), (other, two) in list(combinations(given, 2))[:1]:
        message = f"Compose refuses the stack: {reason}."
        if one.file is not two.file:
            is_first_later = stack.files.index(one.file) > stack.files.index(two.file)
            later, reset = (one, other) if is_first_later else (two, key)
            operation = Set((*later.route[:-1], reset), Reset(), later.node.document)
            yield Finding(later.at, message, (EditYaml(later.file.path, (operation,)),))
            continue
        is_missing = key == path and _is_missing(stack, value, one)
        if one.node.parent is two.node.parent and (key != path or is_missing):
            deletion = Delete(one.route, one.node.document)
            safety = Safety.UNSAFE if is_missing else None
            yield Finding(one.at, message, (EditYaml(one.file.path, (deletion,)),), safety=safety)
        else:
            yield Finding(one.at, message, steps=f"Keep one of `{key}` and `{other}`.")


def _is_missing(stack: Stack, value: Value, file: Value) -> bool:
    """Whether the repository lacks a file that is named, from the build's context if there is one."""
    context = value.get("context")
    folder = f"{context.text}/" if context is not None else ""
    path = stack.resolve(folder + file.text, file.file)
    return path is not None and "$" not in path and not stack.repository.exists(path)
