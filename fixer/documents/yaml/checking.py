"""Edits that are proved before they count: the text must hold exactly the data the operations say."""

from __future__ import annotations

from collections.abc import Sequence

from fixer.documents.source import DishonestEdit, Edit
from fixer.documents.yaml.data import data_of, expected
from fixer.documents.yaml.editing import edits
from fixer.documents.yaml.operations import Move, Operation
from fixer.documents.yaml.spans import EditError
from fixer.documents.yaml.tree import Alias, YamlDocument, YamlSyntaxError


def edited(document: YamlDocument, operations: Sequence[Operation]) -> bytes:
    """Give the file's bytes after `operations`.

    Raises EditError where an operation does not fit the document, ValueError where two want the
    same characters, and DishonestEdit where the result is not what was declared.
    """
    # Operations hold lists, so they have no hash to tell equal ones by.
    wanted = [each for index, each in enumerate(operations) if each not in operations[:index]]
    # What moves to one place stands there in the order in which it stood before.
    wanted.sort(key=lambda each: _start(document, each) if isinstance(each, Move) else -1)
    changes = dict.fromkeys(edit for group in edits(document, wanted) for edit in group)
    # Where an inner and an outer collection end at one point, what goes into the inner one is first.
    result = document.source.edited(sorted(changes, key=_indentation, reverse=True))
    try:
        after = YamlDocument(result)
    except YamlSyntaxError as error:
        raise DishonestEdit(f"the result is no YAML: {error.message}") from None
    if lost := _undefined(after) - _undefined(document):
        raise EditError(f"*{min(lost)} elsewhere stands for what is to go")
    if data_of(after) != expected(document, wanted):
        raise DishonestEdit("the result holds other data than declared")
    return result


def _undefined(document: YamlDocument) -> set[str]:
    """The names of aliases that stand for nothing."""
    aliases = [each for each in document.walk() if isinstance(each, Alias)]
    return {each.name for each in aliases if each.target is None}


def _start(document: YamlDocument, move: Move) -> int:
    entry = document.entry(move.route, move.document)
    return entry.key.start if entry else -1


def _indentation(edit: Edit) -> int:
    """The column at which the first new line of an edit starts."""
    line = edit.text.lstrip("\n").split("\n")[0]
    return len(line) - len(line.lstrip(" ")) if edit.text.startswith("\n") else 0
