"""What the commands that write files have in common: the stacks they look at, and the writing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fixer.cli.check import INTERNAL, NOTHING, show_patch, tell
from fixer.cli.complaint import complain
from fixer.configuration import Configuration
from fixer.detecting import find_stacks
from fixer.options import Options
from fixer.plan import Plan
from fixer.stack import Repository, Stack


def stacks_at(
    repository: Repository, paths: Sequence[str], files: Sequence[str], configuration: Configuration
) -> list[Stack]:
    """Give the stacks below `paths`, or the one made of `files`. What kept files from being read is
    told."""
    options = Options(stacks=tuple(configuration.stacks.values()))
    found = find_stacks(repository, paths, options, files)
    for problem in found.problems:
        complain(f"{problem.place}: {problem.message}")
    return found.stacks


def write(plan: Plan, dry_run: bool) -> int:
    """Write a plan and say how to take it back, or show its patch; give the exit status."""
    if dry_run:
        show_patch(plan, Path(plan.root))
        return NOTHING
    from fixer.journal import Journal, JournalError

    try:
        identifier = Journal(Path(plan.root)).apply(plan)
    except JournalError as error:
        complain(error)
        return INTERNAL
    tell(plan, identifier)
    return NOTHING
