"""Compose files that another one names, and where they lie instead."""

from __future__ import annotations

import os

from fixer.changes import EditYaml
from fixer.documents.yaml import Set
from fixer.finding import Safety
from fixer.stack import Stack, Value
from fixer.stack.discovery import DEFAULT_NAMES
from fixer.stack.merging import join

ENDINGS = (".yml", ".yaml")


def is_missing(stack: Stack, written: Value) -> bool:
    """Say whether a path that leads into the repository leads to nothing there."""
    path = stack.resolve(stack.interpolate(written.text, written.file), written.file)
    if not path or "://" in written.text or not stack.is_known(written.text):
        return False
    return stack.repository.is_missing(path)


def corrected(stack: Stack, written: Value) -> tuple[EditYaml, Safety] | None:
    """Give the edit that leads a path to the one file which it can mean: the same with the other
    ending, or the only one of that name. None where there is none or several. Only the other ending is
    safe: a file of another folder may be another project's."""
    folder = stack.folder_of(written.file)
    path = join(folder, stack.interpolate(written.text, written.file))
    stem, ending = os.path.splitext(path)
    other = next((f"{stem}{each}" for each in ENDINGS if each != ending), path)
    found = [other] if ending in ENDINGS and stack.repository.is_file(other) else []
    safety = Safety.SAFE if found else Safety.UNSAFE
    if not found:
        # A name that every project has says nothing without the folder's.
        known = 2 if path.rpartition("/")[2] in DEFAULT_NAMES else 1
        end = path.split("/")[-known:]
        named = stack.repository.named(end[-1])
        found = [each for each in named if each.split("/")[-known:] == end]
        found = [each for each in found if each != written.file.path]
    if len(found) != 1 or "$" in written.text:
        return None
    new = os.path.relpath(found[0], folder or ".")
    if written.text.startswith("./") and not new.startswith("../"):
        new = f"./{new}"
    edit = EditYaml(written.file.path, (Set(written.route, new, written.node.document),))
    return edit, safety
