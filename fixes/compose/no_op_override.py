"""An override empties a list or mapping, which does nothing.

## What is wrong

Compose appends an override's lists to the base's and merges its mappings into them. An empty one
(`cap_drop: []`, `secrets: []`, `environment: {}`) therefore changes nothing: whoever wrote
`ports: []` to close the ports of production, or `security_opt: []` to relax development, has not
done so, and the file misleads whoever reads it.

## What dockfix does

It removes the key. To really take the base's values away, write `ports: !reset []` (Compose 2.18.0
or newer), and to put others in their place `ports: !override [...]` (2.24.4 or newer) by hand: the
resolved stack then changes, so dockfix does not do that for you. An empty list that hides what a
merge key (`<<`) of the same file brings does something, and stays.

## Fix safety

Safe: the resolved configuration stays the same.

## References

Compose specification, Merge and override.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete, Entry, Mapping, Scalar, Sequence
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack
from fixer.stack.merging import Unfolder

fix = Fix(
    summary="An empty list or mapping in an override does nothing.",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
)

APPENDED = (
    "cap_add", "cap_drop", "configs", "depends_on", "devices", "dns", "environment", "expose",
    "external_links", "extra_hosts", "group_add", "labels", "networks", "ports", "secrets",
    "security_opt", "tmpfs", "volumes",
)  # fmt: skip
"""Settings that Compose appends or merges, tried with 2.40.3."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find empty settings of services that a file merged before defines."""
    for service in stack.services.values():
        for file in service.files[1:]:
            mapping = service.written_in(file)
            if mapping is not None and mapping.anchor is None:
                for entry in mapping.entries:
                    is_empty = entry.name in APPENDED and _is_untagged_empty(entry)
                    if is_empty and not _hides_merged(entry, mapping, file):
                        yield _finding(service.name, file, entry)


def _is_untagged_empty(entry: Entry) -> bool:
    value = entry.value
    if value.tag is not None or value.anchor is not None:
        return False
    if isinstance(value, Sequence):
        return not value.items
    if isinstance(value, Mapping):
        return not value.entries
    return isinstance(value, Scalar) and value.is_null


def _hides_merged(entry: Entry, mapping: Mapping, file: ComposeFile) -> bool:
    """Whether a merge key beside the entry brings the same setting, which the entry then hides."""
    merge = mapping.entry("<<")
    if merge is None or entry.name is None:
        return False
    value = Unfolder().value(merge.value, file)
    return any(each.get(entry.name) is not None for each in (value, *value.items()))


def _finding(service: str, file: ComposeFile, entry: Entry) -> Finding:
    place = Place(file.path, file.document.position(entry.value))
    message = (
        f"`{entry.name}` of {service} is empty here and does nothing, since Compose adds an"
        f" override's entries to the base's; `{entry.name}: !reset []` would take them away."
    )
    deletion = Delete(entry.value.route, entry.value.document)
    return Finding(place, message, (EditYaml(file.path, (deletion,)),))
