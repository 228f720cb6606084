"""Parts of a Python module, with their spans in its text."""

from __future__ import annotations

import sys
from typing import NamedTuple

from fixer.documents.source import Edit


class Import(NamedTuple):
    """An import at the module's top level: the module for `from module import`, empty for `import`,
    the names with what they are called here, and its span without the line's end. `last_name` is the
    offset behind the last name."""

    module: str
    names: tuple[tuple[str, str], ...]
    start: int
    end: int
    last_name: int

    @property
    def is_own(self) -> bool:
        """Whether the module is one of Python's own."""
        return (self.module or self.names[0][0]).partition(".")[0] in sys.stdlib_module_names


class EnvironmentRead(NamedTuple):
    """An expression that gives a variable's value (`os.environ["NAME"]`): the variable, as a text and
    as it is written in quotes, and its span. `binds` says that what stands around it would take hold
    of only a part of a longer expression. One behind `f("NAME") or` is left out."""

    name: str
    written: str
    start: int
    end: int
    binds: bool


class Environ(NamedTuple):
    """The class of a reader that django-environ gives (`environ.Env(...)`): the span of its last name,
    and whether that is the one which reads files."""

    start: int
    end: int
    reads_files: bool


class SettingsClass(NamedTuple):
    """A subclass of pydantic's `BaseSettings`: the variables that its fields are read from, in small
    letters, and the folder that it reads files from already, empty where there is none. What makes it
    read one goes to `at`: by `form` as an argument of a `call`, a line of the inner `class`, or a line
    of the `body`, with that `indent`; an argument has one where each stands on a line of its own.
    `is_newer` is one of pydantic-settings, not of pydantic 1."""

    variables: tuple[str, ...]
    folder: str
    form: str
    at: int
    indent: str
    is_newer: bool


class Credential(NamedTuple):
    """A text that is given to something with a name: a variable, an argument, a key (`PASSWORD =
    "..."`), with its span, quotes included. `caller` is what gets it as an argument, empty else."""

    name: str
    value: str
    start: int
    end: int
    caller: str


class Default(NamedTuple):
    """A text that stands in for a variable which is not set (`os.getenv("NAME", "text")`, or a field of
    settings): the variable, the text, its offset, and the edit after which the variable is required."""

    name: str
    value: str
    start: int
    required: Edit


class Text(NamedTuple):
    """A plain text without a prefix that is a value somewhere: as it is written, quotes included, with
    its span."""

    written: str
    start: int
    end: int
