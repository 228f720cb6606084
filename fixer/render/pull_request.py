"""The text of a pull request."""

from __future__ import annotations

from fixer.branch import FixBranch


def title(branch: FixBranch) -> str:
    """Give the title."""
    return f"{len(branch.commits)} fixes"


def render(branch: FixBranch) -> str:
    """Give the text."""
    return "\n".join(commit.step.fix for commit in branch.commits) + "\n"
