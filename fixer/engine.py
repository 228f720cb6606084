"""One run: stacks are read, fixes detect, and what may be repaired is planned in passes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from fixer import registry
from fixer.changes import EditText
from fixer.compose import Files
from fixer.detected import Detected
from fixer.documents.source import Position
from fixer.filtering import Filter
from fixer.finding import Finding, Safety, Severity
from fixer.identity import Identity, shortened
from fixer.ignores import Unused, ignores_in, unused
from fixer.place import Place, Problem
from fixer.plan import Plan, Step
from fixer.progress import Progress, untold
from fixer.registry import Rule
from fixer.report import Report, Reported
from fixer.stack import Repository, Stack, discover, named_stacks, stack_from_files
from fixer.stack.discovery import Discovered, is_below

if TYPE_CHECKING:
    from fixer.repairing import Solution

DOUBT = "Several repairs of this line are equally likely. Write what is meant, and run dockfix again."

MAXIMUM_PASSES = 30
"""A plan that still changes after so many passes is a bug: two fixes undo each other."""

MAXIMUM_REPEATS = 5
"""How often a family's rules run on what they left themselves, before the next family does."""


class Options(NamedTuple):
    """What a user asked for. `select` and `ignore` hold names of fixes and families; `rotate` says that
    the secrets which are moved get new values."""

    unsafe: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strategies: Mapping[str, str] = {}
    rotate: bool = False
    severities: Mapping[str, Severity] = {}
    """How bad what a fix finds is here, by its name."""
    ignored_paths: Mapping[str, tuple[str, ...]] = {}
    """Fixes and families that are not wanted below paths, by the patterns of these."""
    accepted: Mapping[Identity, int] = {}
    """How many findings of an identity are accepted as they are."""
    changed: frozenset[str] | None = None
    """Paths: only the stacks that one of them is part of are looked at."""
    stacks: tuple[Files, ...] = ()
    """The `-f` lists of the repository's stacks; dockfix finds them itself where none are given."""


def check(
    repository: Repository,
    paths: Sequence[str],
    options: Options,
    files: Sequence[str] = (),
    fix: bool = False,
    progress: Progress = untold,
) -> Report:
    """Look at the stacks below `paths`, or at the one made of the Compose files `files`.

    With `fix`, the report's plan holds the safe changes, and the unsafe ones if the options say so.
    """
    run = _Run(repository, paths, options, files, progress)
    stacks, files_read = run.members, run.files_read
    services = run.services
    found = run.detect_all()
    if not fix:
        findings = tuple(run.reported(each, fixed=False) for each in found)
        plan = Plan(str(repository.root), ())
    else:
        plan = run.plan()
        # A file that was no YAML is a stack now.
        stacks = {**run.members, **stacks}
        left = run.detect_all()
        findings = tuple(run.reported(each, fixed) for each, fixed in _compared(found, left))
    rotation = None
    if options.rotate:
        from fixer.rotation import rotated

        rotation = rotated(plan, run.repository, run.stacks)
        plan = rotation.plan
    order = sorted(findings, key=lambda each: (each.finding.place, each.fix, each.finding.message))
    problems = dict.fromkeys([*run.unread(), *run.problems])
    return Report(
        tuple(order),
        tuple(problems),
        plan,
        files_read,
        stacks,
        rotation=rotation,
        services=services,
        left_out=dict(run.filter.left_out),
        gone=run.gone(),
    )


def find_stacks(
    repository: Repository, paths: Sequence[str], options: Options, files: Sequence[str]
) -> Discovered:
    """Give the stack of `files`, else the stacks that the options name, else those there are, below
    `paths`. Of an excluded file that one of them needs, nothing is told."""
    if files:
        found = stack_from_files(repository, files)
    elif options.stacks:
        found = named_stacks(repository, options.stacks, paths)
    else:
        found = discover(repository, paths)
    problems = [each for each in found.problems if not repository.is_excluded(each.place.path)]
    broken = {path: data for path, data in found.broken.items() if not repository.is_excluded(path)}
    return Discovered(found.stacks, problems, broken)


