"""A service is on a network that the stack does not declare.

## What is wrong

Every network but `default` must stand under the top-level `networks`. Compose refuses the stack:
`service "web" refers to undefined network back: invalid compose project`.

## What dockfix does

- Where a declared network that nobody uses is spelled nearly so, the name is a slip: name and
  declaration get one spelling where only fingers can have slipped (`bakend`, `back-end`); else that
  takes `--unsafe`.
- Where another file of the same project declares the network, its declaration is added to this file
  too: alone this file is accepted then, and together nothing changes.
- Where another project of the repository declares it as external or under a name of its own, the
  network is shared between them, and declared external here.
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

MODES = ("bridge", "host", "none")
"""What is a mode of a container's network as well, and then no network to declare."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find networks that are used but not declared."""
    for each in undeclared(stack, "network"):
        if each.use.name in MODES:
            steps = f"Write network_mode: {each.use.name} in place of the network, if that is meant."
            yield Finding(each.use.at.at, each.message, steps=steps)
            continue
        yield misspelled(each) or declared_elsewhere(each) or declared(each, _as_others(each))


def _as_others(each: Undeclared) -> Any:
    """What all networks say that the file declares, where that is no more than a driver."""
    declarations = each.stack.declarations("network").values()
    said = [other.value.plain() for other in declarations if other.value.file is each.file]
    agree = said and isinstance(said[0], dict) and all(value == said[0] for value in said)
    return said[0] if agree and set(said[0]) == {"driver"} else None
