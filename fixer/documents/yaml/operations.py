"""Changes to a YAML document as data: what changes, named by a route of keys and indices."""

from __future__ import annotations

from typing import NamedTuple

from fixer.documents.yaml.routes import Route, Step
from fixer.documents.yaml.values import Value


class Set(NamedTuple):
    """Put `value` at `route`. A key that is not there is added at its mapping's end, with the
    mappings above it that are missing."""

    route: Route
    value: Value
    document: int = 0


class Insert(NamedTuple):
    """Add the key that ends `route` with `value`, right after the sibling key `after`."""

    route: Route
    value: Value
    after: str
    document: int = 0


class Append(NamedTuple):
    """Add an item at the end of the sequence at `route`, which is made if it is missing."""

    route: Route
    value: Value
    document: int = 0


class Prepend(NamedTuple):
    """Add an item before the first one of the sequence at `route`, which has items."""

    route: Route
    value: Value
    document: int = 0


class Delete(NamedTuple):
    """Remove the entry or item at `route`, with the comment that belongs to it alone, and the
    collections above it that it leaves empty. Without a route, remove the `---` of an empty document
    beside others."""

    route: Route
    document: int = 0


class Rename(NamedTuple):
    """Give the key that ends `route` another name."""

    route: Route
    key: str
    document: int = 0


class Rewrite(NamedTuple):
    """Replace every `old` in the scalar at `route` by `new`, in the scalar's own style."""

    route: Route
    old: str
    new: str
    document: int = 0


class Move(NamedTuple):
    """Move the entry at `route` to the route `to`, whose last key it gets: into a block mapping, behind
    its entry `after` or else behind all that it holds. A mapping that is not there is made where the
    first of what goes into it stands. Lines that can stay where they are only go to the left or the
    right; the comment right above an entry goes with it."""

    route: Route
    to: Route
    after: Step | None = None
    document: int = 0


class Tag(NamedTuple):
    """Put a tag, as `!override`, before the value at `route`, which has none."""

    route: Route
    tag: str
    document: int = 0


class Wrap(NamedTuple):
    """Make the mapping at `route` the only item of a list."""

    route: Route
    document: int = 0


class Enlist(NamedTuple):
    """Make the mapping at `route` a list of texts, each a key and its value with `separator` between
    them, or the key alone where it has no value."""

    route: Route
    separator: str
    document: int = 0


class Unlist(NamedTuple):
    """Make the list at `route` a mapping: of an item that is a mapping, the entries; of a text, the
    key of that name without a value."""

    route: Route
    document: int = 0


class Join(NamedTuple):
    """Put what the collection at `route` holds behind what the one at `into` holds, and remove the
    entry at `route`. Keys in both are joined in turn where both have collections of one kind, else
    the value from `route` counts; items and entries that are there already are dropped."""

    route: Route
    into: Route
    document: int = 0


Operation = (
    Set
    | Insert
    | Append
    | Prepend
    | Delete
    | Rename
    | Rewrite
    | Move
    | Join
    | Tag
    | Wrap
    | Enlist
    | Unlist
)