def _compared(found: Sequence[Detected], left: Sequence[Detected]) -> list[tuple[Detected, bool]]:
    """What was found before and what is left after, each with whether it was fixed. Of those that
    cannot be told apart as many were as are missing, those that have changes first; of the others
    what is left of them is told."""
    remaining: dict[Identity, list[Detected]] = {}
    for each in left:
        remaining.setdefault(each.identity, []).append(each)
    compared: list[tuple[Detected, bool]] = []
    for each in sorted(found, key=lambda each: bool(each.finding.changes)):
        still = remaining.get(each.identity)
        compared.append((still.pop(0), False) if still else (each, True))
    return [*compared, *((each, False) for still in remaining.values() for each in still)]


def _where(error: Exception) -> str:
    """The line of code in which a fix failed."""
    from traceback import extract_tb

    frame = extract_tb(error.__traceback__)[-1]
    return f"{os.path.relpath(frame.filename)}:{frame.lineno}"


def _each_change_once(found: Iterable[Detected]) -> list[Detected]:
    """The findings, less those that want at one place what one before wants: a value that several
    services share is one."""
    kept: list[Detected] = []
    for each in found:
        same = (other for other in kept if other.finding.place == each.finding.place)
        if not each.finding.changes or all(
            other.finding.changes != each.finding.changes for other in same
        ):
            kept.append(each)
    return kept


