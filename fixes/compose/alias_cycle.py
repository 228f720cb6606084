"""An alias stands inside of what it stands for.

## What is wrong

A value that holds itself has no end. Compose stops: `cycle detected: node at path
services.web.environment.environment references node at path services.web.environment`. A mapping that
merges itself (`<<: *web` below `web: &web`) is worse: Compose takes ever more memory and never answers.

## What dockfix does

A merge of a mapping into itself brings nothing, and goes. What another alias was to hold is for a
person.

## Fix safety

Safe: Compose cannot read the file as it is.

## References

YAML 1.2.2, 3.2.2.2 Anchors and aliases; Compose specification, Fragments.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Alias, Delete, Mapping
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack

fix = Fix(
    summary="An alias stands inside of what it stands for.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find aliases of values that they are a part of."""
    for file in stack.files:
        for node in file.document.walk():
            if isinstance(node, Alias) and node.is_circular:
                yield _finding(file, node)


def _finding(file: ComposeFile, alias: Alias) -> Finding:
    place = Place(file.path, file.document.source.position(alias.start))
    around = alias.parent
    if alias.step == "<<" and around is alias.target and isinstance(around, Mapping):
        message = f"Compose never ends reading the file: {alias.name} merges itself."
        if len(around.entries) > 1:
            operation = Delete(alias.route, alias.document)
            return Finding(place, message, (EditYaml(file.path, (operation,)),))
    message = f"Compose refuses the file: cycle detected, *{alias.name} is inside of &{alias.name}."
    steps = f"Write what is meant in place of *{alias.name}."
    return Finding(place, message, steps=steps)
