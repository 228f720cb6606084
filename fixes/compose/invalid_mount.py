"""A volume of a service is written in a way that Compose or Docker cannot use.

## What is wrong

A mount in short form is `[source:]target[:options]`. Compose stops at an empty part
(`invalid spec: ./html:: empty section between colons`) and at one too many (`too many colons`). What it
takes and Docker then refuses is a target that is no absolute path: `invalid mount path`. It passes over
an option that it does not know, as `readonly`, without a word, so that the mount stays writable.

In long form a mount needs a `type` (`services.web.volumes.0 must be a string`), and a path as the source
of a `volume` is taken for its name (`refers to undefined volume ./html`).

## What dockfix does

It takes away blanks around colons where they make the mount unusable, and a colon at the end, joins
options by commas, writes `ro` for `readonly`, adds the `type` that the source tells, and makes a mount
of a path a `bind`. Where a source or a target is missing, the finding says what to write.

## Fix safety

Safe: Compose or Docker refuses the stack as it is. `ro` for an option that is passed over is unsafe,
since the container may write there today.

## References

Compose specification, volumes; compose-go, format.ParseVolume.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete, Insert, Operation, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Service, Stack, Value
from fixer.stack.merging import split_mount
from fixer.stack.service import is_path

fix = Fix(
    summary="A volume of a service is written in a way that Compose or Docker cannot use.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

READ_ONLY = ("readonly", "read-only", "read_only", "r", "RO")

OPTIONS = r"(ro|rw|z|Z|nocopy|cached|delegated|consistent|r?(private|shared|slave))"

ABSOLUTE = r"/|[A-Za-z]:[\\/]|\\\\"

FORM = 'Write it as "source:/path/in/the/container", or the path alone for a volume without a name.'


def detect(stack: Stack) -> Iterator[Finding]:
    """Find mounts that cannot work. One with a variable depends on who runs it."""
    for service in stack.services.values():
        volumes = service.value.get("volumes")
        for item in volumes.items() if volumes else ():
            if isinstance(item.data, str) and "$" not in item.text:
                yield from _in_short_form(service, item)
            elif isinstance(item.data, dict):
                yield from _in_long_form(service, item)


def _in_short_form(service: Service, item: Value) -> Iterator[Finding]:
    text = item.text
    written = split_mount(text)
    parts = [part.strip() for part in written]
    if _is_usable(written):
        parts[:2] = written[:2]
    if not text:
        operation = Delete(item.route, item.node.document)
        message = "Compose refuses the stack: invalid empty volume spec."
        yield Finding(item.at, message, (EditYaml(item.file.path, (operation,)),))
        return
    if len(parts) > 2 and parts[-1] == "":
        parts.pop()
    if len(parts) > 3 and all(re.fullmatch(OPTIONS, part) for part in parts[2:]):
        parts[2:] = [",".join(parts[2:])]
    mended = ":".join(parts)
    target = parts[1] if len(parts) > 1 else parts[0]
    problem = _problem(service, text)
    if "" in parts or len(parts) > 3 or not re.match(ABSOLUTE, target):
        yield Finding(item.at, problem or _relative(service, target), steps=FORM)
    elif mended != text and not _is_usable(written):
        yield _rewritten(item, _refusal(service, text), mended)
    elif len(parts) == 3 and (
        mended != text or any(option in READ_ONLY for option in parts[2].split(","))
    ):
        options = ["ro" if each in READ_ONLY else each for each in parts[2].split(",")]
        message = f"Compose passes over the option of {text}, so that {service.name} can write there."
        rewritten = _rewritten(item, message, ":".join([*parts[:2], ",".join(options)]))
        yield rewritten._replace(severity=Severity.WARNING, safety=Safety.UNSAFE)


def _is_usable(parts: list[str]) -> bool:
    """Whether Compose and Docker take a mount as it is written. Blanks are part of a path then."""
    is_complete = len(parts) <= 3 and "" not in parts
    has_source = len(parts) == 1 or is_path(parts[0]) or parts[0] == parts[0].strip()
    return is_complete and has_source and re.match(ABSOLUTE, parts[min(len(parts), 2) - 1]) is not None


def _refusal(service: Service, text: str) -> str:
    """What Compose or Docker says of a mount in short form that they refuse."""
    parts = split_mount(text)
    if problem := _problem(service, text):
        return problem
    if not re.match(ABSOLUTE, parts[min(len(parts), 2) - 1]):
        return _relative(service, parts[min(len(parts), 2) - 1])
    return f'Compose refuses the stack: service "{service.name}" refers to undefined volume {parts[0]}.'


def _problem(service: Service, text: str) -> str:
    """What Compose says of a mount in short form; empty where it takes it."""
    parts = split_mount(text)
    if "" in parts:
        return f"Compose refuses the stack: invalid spec: {text}: empty section between colons."
    if len(parts) > 3:
        return f"Compose refuses the stack: invalid spec: {text}: too many colons."
    return ""


def _relative(service: Service, target: str) -> str:
    return (
        f"Docker refuses to create the container of {service.name}: invalid mount path: '{target}'"
        " mount path must be absolute."
    )


def _rewritten(item: Value, message: str, text: str) -> Finding:
    operation = Set(item.route, text, item.node.document)
    return Finding(item.at, message, (EditYaml(item.file.path, (operation,)),))


def _in_long_form(service: Service, item: Value) -> Iterator[Finding]:
    kind, source = item.get("type"), item.get("source")
    path = source.text if source is not None and "$" not in source.text else ""
    operation: Operation
    if kind is None and item.get("target") is not None:
        first = next(iter(item.data))
        mount = "tmpfs" if item.get("tmpfs") else "bind" if is_path(path) else "volume"
        is_known = source is None or bool(path)
        message = (
            f"Compose refuses the stack: a volume of {service.name} has no type and must be a string."
        )
        operation = Insert((*item.route, "type"), mount, first, item.node.document)
        changes = (EditYaml(item.file.path, (operation,)),) if is_known else ()
        yield Finding(item.at, message, changes, steps="Write the type: bind for a path, or volume.")
    elif kind is not None and kind.data == "volume" and is_path(path):
        message = (
            f'Compose refuses the stack: service "{service.name}" refers to undefined volume {path}.'
        )
        operation = Set(kind.route, "bind", kind.node.document)
        yield Finding(item.at, message, (EditYaml(kind.file.path, (operation,)),))
    elif kind is not None and kind.data == "bind" and source is None:
        message = (
            'Compose refuses the stack: invalid mount config for type "bind": field Source must not be'
            " empty."
        )
        yield Finding(item.at, message, steps="Write source, the path on the host.")
