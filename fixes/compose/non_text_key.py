"""A key is a number or a boolean for YAML, where Compose takes only texts.

## What is wrong

`1:`, `8080:`, `true:` and `~:` are no texts in YAML. Compose stops at such a key wherever it stands, in
extension fields too: `non-string key in services.web.environment: 1`.

## What dockfix does

It puts the key in quotes. What no key or `null` is to mean (`~: x`), a person has to say.

## Fix safety

Safe: Compose refuses the file as it is.

## References

YAML 1.2, Core schema; compose-go, convertToStringKeysRecursive.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Entry, Mapping, Node, Rename
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack
from fixer.stack.specification import kind_of

fix = Fix(
    summary="A key is a number or a boolean for YAML.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find keys that are no texts. `80: 80` among ports is a pair that becomes a text."""
    for file in stack.files:
        pairs = [each.node for each in file.complaints if each.problem == "kind"]
        for node in file.document.walk():
            if isinstance(node, Mapping) and not any(node is each for each in pairs):
                for entry in node.entries:
                    if entry.name is not None and kind_of(entry.key) != "text":
                        yield _finding(file, node, entry)


def _finding(file: ComposeFile, node: Node, entry: Entry) -> Finding:
    place = Place(file.path, file.document.position(entry.value))
    spelt = (f"[{each}]" if isinstance(each, int) else f".{each}" for each in node.route)
    where = "".join(spelt).removeprefix(".") or "the top level"
    message = f"Compose refuses the file: non-string key in {where}: {entry.name}."
    if kind_of(entry.key) == "null":
        message = f"Compose refuses the file: non-string key in {where}: <nil>."
        steps = "Write a name before the colon, null in quotes if that is meant, or remove the entry."
        return Finding(place, message, steps=steps)
    operation = Rename(entry.value.route, entry.name or "", entry.value.document)
    return Finding(place, message, (EditYaml(file.path, (operation,)),))
