"""The title and the text of the fix branch's pull request, in the Markdown of GitHub and GitLab."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from fixer import registry
from fixer.branch import Commit, FixBranch
from fixer.compose import Files
from fixer.judging import touched
from fixer.place import Place
from fixer.plan import FileChange
from fixer.render import commit_message
from fixer.render.commit_message import said
from fixer.render.diagram import diagram
from fixer.render.escaping import code, fenced, prose
from fixer.report import Reported
from fixer.stack import Repository, Stack
from fixer.stack.examples import example_of
from fixer.stack.secrets import KeptSecret, kept_secrets

LONGEST = 60_000
"""Characters: GitHub takes 65536, and people may have words of their own in the text."""

LIMITS = (200, 50, 20, 8, 3, 1)
"""How many entries of a list are shown: the first of these with which the text is short enough."""

FOLDED = 8
"""Entries of a list from which on it is folded."""

LONGEST_ANSWER = 1000
"""Characters of what Compose says."""

LONGEST_STEPS = 2000
"""Characters of what a person has to do: a command that is cut off is none."""

MOST_NAMES = 20
"""Names that a sentence lists."""

MOST_LINES = 6
"""Lines of one file that a table's cell names."""


def title(branch: FixBranch) -> str:
    """Give the title, which is one line without markup."""
    steps = [commit.step for commit in branch.commits]
    if len(steps) == 1:
        return commit_message.render(steps[0]).partition("\n")[0]
    fixes = len({step.fix for step in steps})
    if not fixes:
        return "Repair the Docker stack: nothing left to fix"
    return f"Repair the Docker stack: {_count(_found(branch.commits), 'finding')}, {_fixes(fixes)}"


def render(branch: FixBranch) -> str:
    """Give the text, as long as GitHub takes it."""
    text = ""
    for most in LIMITS:
        text = "\n\n".join(_sections(branch, most)) + "\n"
        if len(text) <= LONGEST:
            break
    return text


def _sections(branch: FixBranch, most: int) -> Iterator[str]:
    yield _opening(branch)
    yield from _refused(branch, most)
    if most < LIMITS[0]:
        yield (
            "*Shortened, since GitHub takes 65536 characters: `dockfix` and the messages of the"
            " commits say all.*"
        )
    yield from _merging(branch, most)
    yield from _fixed(branch, most)
    yield from _left(branch, most)
    yield from _kept(branch, most)
    yield from _stack(branch)
    yield from _way_back(branch)


def _opening(branch: FixBranch) -> str:
    hashes = dict.fromkeys(commit.hash for commit in branch.commits)
    if not hashes:
        return f"dockfix finds nothing left to fix on {code(branch.base)}."
    fixes = len({commit.step.fix for commit in branch.commits})
    commits = _count(len(hashes), "commit")
    each = "one commit for each" if 1 < len(hashes) == fixes else f"in {commits}"
    text = (
        f"This branch repairs {_count(_found(branch.commits), 'finding')} with {_fixes(fixes)}, {each}."
    )
    unsafe = len({commit.step.fix for commit in branch.commits if commit.step.unsafe})
    if unsafe:
        changes = "changes" if unsafe == 1 else "change"
        return f"{text} {unsafe} of them {changes} how running containers behave: see *Unsafe* below."
    moves = any(_made_by(branch, path, _exposing()) for path in branch.local)
    given = ", once its checkout has the files below" if moves else ""
    return f"{text} All of it is safe: what runs today goes on as it does{given}."


def _refused(branch: FixBranch, most: int) -> Iterator[str]:
    """What Compose said before, and what it still says."""
    asked = touched(branch.report)
    # What the branch does not touch nobody asked about again.
    still = {files: message for files, message in branch.refused.items() if files not in asked}
    still |= branch.report.refused
    mended = {files: message for files, message in branch.refused.items() if files not in still}
    if mended:
        stacks = "this stack, and accepts it" if len(mended) == 1 else "these stacks, and accepts them"
        yield f"On {code(branch.base)} Compose refuses {stacks} on this branch:"
        yield from _answers(mended, most)
    if still:
        yield f"Compose still refuses {_count(len(still), 'stack')}:"
        yield from _answers(still, most)


