"""What a pull request's text asks of whoever merges the fix branch."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from fixer import registry
from fixer.branch import FixBranch
from fixer.plan import FileChange
from fixer.render.entries import LONGEST_STEPS, finding, folded, listed
from fixer.render.escaping import code, prose
from fixer.stack import Repository
from fixer.stack.examples import example_of
from fixer.stack.secrets import KeptSecret, kept_secrets
from fixer.wording import counted


def merging(branch: FixBranch, most: int) -> Iterator[str]:
    """Yield what has to be done besides merging: files that git ignores, secrets that were exposed."""
    exposing = _exposing()
    steps = [commit.step for commit in branch.commits if commit.step.fix in exposing]
    exposed = [f"- [ ] {finding(message)}" for step in steps for message in step.messages]
    if not branch.local and not exposed:
        return
    yield "## When you merge"
    moved = [path for path in branch.local if any(map(_is_private, _made_by(branch, path, exposing)))]
    if moved:
        yield (
            "These files hold what was moved out of the repository. Git ignores them, so they are not on"
            " this branch: every checkout and every server that runs the stack needs them before its"
            " next `docker compose up`. Without them Compose says which one is missing. The values are"
            f" those that stand in {code(branch.base)} where the findings below point, or new ones."
        )
        yield listed([_moved_to(branch, path, exposing) for path in moved], most)
    others = {rule.name for rule in registry.all_rules()} - exposing
    wanted = [path for path in branch.local if path not in moved or _made_by(branch, path, others)]
    if wanted:
        yield (
            "Git ignores these too, so that they are not on this branch. A fresh checkout needs them"
            " all the same; `dockfix --apply` writes them:"
        )
        yield listed([_wanted(branch, path, others) for path in wanted], most)
    if exposed:
        yield (
            f"{counted(len(exposed), 'secret')} stood in the repository, and the history keeps what"
            " stood there: whoever could read it may still log in. Change what guards something:"
        )
        yield folded(counted(len(exposed), "secret"), exposed, most)
        if rotations := [
            text for each in kept_secrets(branch.stacks) for text in _rotation(branch, each)
        ]:
            yield "Servers with data of their own keep the old value until they are told the new one:"
            yield folded("How they are told", rotations, most)


def moves(branch: FixBranch) -> bool:
    """Say whether the branch needs files that it cannot hold, since they hold secrets."""
    return any(_made_by(branch, path, _exposing()) for path in branch.local)


def _exposing() -> set[str]:
    """The fixes for what everybody could read."""
    return {rule.name for rule in registry.all_rules() if rule.fix.exposed}


def _made_by(branch: FixBranch, path: str, fixes: Collection[str]) -> list[FileChange]:
    """What some of the fixes do to a file."""
    steps = [step for step in branch.report.plan.steps if step.fix in fixes]
    return [change for step in steps for change in step.changes if change.path == path]


def _is_private(change: FileChange) -> bool:
    """Whether a change leaves a file to its owner alone, as one that holds a secret."""
    return change.after is not None and not change.after.mode & 0o077


def _moved_to(branch: FixBranch, path: str, fixes: Collection[str]) -> str:
    names = _new_variables(branch, path, fixes)
    if not names:
        return f"- [ ] {code(path)}: the value alone, readable by its owner (`chmod 600`)"
    example = f"{path}.example"
    told = f", which {code(example)} lists" if _is_written(branch, example) else ""
    return f"- [ ] {code(path)}: {', '.join(map(code, names))}{told}"


def _wanted(branch: FixBranch, path: str, fixes: Collection[str]) -> str:
    """A file that the stacks ask for, and what it is made from."""
    example = example_of(Repository(Path(branch.report.plan.root)), path)
    if example is not None:
        return f"- [ ] {code(path)}: a copy of {code(example)}, with your own values"
    names = _new_variables(branch, path, fixes)
    return f"- [ ] {code(path)}{': ' if names else ''}{', '.join(map(code, names))}"


def _is_written(branch: FixBranch, path: str) -> bool:
    return any(change.path == path and change.after for change in branch.report.plan.changes)


def _new_variables(branch: FixBranch, path: str, fixes: Collection[str]) -> list[str]:
    """The variables that a file of variables gets by some of the fixes, by name."""
    from fixer.documents.dotenv import DotenvDocument

    if ".env" not in path.rpartition("/")[2]:
        return []
    new: dict[str, None] = {}
    for change in _made_by(branch, path, fixes):
        states = (change.before, change.after)
        old, own = ([v.name for v in DotenvDocument(s.content).variables] if s else [] for s in states)
        new |= dict.fromkeys(name for name in own if name not in old)
    return list(new)


def _rotation(branch: FixBranch, secret: KeptSecret) -> Iterator[str]:
    """How servers get a new value of a secret that the branch has moved."""
    is_variable = secret.kind == "variable"
    if secret.path not in branch.local or (
        is_variable and secret.name not in _new_variables(branch, secret.path, _exposing())
    ):
        return
    name = f"{code(secret.name)} of {code(secret.path)}" if is_variable else code(secret.path)
    for service, steps in secret.rotation.items():
        if steps:
            yield f"- {name}, in {code(service)}: {prose(steps, LONGEST_STEPS)}"
