"""An entry of `extra_hosts` does not tell name and address apart.

## What is wrong

An item of `extra_hosts` is `name=address` or `name:address`. As `/etc/hosts` writes it, with a blank,
Compose stops: `'services[web].extra_hosts' invalid additional host, missing IP: db 10.0.0.5`.

## What dockfix does

Where one word is an address (or `host-gateway`) and the other a name, it writes `name:address`. Else the
finding says how it is written.

## Fix safety

Safe: Compose refuses the stack as it is.

## References

Compose specification, extra_hosts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Service, Stack, Value

fix = Fix(
    summary="An entry of extra_hosts does not tell name and address apart.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

ADDRESS = r"\d+\.\d+\.\d+\.\d+|host-gateway"


def detect(stack: Stack) -> Iterator[Finding]:
    """Find hosts without an address."""
    for service in stack.services.values():
        for file in service.files:
            own = service.value_in(file)
            hosts = own.get("extra_hosts") if own is not None else None
            for item in hosts.items() if hosts is not None else ():
                is_text = isinstance(item.data, str) and "$" not in item.text
                if is_text and not re.search("[=:]", item.text):
                    yield _finding(service, item)


def _finding(service: Service, item: Value) -> Finding:
    message = (
        f"Compose refuses the stack: 'services[{service.name}].extra_hosts' invalid additional host,"
        f" missing IP: {item.text}."
    )
    words = re.split(r"[\s,]+|->", item.text.strip())
    names = [word for word in words if not re.fullmatch(ADDRESS, word)]
    if len(words) != 2 or len(names) != 1:
        return Finding(item.at, message, steps='Write it as "name:address".')
    address = words[0] if words[1] == names[0] else words[1]
    operation = Set(item.route, f"{names[0]}:{address}", item.node.document)
    return Finding(item.at, message, (EditYaml(item.file.path, (operation,)),))
