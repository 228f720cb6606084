"""One mapping has several `<<` merge keys.

## What is wrong

YAML allows a key once in a mapping, and the merge key is no exception. Compose refuses the file:
`mapping key "<<" already defined at line N`. Loaders that accept it disagree on which of the two
counts, so the same file means different things to different tools.

## What dockfix does

It joins the merges into one list where the first `<<` stands, and removes the others. In such a
list the earlier mapping wins. Where the mappings share no key, or agree on those they share, the
order written is kept. Where they disagree, what stands later is put first, because authors who
write a second `<<` below the first mean it as a layer on top. Keys that are written out in the
mapping itself win over every merge, as they did.

## Fix safety

Safe: Compose refuses the file as it is. Where the mappings disagree the values depend on the order,
so the finding names the keys and the fix is unsafe there.

## References

YAML 1.1, merge key; docker/compose#10407; docker/compose#10824.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import (
    Alias,
    AliasTo,
    Delete,
    Entry,
    Flow,
    Mapping,
    Node,
    Nth,
    Operation,
    Sequence,
    Set,
    resolve_alias,
    same,
)
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack

fix = Fix(
    summary="A mapping has several `<<` merge keys.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find mappings that merge more than once."""
    for file in stack.files:
        for node in file.document.walk():
            if isinstance(node, Mapping):
                merges = [entry for entry in node.entries if entry.name == "<<"]
                if len(merges) > 1:
                    yield _finding(file, node, merges)


def _finding(file: ComposeFile, mapping: Mapping, merges: list[Entry]) -> Finding:
    lines = [file.document.source.position(merge.key.start).line for merge in merges]
    place = Place(file.path, file.document.source.position(merges[1].key.start))
    message = (
        f'Compose refuses the file: mapping key "<<" already defined at line {lines[0]}'
        f" (again at line {', '.join(map(str, lines[1:]))})."
    )
    aliases = [_aliases(merge.value) for merge in merges]
    if not all(aliases):
        steps = "Join the merged mappings into one list: <<: [*first, *second]."
        return Finding(place, message, steps=steps)
    conflicts = _conflicting_keys(mapping, merges)
    if conflicts:
        aliases.reverse()
        message = f"{message[:-1]}; both merges set {', '.join(conflicts)}, and the later one is taken."
    names = [name for group in aliases for name in group]
    joined = Flow([AliasTo(name) for name in dict.fromkeys(names)])
    changes: list[Operation] = [Set((*mapping.route, "<<"), joined, mapping.document)]
    changes += [
        Delete((*mapping.route, Nth("<<", index)), mapping.document) for index in range(1, len(merges))
    ]
    safety = Safety.UNSAFE if conflicts else None
    return Finding(place, message, (EditYaml(file.path, tuple(changes)),), safety=safety)


def _aliases(value: Node) -> list[str]:
    """The anchors that a merge names; empty where it merges something else than anchors."""
    items = value.items if isinstance(value, Sequence) else [value]
    names = [item.name for item in items if isinstance(item, Alias)]
    return names if len(names) == len(items) else []


def _conflicting_keys(mapping: Mapping, merges: list[Entry]) -> list[str]:
    """The keys that two of the merges set differently, and the mapping does not set itself."""
    written = {entry.name for entry in mapping.entries}
    seen: dict[str, Node] = {}
    conflicts: list[str] = []
    for merge in merges:
        items = merge.value.items if isinstance(merge.value, Sequence) else [merge.value]
        for target in map(resolve_alias, items):
            for entry in target.entries if isinstance(target, Mapping) else []:
                name = entry.name or ""
                if name not in written and not same(seen.setdefault(name, entry.value), entry.value):
                    conflicts.append(name)
    return conflicts
