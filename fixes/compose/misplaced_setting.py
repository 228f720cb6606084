"""An entry stands a level too far left or right, or beside the part that it belongs to.

## What is wrong

Compose knows each key in its own place only. Elsewhere it takes `ports` among the services for a
service (`services.ports must be a mapping`), or stops at it: `services.volumes additional properties
'data' not allowed`, `volumes.networks additional properties 'front' not allowed`,
`additional properties 'ports' not allowed`, `services.web additional properties 'db' not allowed`,
`services.web additional properties 'dockerfile' not allowed`, `services.web.build additional properties
'ports' not allowed`.

## What dockfix does

It moves the entry, with its comments, to the place that it belongs to:

- a setting among the services, or at the top behind them, into the service above;
- `volumes`, `networks`, `secrets` and `configs` among the services, or below one another, to the top,
  where they join a section that is there;
- a service at the top, or inside another service, to the services;
- what belongs to `build`, `healthcheck` or `deploy` (`dockerfile`, `test`, `replicas`) into it, and a
  service's setting inside one of these out of it;
- what stands a level too high into the mapping beside it: `limits` below `deploy` into `resources`,
  `max-size` below `logging` into `options`, `device` of a volume into `driver_opts`.

Where the place is taken, or cannot be told, the finding says where to put it.

## Fix safety

Safe: Compose refuses the file as it is, and the entry has no meaning where it stands.

## References

Compose specification, Services top-level element; Deploy; Build.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete, Join, Move, Operation, Route, Scalar, same
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack
from fixer.stack.placement import Stray

fix = Fix(
    summary="An entry stands where it does not belong.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find entries in a wrong place; the services of a file without `services` have their own fix."""
    for file in stack.files:
        unwrapped = {id(each.node) for each in file.unwrapped_services}
        for stray in file.strays:
            if id(stray.node) not in unwrapped:
                yield _finding(file, stray)


def _finding(file: ComposeFile, stray: Stray) -> Finding:
    place = Place(file.path, file.document.position(stray.node))
    message = f"Compose refuses the file: {stray.words}."
    if stray.to is None:
        return Finding(place, message, steps=stray.steps)
    operations = tuple(_operations(file, stray, stray.to))
    return Finding(place, message, (EditYaml(file.path, operations),), steps=stray.steps)


def _operations(file: ComposeFile, stray: Stray, to: Route) -> Iterator[Operation]:
    route, number = stray.node.route, stray.node.document
    there = file.document.node(to, number)
    if there is not None:
        yield Delete(route, number) if same(there, stray.node) else Join(route, to, number)
        return
    into = file.document.node(to[:-1], number)
    if isinstance(into, Scalar) and not into.is_null:
        # A short build is its context.
        yield Move(into.route, (*into.route, "context"), document=number)
    yield Move(route, to, stray.after, number)