def _answers(answers: Mapping[Files, str], most: int) -> Iterator[str]:
    """What Compose says, each answer once."""
    stacks: dict[str, list[str]] = {}
    for files, message in answers.items():
        stacks.setdefault(message, []).append(_named(files))
    for message, names in list(stacks.items())[:most]:
        yield f"{_list([f'- {name}' for name in names], most)}\n\n{fenced(message[:LONGEST_ANSWER])}"
    if len(stacks) > most:
        yield f"and {len(stacks) - most} more."


def _merging(branch: FixBranch, most: int) -> Iterator[str]:
    """What has to be done besides merging: files that git ignores, and secrets that were exposed."""
    exposing = _exposing()
    steps = [commit.step for commit in branch.commits if commit.step.fix in exposing]
    exposed = [f"- [ ] {_finding(message)}" for step in steps for message in step.messages]
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
        yield _list([_moved_to(branch, path, exposing) for path in moved], most)
    others = {rule.name for rule in registry.all_rules()} - exposing
    wanted = [path for path in branch.local if path not in moved or _made_by(branch, path, others)]
    if wanted:
        yield (
            "Git ignores these too, so that they are not on this branch. A fresh checkout needs them"
            " all the same; `dockfix --apply` writes them:"
        )
        yield _list([_wanted(branch, path, others) for path in wanted], most)
    if exposed:
        yield (
            f"{_count(len(exposed), 'secret')} stood in the repository, and the history keeps what stood"
            " there: whoever could read it may still log in. Change what guards something:"
        )
        yield _folded(_count(len(exposed), "secret"), exposed, most)
        if rotations := [
            text for each in kept_secrets(branch.stacks) for text in _rotation(branch, each)
        ]:
            yield "Servers with data of their own keep the old value until they are told the new one:"
            yield _folded("How they are told", rotations, most)


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
    listed = f", which {code(example)} lists" if _is_written(branch, example) else ""
    return f"- [ ] {code(path)}: {', '.join(map(code, names))}{listed}"


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


def _fixed(branch: FixBranch, most: int) -> Iterator[str]:
    safe = [commit for commit in branch.commits if not commit.step.unsafe]
    unsafe = [commit for commit in branch.commits if commit.step.unsafe]
    if safe:
        yield "## Safe"
        yield _table(safe, most)
    if unsafe:
        yield "## Unsafe"
        yield "Right in most stacks, but containers behave differently: read these one by one."
        yield _table(unsafe, most)
    if branch.commits:
        yield "Lines are those before the commit. `dockfix explain FIX` says what a fix does, and why."
        yield "<details><summary>Each finding</summary>"
        for commit in branch.commits[: max(most, 20)]:
            yield "\n".join(_each_finding(commit, most))
        yield "</details>"


