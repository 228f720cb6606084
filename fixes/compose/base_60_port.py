"""A port without quotes is a number in base 60 for YAML 1.1.

## What is wrong

In YAML 1.1, `22:22` without quotes is the number 1342, for there a colon makes numbers in base 60 where
what follows it is below 60. Compose's parser takes it for a text, but PyYAML and other tools that read
the same file do not, and older releases of Compose did not: `services.git.ports contains an invalid
type`.

## What dockfix does

It puts quotes around the port.

## Fix safety

Safe: the resolved configuration stays the same.

## References

Compose specification, ports; YAML 1.1, Integer language-independent type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Quoted, Scalar, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Stack, Value

fix = Fix(
    summary="A port without quotes is a number in base 60 for YAML 1.1.",
    severity=Severity.NOTE,
    safety=Safety.SAFE,
)

BASE_60 = r"[1-9]\d{0,5}(:[0-5]?\d){1,2}\Z"


def detect(stack: Stack) -> Iterator[Finding]:
    """Find plain ports that YAML 1.1 takes for numbers."""
    for service in stack.services.values():
        ports = service.value.get("ports")
        for item in ports.items() if ports else ():
            node = item.node
            if isinstance(node, Scalar) and not node.style and re.match(BASE_60, node.value):
                yield _finding(item)


def _finding(item: Value) -> Finding:
    number = 0
    for part in item.text.split(":"):
        number = number * 60 + int(part)
    message = f"Readers of YAML 1.1 take {item.text} without quotes for the number {number}."
    operation = Set(item.route, Quoted(item.text), item.node.document)
    return Finding(item.at, message, (EditYaml(item.file.path, (operation,)),))
