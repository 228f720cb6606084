"""What a user asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fixer.compose import Files
from fixer.finding import Severity
from fixer.identity import Identity


class Options(NamedTuple):
    """What a user asked for. `select` and `ignore` hold names of fixes and families; `rotate` says that
    the secrets which are moved get new values."""

    unsafe: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strategies: Mapping[str, str] = {}
    rotate: bool = False
    severities: Mapping[str, Severity] = {}
    """How bad what a fix finds is here, by its name."""
    ignored_paths: Mapping[str, tuple[str, ...]] = {}
    """Fixes and families that are not wanted below paths, by the patterns of these."""
    accepted: Mapping[Identity, int] = {}
    """How many findings of an identity are accepted as they are."""
    changed: frozenset[str] | None = None
    """Paths: only the stacks that one of them is part of are looked at."""
    stacks: tuple[Files, ...] = ()
    """The `-f` lists of the repository's stacks; dockfix finds them itself where none are given."""
