"""Parts of a Python module, with their spans in its text."""

from __future__ import annotations

import sys
from typing import NamedTuple

from fixer.documents.source import Edit

FOLDER = "{folder}"
"""What stands for the folder in the edits of settings."""


class PythonSyntaxError(Exception):
    """The text is no Python, or of a version that the parser does not know."""


class Import(NamedTuple):
    """An import at the module's top level: the module for `from module import`, the first module for
    `import`, and the offsets of its first line and of the one behind it."""

    module: str
    is_from: bool
    start: int
    end: int

    @property
    def is_own(self) -> bool:
        """Whether the module is one of Python's own."""
        return self.module.partition(".")[0] in sys.stdlib_module_names


class EnvironmentRead(NamedTuple):
    """An expression that gives a variable's value (`os.environ["NAME"]`), or says whether it is set
    (`"NAME" in os.environ`): the variable, as a text and as it is written in quotes, its span, and what
    stands between it and the file's content, which is asked for before. `binds` says that what stands
    around it would take hold of only a part of a longer expression. One that is asked after the file
    already is left out."""

    name: str
    written: str
    start: int
    end: int
    junction: str
    binds: bool


class Environ(NamedTuple):
    """What makes a reader of django-environ's (`environ.Env`, or its import): a span, the text in its
    place after which it reads files, and whether it does so already."""

    start: int
    end: int
    text: str
    reads_files: bool


class SettingsClass(NamedTuple):
    """A subclass of pydantic's `BaseSettings`: the variables that its fields are read from, in small
    letters, the folder that it reads files from already, empty where there is none, and the edits after
    which it reads those of `FOLDER`, none where they are not plain."""

    variables: tuple[str, ...]
    folder: str
    edits: tuple[Edit, ...]


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
    settings): the variable, the text, its offset, and the edit after which the variable is required.
    `is_item` says that the edit's text (`["NAME"]`) is an item of `os.environ`."""

    name: str
    value: str
    start: int
    required: Edit
    is_item: bool = False


class Text(NamedTuple):
    """A plain text without a prefix that is a value somewhere: as it is written, quotes included, with
    its span. `is_fixed` says that it cannot hold an expression: in a pattern, an annotation, or within
    another text, where older versions of Python know only two kinds of quotes."""

    written: str
    start: int
    end: int
    is_fixed: bool


class Instance(NamedTuple):
    """What a module's top level names: an object, or a function without required arguments that
    returns one. `maker` is what is called to make it, by the dotted name that it was imported by
    (`flask.Flask`, `.factory.create_app`), as written where the module defines it."""

    name: str
    maker: str
    is_function: bool
