"""What a repository says of dockfix itself: `dockfix.toml`, or `[tool.dockfix]` in `pyproject.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from fixer.compose import Files
from fixer.finding import Severity


class ConfigurationError(Exception):
    """Settings that make no sense; the message says where (`file:line:column`) and what to do."""


class Configuration(NamedTuple):
    """The settings of a repository. Paths and patterns are relative to its root; a name is that of a fix
    or of a family."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    """Patterns, as in a `.gitignore`, of what is not looked at."""
    per_path_ignores: Mapping[str, tuple[str, ...]] = {}
    """Names by the pattern of the paths where they are not wanted."""
    severities: Mapping[str, Severity] = {}
    """How bad a fix's findings are, by the fix's name."""
    strategies: Mapping[str, str] = {}
    """Which way a fix takes, by the fix's name."""
    stacks: Mapping[str, Files] = {}
    """The `-f` lists of the stacks, by a name for each."""
    fixes: tuple[str, ...] = ()
    """Modules with fixes of the repository's own."""


def load(start: Path, root: Path, own_fixes: bool) -> Configuration:
    """Give the configuration that is nearest to a folder, upwards to the root. With `own_fixes` the
    fixes that it names are registered: this runs code of the repository.

    Raises ConfigurationError.
    """
    return Configuration()
