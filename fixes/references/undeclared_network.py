"""A service is on a network that the stack does not declare.

## What is wrong

Every network but `default` must stand under the top-level `networks`. Compose refuses the stack:
`service "web" refers to undefined network back: invalid compose project`.

## What dockfix does

- Where a declared network that nobody uses is spelled nearly so, the name is a slip: name and
  declaration get one spelling where only fingers can have slipped (`bakend`, `back-end`); else a person
  has to say what is meant.
- Where another file of the same project declares the network, its declaration is added to this file
  too: alone this file is accepted then, and together nothing changes.
- Where another project of the repository declares it as external or under a name of its own, the
  network is shared between them, and declared external here.
- `host`, `none` and `bridge` are for a person: Docker's own, which `network_mode` names, is mostly
  meant, and a declared network of that name is another one.
- Else the network is declared in the file that uses it, with what all networks of that file have
  (`driver: bridge`), mostly nothing.

## Fix safety

Safe: Compose refuses the stack as it is, and a declared network is what it makes for the project
alone. External is unsafe: the project may want a network of its own, and an external one has to be
there before it starts.

## References

Compose specification, Networks top-level element.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Stack
from fixer.stack.service import NETWORK_MODES
from fixes.references._declaring import (
    Undeclared,
    declared,
    declared_elsewhere,
    misspelled,
    undeclared,
)

fix = Fix(
    summary="A service is on a network that the stack does not declare.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find networks that are used but not declared."""
    for each in undeclared(stack, "network"):
        found = misspelled(each) or declared_elsewhere(each) or _of_docker(each)
        yield found or declared(each, _as_others(each))


def _of_docker(each: Undeclared) -> Finding | None:
    """What is said of a mode of Docker's that stands among networks."""
    name = each.use.name
    steps = f"Write network_mode: {name} in place of networks if Docker's own is meant, else declare it."
    return Finding(each.use.at.at, each.message, steps=steps) if name in NETWORK_MODES else None


def _as_others(each: Undeclared) -> Any:
    """What all networks say that the file declares, where that is no more than a driver."""
    declarations = each.stack.declarations("network").values()
    said = [other.value.plain() for other in declarations if other.value.file is each.file]
    agree = said and isinstance(said[0], dict) and all(value == said[0] for value in said)
    return said[0] if agree and set(said[0]) == {"driver"} else None
