"""A service's setting stands where services do, a level too far left.

## What is wrong

Under `services` every key is a service's name. Compose takes `depends_on` or `ports` there for a
service: `services.depends_on must be a mapping`.

## What dockfix does

It moves the setting, with what is nested in it, to the right, so that it belongs to the service above.
Where that service has the setting already, or is not written as a block, the finding says what to do.

## Fix safety

Safe: Compose refuses the file as it is, and no service can be meant by such a key.

## References

Compose specification, Services top-level element.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Entry, Mapping, Move, Node, Scalar
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack

fix = Fix(
    summary="A service's setting stands where services do.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find settings among the services."""
    for file in stack.files:
        nodes = [each.node for each in file.complaints if each.problem == "misplaced"]
        for node in nodes:
            yield _finding(file, node, nodes)


def _finding(file: ComposeFile, node: Node, misplaced: list[Node]) -> Finding:
    services = node.parent
    assert isinstance(services, Mapping)
    values = [entry.value for entry in services.entries]
    index = values.index(node)
    name = services.entries[index].name or ""
    above = [each for each in services.entries[:index] if each.value not in misplaced]
    place = Place(file.path, file.document.position(node))
    message = f"Compose refuses the file: services.{name} must be a mapping."
    into = above[-1].value.step if above and _has_room(above[-1], name) else None
    if services.flow or into is None or isinstance(into, int):
        steps = f"Move {name} into the service that it belongs to."
        return Finding(place, message, steps=steps)
    operation = Move(node.route, (*node.route[:-1], into, name), None, node.document)
    return Finding(place, message, (EditYaml(file.path, (operation,)),))


def _has_room(service: Entry, name: str) -> bool:
    """Whether a service can take a setting: it is written as a block and has none of that name."""
    value = service.value
    if isinstance(value, Mapping):
        return not value.flow and value.entry(name) is None
    return isinstance(value, Scalar) and value.is_null
