"""A service extends one of a file that does not exist.

## What is wrong

Compose reads the file under `extends` to make the service, and stops where it is not there: `open
/srv/shop/common.yml: no such file or directory`.

## What dockfix does

Where the file has the other ending (`.yaml` for `.yml`), or one file of that name lies elsewhere in the
repository, the path is corrected. Else a person has to say what the service is made of.

## Fix safety

The other ending is safe: Compose refuses the stack as it is. A path to another folder is unsafe, since
the file there may be another project's, or the path be right from a folder above, from which the stack
may be run with `--project-directory`.

## References

Compose specification, extends.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Stack
from fixes.references._files import corrected, is_missing

fix = Fix(
    summary="A service extends one of a file that does not exist.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find extended files that are missing. An `extends` that was followed is gone from the service."""
    for service in stack.services.values():
        extends = service.value.get("extends")
        written = extends.get("file") if extends else None
        if written is None or not is_missing(stack, written):
            continue
        path = stack.resolve(stack.interpolate(written.text, written.file), written.file)
        message = f"Compose refuses the stack: open {path}: no such file or directory (extends)."
        if found := corrected(stack, written):
            edit, safety = found
            yield Finding(written.at, message, (edit,), safety=safety)
        else:
            steps = (
                f"Add {path}, correct the path, or write out here what {service.name} had from there."
            )
            yield Finding(written.at, message, steps=steps)