def _table(commits: Sequence[Commit], most: int) -> str:
    summaries = {rule.name: rule.fix.summary for rule in registry.all_rules()}
    rows = [
        f"| {code(step.fix)} | {prose(summaries.get(step.fix, ''))} | {_where(step.messages, most)}"
        f" | {hash[:10]} |"
        for hash, step in commits[: max(most, 20)]
    ]
    more = len(commits) - len(rows)
    head = ["| fix | what was wrong | where | commit |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *rows, *([f"| and {more} more | | | |"] if more else [])])


def _where(messages: Sequence[str], most: int) -> str:
    """The places of findings, by file."""
    lines: dict[str, list[str]] = {}
    for each in map(said, messages):
        if each.path:
            lines.setdefault(each.path, []).append(each.line)
    told = [
        f"{code(path)}: {', '.join(numbers[:MOST_LINES])}"
        + (f" and {len(numbers) - MOST_LINES} more" if len(numbers) > MOST_LINES else "")
        for path, numbers in list(lines.items())[: min(most, FOLDED)]
    ]
    more = len(lines) - len(told)
    return "<br>".join([*told, *([f"and {_count(more, 'more file')}"] if more else [])])


def _each_finding(commit: Commit, most: int) -> Iterator[str]:
    messages = commit.step.messages
    yield f"{code(commit.step.fix)}\n"
    yield from (f"- {_finding(message)}" for message in messages[:most])
    if len(messages) > most:
        yield f"- and {len(messages) - most} more"


def _finding(message: str) -> str:
    """A step's message: the place, and what it says."""
    found = said(message)
    return (
        f"{code(f'{found.path}:{found.line}')} {prose(found.text)}" if found.path else prose(found.text)
    )


def _left(branch: FixBranch, most: int) -> Iterator[str]:
    """What the branch does not repair, and why."""
    found = branch.report.findings
    if manual := [each for each in found if each.outcome == "manual"]:
        yield "## Left for a person"
        yield _told(manual, most, _to_do)
    if unsafe := [each for each in found if each.outcome == "unsafe"]:
        yield "## More with `--unsafe`"
        yield "dockfix can repair these too, but running containers would behave differently:"
        yield _told(unsafe, most, _entry)
    dropped = [each for each in found if each.outcome == "dropped"]
    problems = branch.report.problems
    if dropped or problems:
        yield "## Not repaired"
        entries = [f"{_entry(each)} Not done: {prose(each.reason)}." for each in dropped]
        entries += [f"- {_at(each.place)} {prose(each.message)}" for each in problems]
        yield _folded(_count(len(entries), "finding"), entries, most)


def _told(found: Sequence[Reported], most: int, entry: Callable[[Reported], str]) -> str:
    return _folded(_count(len(found), "finding"), [entry(each) for each in found], most)


def _entry(each: Reported) -> str:
    return f"- {_at(each.finding.place)} {prose(each.finding.message)} ({code(each.fix)})"


def _to_do(each: Reported) -> str:
    steps = [prose(line, LONGEST_STEPS) for line in each.finding.steps.splitlines() if line.strip()]
    told = f"- [ ] {_entry(each).removeprefix('- ')}"
    return "<br>\n  ".join([told, f"To do: {steps[0]}", *steps[1:]]) if steps else told


def _kept(branch: FixBranch, most: int) -> Iterator[str]:
    if branch.kept:
        yield "## Commits of others"
        yield "These were added to the branch by hand, and stay when dockfix updates it:"
        commits = [
            f"- {hash[:10]} {prose(subject)} ({prose(who)})" for hash, subject, who in branch.kept
        ]
        yield _list(commits, most)


def _stack(branch: FixBranch) -> Iterator[str]:
    changed = {change.path for commit in branch.commits for change in commit.step.changes}

    def weight(stack: Stack) -> tuple[bool, int]:
        """What the branch changes comes first, then what has most services."""
        return any(file.path in changed for file in stack.files), len(stack.services)

    stack = max(branch.stacks, key=weight, default=None)
    if stack is None or not stack.services:
        return
    drawn = diagram(stack)
    yield "## The stack"
    yield f"{_named(stack.named)}, as this branch leaves it:"
    yield f"```mermaid\n{drawn.text}\n```"
    yield f"{drawn.caption} {_networks(stack)}".rstrip()


def _networks(stack: Stack) -> str:
    """Which services are on which network, where there are several."""
    members: dict[str, list[str]] = {}
    for service in stack.services.values():
        for network in service.networks:
            members.setdefault(network, []).append(code(service.name))
    told = [f"{code(name)} ({_enumerated(services)})" for name, services in members.items()]
    return f"Networks: {_enumerated(told)}." if len(told) > 1 else ""


def _enumerated(texts: Sequence[str]) -> str:
    more = len(texts) - MOST_NAMES
    return ", ".join([*texts[:MOST_NAMES], *([f"{more} more"] if more > 0 else [])])


def _way_back(branch: FixBranch) -> Iterator[str]:
    if not branch.commits:
        return
    hash, step = branch.commits[0]
    yield "## To leave something out"
    yield (
        f"Each commit can be taken back by itself, here or after the merge: `git revert {hash[:10]}`"
        f" takes back {code(step.fix)}. So that dockfix does not make it again, a comment on the line,"
        " or the line above, says why:"
    )
    yield f"```yaml\n# dockfix: ignore[{step.fix}] the reason\n```"


def _named(files: Files) -> str:
    return " with ".join(map(code, files))


def _at(place: Place) -> str:
    return code(f"{place.path}:{place.position.line}")


def _list(entries: Sequence[str], most: int) -> str:
    more = len(entries) - most
    return "\n".join([*entries[:most], *([f"- and {more} more"] if more > 0 else [])])


def _folded(summary: str, entries: Sequence[str], most: int) -> str:
    listed = _list(entries, most)
    if len(entries) <= FOLDED:
        return listed
    return f"<details><summary>{summary}</summary>\n\n{listed}\n\n</details>"


def _found(commits: Sequence[Commit]) -> int:
    return sum(len(commit.step.messages) for commit in commits)


def _fixes(count: int) -> str:
    return _count(count, "fix") if count == 1 else f"{count} fixes"


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
