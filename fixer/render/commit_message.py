"""The message of a commit of the fix branch."""

from __future__ import annotations

from collections.abc import Sequence

from fixer.plan import Step


def render(step: Step) -> str:
    """Give the message of one step's commit."""
    return f"Fix {step.fix}\n\n" + "\n".join(step.messages) + f"\n\nDockfix-Fix: {step.fix}\n"


def render_all(steps: Sequence[Step]) -> str:
    """Give the message of a commit of several steps."""
    return "Fix\n\n" + "\n".join(f"Dockfix-Fix: {step.fix}" for step in steps) + "\n"
