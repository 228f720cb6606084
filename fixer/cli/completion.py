"""What shells offer for the word at the cursor: the scripts that ask, and the values of options.

typer answers the scripts, by variables of the environment; what it does not know is here.
"""

from __future__ import annotations

from pathlib import Path

import typer

SHELLS = ["bash", "zsh", "fish"]


def script(shell: str) -> str:
    """Give the script that makes a shell ask."""
    return (Path(__file__).parent / "completions" / f"dockfix.{shell}").read_text(encoding="utf-8")


def fix_names() -> list[tuple[str, str]]:
    """Give the fixes, each with its summary."""
    from fixer import registry

    return [(rule.name, rule.fix.summary) for rule in registry.all_rules()]


def names_and_families() -> list[tuple[str, str]]:
    """Give the fixes and the families."""
    from fixer import registry

    families = dict.fromkeys(rule.family for rule in registry.all_rules())
    return [*fix_names(), *((family, "all fixes of the family") for family in families)]


def listed_names(incomplete: str) -> list[tuple[str, str]]:
    """Give the fixes and families for the last name of a list with commas."""
    *before, _ = incomplete.split(",")
    start = "".join(f"{name}," for name in before)
    return [(start + name, text) for name, text in names_and_families() if name not in before]


def strategies(incomplete: str) -> list[str]:
    """Give each fix that knows several ways with each of them."""
    from fixer import registry

    return [f"{rule.name}={way}" for rule in registry.all_rules() for way in rule.fix.strategies]


def references() -> list[str]:
    """Give the branches and tags of the current folder's repository."""
    from fixer import git

    kinds = ("refs/heads", "refs/remotes", "refs/tags")
    named = git.run(Path.cwd(), "for-each-ref", "--format=%(refname:short)", *kinds) or b""
    return named.decode(errors="replace").split()


def run_identifiers(ctx: typer.Context) -> list[tuple[str, str]]:
    """Give the runs of the journal, newest first."""
    from fixer.cli.request import Request, UsageError, find_root
    from fixer.journal import Journal, JournalError

    try:
        runs = Journal(find_root(Request(root=ctx.params.get("root")))).runs()
    except (JournalError, UsageError):
        return []
    return [
        (each.identifier, ", ".join(dict.fromkeys(step.fix for step in each.plan.steps)))
        for each in reversed(runs)
    ]
