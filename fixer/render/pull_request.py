"""The title and the text of the fix branch's pull request, in the Markdown of GitHub and GitLab."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from fixer import registry
from fixer.branch import Commit, FixBranch
from fixer.compose import Files
from fixer.judging import touched
from fixer.place import Place
from fixer.render import commit_message
from fixer.render.commit_message import said
from fixer.render.diagram import diagram
from fixer.render.entries import FOLDED, LONGEST_STEPS, finding, folded, listed
from fixer.render.escaping import code, fenced, prose
from fixer.render.merging import merging, moves
from fixer.report import Reported
from fixer.stack import Stack
from fixer.wording import counted

LONGEST = 60_000
"""Characters: GitHub takes 65536, and people may have words of their own in the text."""

LIMITS = (200, 50, 20, 8, 3, 1)
"""How many entries of a list are shown: the first of these with which the text is short enough."""

LONGEST_ANSWER = 1000
"""Characters of what Compose says."""

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
    return f"Repair the Docker stack: {counted(_found(branch.commits), 'finding')}, {_fixes(fixes)}"


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
    yield from merging(branch, most)
    yield from _fixed(branch, most)
    yield from _left(branch, most)
    yield from _kept(branch, most)
    yield from _stack(branch)
    yield from _way_back(branch)


def _opening(branch: FixBranch) -> str:
    hashes = dict.fromkeys(commit.hash for commit in branch.commits)
    fixes = len({commit.step.fix for commit in branch.commits})
    commits = counted(len(hashes), "commit")
    each = "one commit for each" if 1 < len(hashes) == fixes else f"in {commits}"
    text = (
        f"This branch repairs {counted(_found(branch.commits), 'finding')} with {_fixes(fixes)}, {each}."
    )
    unsafe = len({commit.step.fix for commit in branch.commits if commit.step.unsafe})
    if unsafe:
        changes = "changes" if unsafe == 1 else "change"
        return f"{text} {unsafe} of them {changes} how running containers behave: see *Unsafe* below."
    given = ", once its checkout has the files below" if moves(branch) else ""
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
        yield f"Compose still refuses {counted(len(still), 'stack')}:"
        yield from _answers(still, most)


def _answers(answers: Mapping[Files, str], most: int) -> Iterator[str]:
    """What Compose says, each answer once."""
    stacks: dict[str, list[str]] = {}
    for files, message in answers.items():
        stacks.setdefault(message, []).append(_named(files))
    for message, names in list(stacks.items())[:most]:
        yield f"{listed([f'- {name}' for name in names], most)}\n\n{fenced(message[:LONGEST_ANSWER])}"
    if len(stacks) > most:
        yield f"and {len(stacks) - most} more."


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
    return "<br>".join([*told, *([f"and {counted(more, 'more file')}"] if more else [])])


def _each_finding(commit: Commit, most: int) -> Iterator[str]:
    messages = commit.step.messages
    yield f"{code(commit.step.fix)}\n"
    yield from (f"- {finding(message)}" for message in messages[:most])
    if len(messages) > most:
        yield f"- and {len(messages) - most} more"


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
        yield folded(counted(len(entries), "finding"), entries, most)


def _told(found: Sequence[Reported], most: int, entry: Callable[[Reported], str]) -> str:
    return folded(counted(len(found), "finding"), [entry(each) for each in found], most)


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
        yield listed(commits, most)


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


def _found(commits: Sequence[Commit]) -> int:
    return sum(len(commit.step.messages) for commit in commits)


def _fixes(count: int) -> str:
    return counted(count, "fix") if count == 1 else f"{count} fixes"
