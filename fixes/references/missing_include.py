"""A Compose file includes another one that does not exist.

## What is wrong

Compose reads what stands under `include` first, and stops where it is not there: `open
/srv/shop/monitoring.yml: no such file or directory`.

## What dockfix does

- Where the file has the other ending (`.yaml` for `.yml`), or one file of that name lies elsewhere in
  the repository, the path is corrected.
- Else the item is removed.

A path that git ignores is a warning, not an error: everyone makes such a file for oneself. A path with
a variable that has no value, or to another machine, is not judged.

## Fix safety

The other ending is safe: Compose refuses the stack as it is. A path to another folder is unsafe, since
the file there may be another project's, or the path be right from a folder above, from which the stack
may be run with `--project-directory`. So is the removal, since the file may only have been forgotten.

## References

Compose specification, include.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Stack, Value
from fixes.references._files import corrected, is_missing

fix = Fix(
    summary="A Compose file includes another one that does not exist.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find included files that are missing."""
    include = stack.merged.get("include")
    for item in include.items() if include else ():
        paths = item.get("path") or item
        for written in [paths] if isinstance(paths.data, str) else paths.items():
            if is_missing(stack, written):
                yield _finding(stack, item, written)


def _finding(stack: Stack, item: Value, written: Value) -> Finding:
    path = stack.resolve(stack.interpolate(written.text, written.file), written.file) or ""
    message = f"Compose refuses the stack: open {path}: no such file or directory (include)."
    severity = Severity.WARNING if stack.repository.is_left_out(path) else None
    if found := corrected(stack, written):
        edit, safety = found
        return Finding(written.at, message, (edit,), severity, safety)
    paths = item.get("path")
    # An item without a path would say nothing.
    gone = written if paths is not None and len(list(paths.items())) > 1 else item
    removal = EditYaml(item.file.path, (Delete(gone.route, gone.node.document),))
    return Finding(written.at, message, (removal,), severity, Safety.UNSAFE)
