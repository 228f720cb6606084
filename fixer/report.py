"""What a run found, and what it would do or has done about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from fixer.compose import Files
from fixer.finding import Finding, Safety, Severity
from fixer.identity import Identity, identity
from fixer.place import Problem
from fixer.plan import Plan

if TYPE_CHECKING:
    from fixer.rotation import Rotation


class Reported(NamedTuple):
    """A finding with the fix that made it, and what the engine decided about it.

    `outcome` is "fixed" (in the plan), "fixable" (safe, not asked for), "unsafe" (needs `--unsafe`),
    "manual" (needs a person) or "dropped" (its changes could not be made; `reason` says why).
    `exposed` says that a secret has been there to read, which has to be changed as well as moved.
    """

    fix: str
    family: str
    severity: Severity
    safety: Safety
    finding: Finding
    outcome: str
    reason: str = ""
    exposed: bool = False

    @property
    def identity(self) -> Identity:
        """What tells the finding from others although lines move."""
        return identity(self.fix, self.finding.place.path, self.finding.message)


class Report(NamedTuple):
    """The result of one run. `plan` has no steps when nothing was asked to be fixed."""

    findings: tuple[Reported, ...]
    problems: tuple[Problem, ...]
    plan: Plan
    files: int
    """How many files of stacks were read."""
    stacks: Mapping[Files, frozenset[str]]
    """The files of each stack that Compose can be asked about, with those that are included and
    extended, by its `-f` list."""
    refused: Mapping[Files, str] = {}
    """What Compose, where it was asked, says of the stacks that it refuses even after the plan."""
    is_written: bool = True
    """Whether the plan is carried out; else it is only shown."""
    rotation: Rotation | None = None
    """Which moved secrets got new values, where that was asked for."""
    services: Mapping[Files, int] = {}
    """How many services each stack has that was looked at, by its `-f` list."""
    left_out: Mapping[str, int] = {}
    """How many findings were left out, by what does not want them."""
    since: str = ""
    """The commit, tag or branch, where only the stacks were looked at that were changed since."""
    gone: int = 0
    """How many findings of the baseline are not there any more, where everything was looked at."""
