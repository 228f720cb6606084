"""What a repository says of dockfix itself: `dockfix.toml`, or `[tool.dockfix]` in `pyproject.toml`."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from fixer.compose import Files
from fixer.documents.source import Position, Source
from fixer.finding import Severity
from fixer.place import from_here

if TYPE_CHECKING:
    from fixer.documents.toml import Route

OWN_NAME, SHARED_NAME = "dockfix.toml", "pyproject.toml"
TABLE = ("tool", "dockfix")
"""Where the settings stand in the file that other programs share."""

MARK = b"dockfix"
"""What a file that is shared must hold, however its table is written, for it to be read: parsing others
would slow every check down."""

MAXIMUM_BYTES = 100_000
"""Python's parser takes seconds for some texts of this length, and minutes for longer ones."""

MAXIMUM_READ = 10_000_000
"""So many bytes are searched for the mark."""


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
    """Modules with fixes of the repository's own, and folders of such."""
    path: Path | None = None
    """The file that says so."""


class SettingsFile(NamedTuple):
    """A configuration file as it was read. `content` is what stands where the settings are to be, and
    `route` leads there."""

    path: Path
    source: Source
    content: Any
    route: tuple[str, ...]

    def error(self, route: Route, message: str, of_key: bool = False) -> ConfigurationError:
        """Give the error of the value that a route leads to from the settings, or of its key."""
        from fixer.documents.toml import position

        at = position(self.source, (*self.route, *route), of_key)
        return ConfigurationError(f"{_place(self.path, at)}: {message}")


def find(start: Path, root: Path) -> SettingsFile | None:
    """Give the file with settings that is nearest to a folder, upwards to the root.

    Raises ConfigurationError.
    """
    for folder in (start, *start.parents):
        if not folder.is_relative_to(root):
            break
        file = _own_file(folder / OWN_NAME, root) or _shared_file(folder / SHARED_NAME, root)
        if file is not None:
            return file
    return None


def _own_file(path: Path, root: Path) -> SettingsFile | None:
    data = _read(path, root)
    return None if data is None else SettingsFile(path, *_parsed(path, data), ())


def _shared_file(path: Path, root: Path) -> SettingsFile | None:
    """The file, where it has a table for dockfix. What else is wrong with it is for others to say."""
    try:
        data = _read(path, root)
    except ConfigurationError:
        return None
    if data is None or MARK not in data:
        return None
    source, tables = _parsed(path, data)
    tool = tables.get(TABLE[0])
    if not isinstance(tool, dict) or TABLE[1] not in tool:
        return None
    return SettingsFile(path, source, tool[TABLE[1]], TABLE)


def _read(path: Path, root: Path) -> bytes | None:
    """A file's bytes, or the first of an immense one; None where there is none."""
    try:
        is_file = stat.S_ISREG(os.stat(path).st_mode)
        if not Path(os.path.realpath(path)).is_relative_to(root):
            raise ConfigurationError(
                f"{from_here(path)} is a link out of {root}; put the file itself there"
            )
        if not is_file:
            raise ConfigurationError(
                f"{from_here(path)} is no file; settings are read from it: rename it"
            )
        with open(path, "rb") as file:
            return file.read(MAXIMUM_READ)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"{from_here(path)} cannot be read: {error.strerror}") from None


def _parsed(path: Path, data: bytes) -> tuple[Source, dict[str, Any]]:
    import re
    import tomllib

    if len(data) > MAXIMUM_BYTES:
        reason = f"is larger than {MAXIMUM_BYTES:,} bytes, more than dockfix reads of settings"
        raise ConfigurationError(f"{from_here(path)} {reason}")
    source = Source(data)
    if undecoded := re.search("[\udc80-\udcff]", source.text):
        at = source.position(undecoded.start())
        raise ConfigurationError(f"{_place(path, at)}: this is no UTF-8; save the file in that encoding")
    try:
        return source, tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        message, _, where = str(error).partition(" (at ")
        numbers = re.findall(r"\d+", where)
        at = Position(*map(int, numbers)) if len(numbers) == 2 else source.position(len(source.text))
        hint = 'settings are written like this: ignore = ["secrets"]'
        raise ConfigurationError(f"{_place(path, at)}: this is no TOML ({message}); {hint}") from None
    except (RecursionError, ValueError):
        reason = "holds something that is nested too deeply, or too long a number"
        raise ConfigurationError(f"{from_here(path)} {reason}") from None


def _place(path: Path, position: Position) -> str:
    return f"{from_here(path)}:{position.line}:{position.column}"
