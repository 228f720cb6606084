"""A file has a `---` with nothing behind it, or before it.

## What is wrong

`---` starts a new YAML document. Compose merges the documents of a file, and each must be a mapping. Of
an empty one, as a `---` at the end leaves it, it says: `top-level object must be a mapping`.

## What dockfix does

It removes the `---` of the empty document. A document that holds a text or a list is for a person.

## Fix safety

Safe: Compose refuses the file as it is.

## References

YAML 1.2, Documents; compose-go, loader.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete, Mapping, Scalar
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import Stack

fix = Fix(
    summary="A file has a document that is empty, or is no mapping.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find documents that are no mapping in files that have a mapping too."""
    message = "Compose refuses the file: top-level object must be a mapping."
    for file in stack.files:
        for number, root in enumerate(file.document.roots):
            if isinstance(root, Mapping) or root.tag is not None:
                continue
            place = Place(file.path, file.document.position(root))
            if isinstance(root, Scalar) and root.is_null and root.start == root.end:
                deletion = EditYaml(file.path, (Delete((), number),))
                yield Finding(place, message, (deletion,))
            else:
                steps = f"Write what document {number + 1} of the file holds as a mapping, or remove it."
                yield Finding(place, message, steps=steps)
