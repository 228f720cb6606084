"""A variable in a list has blanks around its `=`.

## What is wrong

An item of `environment` or of a build's `args` is `KEY=value`. With a blank before the `=`, Compose
stops: `'services[web].environment' environment variable DEBUG  is declared with a trailing space`.

## What dockfix does

It takes away the blanks on both sides.

## Fix safety

Safe: Compose refuses the stack as it is.

## References

Compose specification, environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Service, Stack, Value
from fixer.stack.merging import ListItem

fix = Fix(
    summary="A variable in a list has blanks around its equals sign.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

PADDED = r"([^\s=]+)\s+=\s*"


def detect(stack: Stack) -> Iterator[Finding]:
    """Find variables with a blank before the equals sign."""
    for service in stack.services.values():
        build = service.value.get("build")
        for place, value in (
            ("environment", service.value.get("environment")),
            ("build.args", build.get("args") if build is not None else None),
        ):
            for item in _items(value):
                if match := re.match(PADDED, item.text):
                    yield _finding(service, place, item, match[1], item.text[match.end() :])


def _items(value: Value | None) -> Iterator[Value]:
    """The texts of a list; where several files have a say, it is a mapping by name."""
    for item in value.items() if value is not None else ():
        yield item
    for _, item in value.entries() if value is not None else ():
        if isinstance(item, ListItem):
            yield item


def _finding(service: Service, place: str, item: Value, name: str, value: str) -> Finding:
    message = (
        f"Compose refuses the stack: 'services[{service.name}].{place}' environment variable {name}  is"
        " declared with a trailing space."
    )
    operation = Set(item.route, f"{name}={value}", item.node.document)
    return Finding(item.at, message, (EditYaml(item.file.path, (operation,)),))
