"""An external volume has settings of a volume that Compose would create.

## What is wrong

`external: true` says that the volume exists and is not Compose's. Settings for creating it contradict
that, and Compose stops: `volumes.data: conflicting parameters "external" and "driver" specified`. The
old form `external: {name: data}` draws a warning: `external.name is deprecated. Please set name and
external: true`.

## What dockfix does

It removes the settings beside `external` and `name`. Where another file of the stack has them, the file
that makes the volume external gets `driver: !reset null`. The old form becomes `external: true` with the
`name` beside it.

## Fix safety

Safe: Compose refuses the stack as it is, and with the new form of `external` the resolved configuration
stays the same. `!reset` needs Compose 2.18.0.

## References

Compose specification, Volumes, external; Merge and override, reset value.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import Change, EditYaml
from fixer.documents.yaml import Delete, Insert, Operation, Reset, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Declaration, Stack, Value

fix = Fix(
    summary="An external volume has settings of a volume that Compose would create.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

SECTIONS = {"volume": "volumes", "network": "networks", "secret": "secrets", "config": "configs"}


def detect(stack: Stack) -> Iterator[Finding]:
    """Find settings beside `external`, and its old form."""
    for kind, section in SECTIONS.items():
        for declaration in stack.declarations(kind).values():
            external = declaration.value.get("external")
            if external is None:
                continue
            if isinstance(external.data, dict) and external.get("name") is not None:
                yield _old_form(f"{section}.{declaration.name}", declaration, external)
            if kind == "volume" and external.data not in (False, None):
                yield from _conflicts(declaration, external)


def _old_form(place: str, declaration: Declaration, external: Value) -> Finding:
    name, named = external.get("name"), declaration.value.get("name")
    assert name is not None
    document = external.node.document
    if named is not None and named.text != name.text:
        message = f"Compose refuses the stack: {place}: name and external.name conflict; only use name."
        steps = f"Write external: true, and {named.text} or {name.text} as the name."
        return Finding(external.at, message, steps=steps)
    message = f"Compose warns: {place}: external.name is deprecated. Please set name and external: true."
    operations: tuple[Operation, ...] = (Set(external.route, True, document),)
    if named is None:
        route = (*external.route[:-1], "name")
        operations += (Insert(route, name.text, "external", document),)
    return Finding(
        external.at, message, (EditYaml(external.file.path, operations),), severity=Severity.NOTE
    )


def _conflicts(declaration: Declaration, external: Value) -> Iterator[Finding]:
    for key, value in declaration.value.entries():
        if key in ("external", "name") or key.startswith("x-"):
            continue
        message = (
            f'Compose refuses the stack: volumes.{declaration.name}: conflicting parameters "external"'
            f' and "{key}" specified.'
        )
        yield Finding(value.at, message, (_removal(declaration, key, value, external),))


def _removal(declaration: Declaration, key: str, value: Value, external: Value) -> Change:
    if value.file is external.file and not value.shared:
        return EditYaml(value.file.path, (Delete(value.route, value.node.document),))
    route = ("volumes", declaration.name, key)
    return EditYaml(external.file.path, (Set(route, Reset(), external.node.document),))
