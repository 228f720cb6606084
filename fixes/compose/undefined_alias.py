"""An alias names an anchor that is not there, or not yet.

## What is wrong

`*name` stands for the value that `&name` marks further up in the same file. Where there is none Compose
reads nothing of the file: `yaml: unknown anchor 'bsae' referenced`.

## What dockfix does

Where exactly one anchor above is spelled nearly so, the alias gets its name. An anchor that stands
below, or in another file, is for a person: anchors do not reach across files (`extends` does).

## Fix safety

Safe: Compose refuses the file as it is.

## References

YAML 1.2.2, 7.1 Alias Nodes; Compose specification, Fragments.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Alias, AliasTo, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.spelling import nearest
from fixer.stack import ComposeFile, Stack

fix = Fix(
    summary="An alias names an anchor that is not there.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find aliases without an anchor above."""
    for file in stack.files:
        for node in file.document.walk():
            if isinstance(node, Alias) and node.target is None:
                yield _finding(file, node)


def _finding(file: ComposeFile, alias: Alias) -> Finding:
    place = Place(file.path, file.document.source.position(alias.start))
    message = f"Compose refuses the file: unknown anchor '{alias.name}' referenced."
    anchors = file.document.anchors
    if alias.name in anchors:
        line = file.document.source.position(anchors[alias.name].start).line
        steps = f"Move what &{alias.name} marks (line {line}) above this line."
        return Finding(place, message, steps=steps)
    # An anchor around the alias would make a circle.
    above = [name for name, each in anchors.items() if each.end <= alias.start]
    near = nearest(alias.name, above)
    if near is None:
        steps = f"Write &{alias.name} at the value that is meant, further up in this file."
        return Finding(place, message, steps=steps)
    operation = Set(alias.route, AliasTo(near), alias.document)
    return Finding(place, message, (EditYaml(file.path, (operation,)),))
