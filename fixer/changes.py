"""Changes as data: what a finding wants done to which file. Paths are relative to the repository's
root, in POSIX form. Nothing here touches the disk."""

from __future__ import annotations

from typing import NamedTuple

from fixer.documents.source import Edit
from fixer.documents.yaml.operations import Operation


class EditYaml(NamedTuple):
    """Operations on one YAML file, named by routes."""

    path: str
    operations: tuple[Operation, ...]


class EditText(NamedTuple):
    """Edits of spans, as the other documents (Dockerfile, redis.conf, dotenv) give them."""

    path: str
    edits: tuple[Edit, ...]


class EnsureLine(NamedTuple):
    """A line that must stand in a text file (`.gitignore`, `.env.example`); the file is made if it
    is missing, the line is added at its end if no line equals it. `mode` is for a new file."""

    path: str
    line: str
    mode: int = 0o644


class SetVariable(NamedTuple):
    """A variable that a `.env` file must have. Where the file has it without a value it gets this one;
    where it has it with another one the change is refused. With an empty `value` the name is enough,
    whatever stands behind it. `mode` is for a new file."""

    path: str
    name: str
    value: str
    mode: int = 0o644


class CreateFile(NamedTuple):
    """A new file. Refused where anything of that name exists."""

    path: str
    content: bytes
    mode: int = 0o644


class CopyFile(NamedTuple):
    """A new file with the content and mode of `source`. Refused where `path` exists."""

    source: str
    path: str


class RenameFile(NamedTuple):
    """A file that gets another path. Refused where `path` exists."""

    source: str
    path: str


class RemoveFile(NamedTuple):
    """A file that goes."""

    path: str


class SetMode(NamedTuple):
    """A file's permission bits."""

    path: str
    mode: int


Change = (
    EditYaml
    | EditText
    | EnsureLine
    | SetVariable
    | CreateFile
    | CopyFile
    | RenameFile
    | RemoveFile
    | SetMode
)
