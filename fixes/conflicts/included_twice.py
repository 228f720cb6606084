"""A file declares what a file that it includes declares otherwise.

## What is wrong

`include` brings a whole Compose file in as it is. What the including file declares under the same name
is no override: unless both say the same, Compose stops with `services.web conflicts with imported
resource`, or the same for `networks.` and `volumes.`. It compares what stands here with what it has made
of the included file, where short forms are written out (`ports: ["80:80"]`, `depends_on: [db]`) and
relative paths are absolute: a service with one of these conflicts with its own copy.

## What dockfix does

Where the including file only names a volume or network (`data:`), the name goes, since the included
file says what it is. An override of a service is for a person: the finding says how it is included
together with its base.

## Fix safety

Safe: Compose refuses the stack as it is.

## References

Compose specification, include; Docker documentation, Include (include and overrides).
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import ComposeFile, Stack, Value
from fixer.stack.files import SECTIONS
from fixer.stack.merging import Unfolder, join

fix = Fix(
    summary="A file declares what a file that it includes declares otherwise.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


TEXTS, LISTS = ("build", "dns", "env_file"), ("depends_on", "env_file", "networks")
ITEMS = ("configs", "devices", "ports", "secrets", "volumes")
"""What Compose writes out where it is a text, a list, or a list of anything but mappings."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find names that a file and one that it includes both declare."""
    files = {file.path: file for file in stack.files}
    for file in stack.files:
        for include in file.includes():
            path = join(stack.folder_of(file), stack.interpolate(include.path, file))
            if path in files and files[path] is not file:
                yield from _conflicts(file, files[path])


def _conflicts(file: ComposeFile, included: ComposeFile) -> Iterator[Finding]:
    for section in ("services", *SECTIONS.values()):
        there = dict(_entries(included, section))
        for name, value in _entries(file, section):
            if name in there and (
                there[name].plain() != value.plain() or (section == "services" and _is_remade(value))
            ):
                message = (
                    f"Compose refuses the stack: {section}.{name} conflicts with imported resource."
                )
                yield _finding(value, included, section, message)


def _is_remade(service: Value) -> bool:
    """Whether a service has a short form or a relative path, as which Compose leaves nothing."""
    for key, value in service.entries():
        if (
            (key in TEXTS and isinstance(value.data, str))
            or (key in LISTS and isinstance(value.data, list))
            or (key in ITEMS and any(not isinstance(item.data, dict) for item in value.items()))
        ):
            return True
        for each in [value, *value.items()] if key in ("build", "volumes") else []:
            path = each.get("context") or each.get("source")
            if path is not None and path.text.startswith(("./", "../")):
                return True
    return False


def _entries(file: ComposeFile, section: str) -> Iterator[tuple[str, Value]]:
    node = file.root.get(section) if file.root is not None else None
    if node is not None:
        yield from Unfolder().value(node, file).entries()


def _finding(value: Value, included: ComposeFile, section: str, message: str) -> Finding:
    if section != "services" and value.is_empty:
        deletion = Delete(value.route, value.node.document)
        return Finding(value.at, message, (EditYaml(value.file.path, (deletion,)),))
    base, own = (each.path.rpartition("/")[2] for each in (included, value.file))
    steps = (
        f"Move what {own} overrides into a file of its own, say override.yml, and include both as one:"
        f" include: [{{path: [{base}, override.yml]}}]. Or remove the include, and name both files:"
        f" docker compose -f {base} -f {own} up."
    )
    return Finding(value.at, message, steps=steps)
