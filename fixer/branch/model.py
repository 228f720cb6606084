"""What a fix branch is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fixer.compose import Files
from fixer.plan import Step
from fixer.report import Report
from fixer.stack import Stack


class BranchError(Exception):
    """What cannot be done; nothing was left behind. The message says why and what to do."""


class Commit(NamedTuple):
    """A commit that dockfix made: its hash, and the step that it holds. Of a squashed one every step has
    the same hash."""

    hash: str
    step: Step


class KeptCommit(NamedTuple):
    """A commit that somebody added to the branch, as it stands on it now."""

    hash: str
    subject: str
    author: str


class FixBranch(NamedTuple):
    """The branch as it is now. `report` is of the base, with what was planned there; `base` is the name
    of the branch that it is for."""

    name: str
    base: str
    commits: tuple[Commit, ...]
    kept: tuple[KeptCommit, ...]
    report: Report
    refused: Mapping[Files, str]
    """What Compose, where it was asked, says of the base's stacks that it refuses."""
    local: tuple[str, ...]
    """Paths that the fixes write and git ignores: every checkout needs them, and the branch has none."""
    stacks: tuple[Stack, ...]
    """The stacks as the branch leaves them."""
