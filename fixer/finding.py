"""What a fix finds, and the fix itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, NamedTuple

from fixer.changes import Change
from fixer.documents.source import Edit
from fixer.place import Place

if TYPE_CHECKING:
    from fixer.documents.yaml.broken import BrokenYaml
    from fixer.ignores import Unused
    from fixer.stack import Stack


class Severity(IntEnum):
    """How bad a finding is; a higher one is worse."""

    NOTE = 1
    WARNING = 2
    ERROR = 3


class Safety(Enum):
    """Who may apply a finding's changes: anyone, whoever says `--unsafe`, or a person by hand."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    MANUAL = "manual"


class Fix(NamedTuple):
    """A fix's metadata. Its name is its module's name with dashes, its family the folder's."""

    summary: str
    """One line: the defect, as a statement."""
    severity: Severity
    safety: Safety
    strategies: tuple[str, ...] = ()
    """The ways that a user can choose with `--strategy`, where there is more than one."""
    exposed: bool = False
    """Whether what it finds has been there for everyone to read, and stays so in the repository's
    history after it is moved: it has to be changed too."""


class Finding(NamedTuple):
    """One occurrence of an issue. `severity` and `safety` are the fix's where they are None;
    a finding without changes is for a person, and `steps` says exactly what to do."""

    place: Place
    message: str
    changes: tuple[Change, ...] = ()
    severity: Severity | None = None
    safety: Safety | None = None
    steps: str = ""


Detect = Callable[["Stack"], Iterator[Finding]]
"""What a fix's module has under the name `detect`."""


class Repair(NamedTuple):
    """A proposal to make a text YAML: `offset` is where the defect is, `cost` how much of a guess
    the proposal is beside others (10 is usual)."""

    offset: int
    message: str
    edits: tuple[Edit, ...]
    cost: int = 10


Propose = Callable[["BrokenYaml"], Iterator[Repair]]
"""What a fix's module has under the name `propose` where it repairs files that are no YAML."""

Review = Callable[[Sequence["Unused"]], Iterator[Finding]]
"""What a fix's module has under the name `review` where it looks at comments that ignored nothing."""
