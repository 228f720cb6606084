"""Writing what a command makes, or showing the patch that does so."""

from __future__ import annotations

import sys
from pathlib import Path

from fixer.cli.check import INTERNAL, NOTHING, show_patch, tell
from fixer.plan import Plan


def write(plan: Plan, dry_run: bool) -> int:
    """Write a plan and say how to take it back, or show its patch; give the exit status."""
    if dry_run:
        show_patch(plan, Path(plan.root))
        return NOTHING
    from fixer.journal import Journal, JournalError

    try:
        identifier = Journal(Path(plan.root)).apply(plan)
    except JournalError as error:
        print(f"dockfix: {error}", file=sys.stderr)
        return INTERNAL
    tell(plan, identifier)
    return NOTHING