class _Run:
    def __init__(
        self,
        repository: Repository,
        paths: Sequence[str],
        options: Options,
        files: Sequence[str],
        progress: Progress,
    ) -> None:
        self.progress = progress
        self.repository = repository
        self.paths = paths
        self.files = files
        self.options = options
        self.rules = registry.selected(options.select, options.ignore)
        self.problems: list[Problem] = []
        self.refused: dict[Identity, str] = {}
        self.stacks: list[Stack] = []
        self.solved: dict[bytes, Solution | None] = {}
        self.filter = Filter(options.ignored_paths, options.accepted)
        self.touched: set[Files] = set()
        self.files_read = 0
        progress("Reading")
        self._load()

    def _load(self) -> None:
        found = find_stacks(self.repository, self.paths, self.options, self.files)
        self.found = found
        self.stacks, self.unreadable, broken = found
        if (changed := self.options.changed) is not None:
            self.touched |= {each.named for each in found.stacks if each.is_touched(changed)}
            # One that a plan takes the change out of stays.
            self.stacks = [each for each in found.stacks if self._is_touched(each)]
            self.unreadable = [each for each in found.problems if each.place.path in changed]
            broken = {path: data for path, data in broken.items() if path in changed}
        self.solutions: dict[str, Solution] = {}
        if broken:
            # Every rule is heard, since one that was not asked for may know better.
            for path, data in broken.items():
                solution = self._solution(data)
                if solution is not None and solution.steps[0].rule in self.rules:
                    self.solutions[path] = solution
        for stack in self.stacks:
            stack.strategies = self.options.strategies
        self.files_read = len({file.path for stack in self.stacks for file in stack.files})

    def _is_touched(self, stack: Stack) -> bool:
        """Whether a stack, or one with more files, is or was one that a change touches."""
        return any(set(stack.named) <= set(each) for each in self.touched)

    def _solution(self, data: bytes) -> Solution | None:
        """The repairs of a text that is no YAML, looked for once: what the first of them leaves is
        repaired by the others, not by what another search may find."""
        from fixer.repairing import solve

        if data not in self.solved:
            solution = self.solved[data] = solve(data, registry.all_rules())
            for index, step in enumerate(solution.steps if solution else ()):
                left = step.source.encode(step.source.text)
                self.solved[left] = solution._replace(steps=solution.steps[index:]) if solution else None
        return self.solved[data]

    @property
    def members(self) -> dict[Files, frozenset[str]]:
        """The files of each stack that Compose can be asked about, by its `-f` list."""
        return {
            each.named: frozenset(file.path for file in each.files)
            for each in self.stacks
            if each.is_confined
        }

    @property
    def services(self) -> dict[Files, int]:
        """How many services each stack has, by its `-f` list."""
        return {each.named: len(each.services) for each in self.stacks}

    def unread(self) -> list[Problem]:
        """What kept files from being read, but for those that a fix repairs or tells of."""
        return [each for each in self.unreadable if each.place.path not in self.solutions]

    def detect_all(self) -> list[Detected]:
        self.filter.forget()
        found: list[Detected] = []
        for number, rule in enumerate(self.rules, 1):
            self.progress("Looking", f"fix {number} of {len(self.rules)}")
            found += self._detect(rule)
        return [*found, *(each for rule in self.rules for each in self._review(rule))]

    def _review(self, rule: Rule) -> list[Detected]:
        """What one rule says of the comments that, once every rule has looked, ignored nothing."""
        if rule.review is None:
            return []
        found = [Detected(rule, finding) for finding in rule.review(self._unused_ignores())]
        return list(self.filter.kept(found, self.repository))

    def _unused_ignores(self) -> list[Unused]:
        """The comments that ignored nothing, where all that they could ignore was looked for."""
        if self.files or self.problems:
            return []
        wanted = [path for path in self.paths if path]
        paths = {path for stack in self.stacks for path in stack.sources}
        own = [path for path in sorted(paths) if not wanted or is_below(path, wanted)]
        comments = [each for path in own for each in ignores_in(self.repository, path)]
        if not comments:
            return []
        left_out = self.filter.left_out.copy()
        for rule in registry.all_rules():
            # A comment for a fix that was not asked for is of use when it is.
            if rule not in self.rules:
                self._detect(rule)
        self.filter.left_out = left_out
        found = unused(comments, self.filter.used)
        everything = find_stacks(self.repository, [], self.options, []) if wanted else self.found
        seen = {stack.named for stack in self.stacks}
        others = [each for each in everything.stacks if each.named not in seen]
        if everything.problems:
            return []
        return [
            each for each in found if not any(other.reads(each.comment.place.path) for other in others)
        ]

    @property
    def _is_whole(self) -> bool:
        return not (self.files or any(self.paths) or self.options.changed is not None)

    def gone(self) -> int:
        """How many findings of the baseline are not there any more, if everything was looked at."""
        if not self.options.accepted or not self._is_whole or self.problems or self.unreadable:
            return 0
        names = {rule.name for rule in self.rules}
        accepted = self.options.accepted.items()
        return sum(
            max(count - self.filter.matched[key], 0) for key, count in accepted if key.fix in names
        )

    def _detect(self, rule: Rule) -> list[Detected]:
        """What one rule finds; a finding that several stacks share counts once."""
        found: dict[tuple[Place, str], Detected] = {}
        for detected in self._repairs(rule):
            found.setdefault((detected.finding.place, detected.finding.message), detected)
        for stack in self.stacks if rule.detect else ():
            try:
                for finding in rule.detect(stack) if rule.detect else ():
                    if self._is_asked_for(stack, finding):
                        found.setdefault((finding.place, finding.message), Detected(rule, finding))
            except Exception as error:  # One fix that fails must not keep the others from running.
                if os.environ.get("DOCKFIX_DEBUG"):
                    raise
                place = Place(stack.files[0].path, Position(1, 1))
                # The error's own text may hold a value from the file, which can be a secret.
                message = (
                    f"{rule.name} failed here ({type(error).__name__}, {_where(error)}); the other fixes"
                    " went on; DOCKFIX_DEBUG=1 shows more"
                )
                self.problems.append(Problem(place, message, internal=True))
        return list(self.filter.kept(_each_change_once(found.values()), self.repository))

    def _repairs(self, rule: Rule) -> Iterator[Detected]:
        """The steps of a rule that make files YAML. Only a file's first one is made at a time."""
        for path, solution in self.solutions.items():
            for index, (by, repair, source) in enumerate(solution.steps):
                if by is rule:
                    place = Place(path, source.position(repair.offset))
                    changes = () if solution.doubt else (EditText(path, repair.edits),)
                    steps = DOUBT if solution.doubt else ""
                    yield Detected(rule, Finding(place, repair.message, changes, steps=steps), index > 0)

    def _is_asked_for(self, stack: Stack, finding: Finding) -> bool:
        """Whether a finding is about the paths that were named: a file's base comes along to be
        understood, not to be repaired."""
        wanted = [path for path in self.paths if path]
        if not wanted or is_below(finding.place.path, wanted):
            return True
        members = [file.path for file in stack.files]
        return finding.place.path not in members and any(is_below(path, wanted) for path in members)

    def plan(self) -> Plan:
        """Run every rule on what the rules before it left, until a whole pass changes nothing."""
        root, original = str(self.repository.root), self.repository
        steps: list[Step] = []
        families = [tuple(rules) for _, rules in groupby(self.rules, lambda rule: rule.family)]
        for _ in range(MAXIMUM_PASSES):
            before = len(steps)
            self.filter.forget()
            for rules in families:
                # Families build on one another: what Compose cannot read is in its place before the
                # others look at it.
                for _ in range(MAXIMUM_REPEATS):
                    if not self._pass(rules, steps):
                        break
            # Which comments ignore nothing is known once every rule has looked at what is left.
            if len(steps) == before and not self._reviews(steps):
                return Plan(root, tuple(steps))
        place = Place(steps[-1].changes[0].path, Position(1, 1))
        message = f"the fixes do not settle: {', '.join(step.fix for step in steps[before:])}"
        self.problems.append(Problem(place, message, internal=True))
        self.repository = original
        self._load()
        return Plan(root, ())

    def _pass(self, rules: Sequence[Rule], steps: list[Step]) -> bool:
        """Run rules one after the other on what those before left. Say whether any did something."""
        before = len(steps)
        for rule in rules:
            self.progress("Repairing", rule.name)
            # What did not go together is made at once, so that a fix is one commit.
            for _ in range(MAXIMUM_REPEATS):
                if not self._carry_out(rule, self._detect(rule), steps):
                    break
        return len(steps) > before

    def _reviews(self, steps: list[Step]) -> bool:
        return any(self._carry_out(rule, self._review(rule), steps) for rule in self.rules)

    def _carry_out(self, rule: Rule, found: Sequence[Detected], steps: list[Step]) -> bool:
        """Make the changes of what a rule found. Say whether there were any."""
        wanted = [each for each in found if self._is_wanted(each) and each.identity not in self.refused]
        step = self._make(rule, wanted) if wanted else None
        if step is None:
            return False
        steps.append(step)
        states = {change.path: change.after for change in step.changes}
        self.repository = self.repository.with_changes(states)
        self._load()
        return True

    def _make(self, rule: Rule, found: Sequence[Detected]) -> Step | None:
        # Planning brings the editing of documents along, which a check alone does not need.
        from fixer.planning import plan_fix

        outcome = plan_fix(self.repository, rule.name, [each.finding for each in found])
        for finding, reason in (*outcome.refused, *outcome.bugs):
            self.refused[Detected(rule, finding).identity] = reason
        self.problems += [
            Problem(finding.place, f"{rule.name} is dropped here: {reason}", internal=True)
            for finding, reason in outcome.bugs
        ]
        unsafe = any(each.safety is Safety.UNSAFE for each in found)
        return outcome.step._replace(unsafe=unsafe) if outcome.step else None

    def _is_wanted(self, detected: Detected) -> bool:
        if detected.waits:
            return False
        if detected.safety is Safety.UNSAFE:
            return self.options.unsafe
        return detected.safety is Safety.SAFE

    def reported(self, detected: Detected, fixed: bool) -> Reported:
        rule, finding = detected.rule, detected.finding
        safety = detected.safety
        reason = self.refused.get(detected.identity, "")
        if fixed:
            outcome = "fixed"
        elif reason:
            outcome = "dropped"
        else:
            outcome = {Safety.SAFE: "fixable", Safety.UNSAFE: "unsafe", Safety.MANUAL: "manual"}[safety]
        chosen = self.options.severities
        severity = chosen.get(rule.name) or finding.severity or rule.severity
        finding = finding._replace(message=shortened(finding.message))
        if detected.waits:
            # Its edits are of the text that the repairs before it leave.
            finding = finding._replace(changes=())
        exposed = rule.fix.exposed
        return Reported(rule.name, rule.family, severity, safety, finding, outcome, reason, exposed)
