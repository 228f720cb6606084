"""Stacks are read, and fixes detect what is wrong in them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from typing import TYPE_CHECKING

from fixer import registry
from fixer.changes import Change, EditText
from fixer.compose import Files
from fixer.detected import Detected
from fixer.documents.source import Position
from fixer.filtering import Filter
from fixer.finding import Finding
from fixer.options import Options
from fixer.place import Place, Problem
from fixer.progress import Progress
from fixer.registry import Rule
from fixer.stack import Repository, Stack, discover, named_stacks, stack_from_files
from fixer.stack.discovery import Discovered, is_below
from fixer.unused import unused_ignores

if TYPE_CHECKING:
    from fixer.repairing import Solution

DOUBT = "Several repairs of this line are equally likely. Write what is meant, and run dockfix again."

Key = tuple[str, Place, str]
"""What tells a finding from the others of a run: its rule, place and message."""


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


class Detection:
    """The stacks of a repository as they are, and what the rules find in them."""

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
        self.stacks: list[Stack] = []
        self.solved: dict[bytes, Solution | None] = {}
        self.filter = Filter(options.ignored_paths, options.accepted)
        self.touched: set[Files] = set()
        self.files_read = 0
        progress("Reading")
        self._load()

    def go_on(self, repository: Repository) -> None:
        """Look at the repository as it is after changes."""
        self.repository = repository
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
        # Every rule is heard, since one that was not asked for may know better.
        solutions = ((path, self._solution(path, data)) for path, data in broken.items())
        self.repairs = {path: list(_repairs(path, each)) for path, each in solutions if each is not None}
        self.mended: set[str] = set()
        for stack in self.stacks:
            stack.strategies = self.options.strategies
        self.files_read = len({file.path for stack in self.stacks for file in stack.files})

    def _is_touched(self, stack: Stack) -> bool:
        """Whether a stack, or one with more files, is or was one that a change touches."""
        return any(set(stack.named) <= set(each) for each in self.touched)

    def _solution(self, path: str, data: bytes) -> Solution | None:
        """The repairs of a text that is no YAML, looked for once: what the first of them leaves is
        repaired by the others, not by what another search may find."""
        from fixer.repairing import solve

        if data not in self.solved:
            solution = solve(data, registry.all_rules(), lambda rule: self._guarded(rule, path))
            self.solved[data] = solution
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
        """What kept files from being read, but for those of which all repairs were told last."""
        return [each for each in self.unreadable if each.place.path not in self.mended]

    def detect_all(self) -> list[Detected]:
        """Give what every rule finds, and what is said of comments then."""
        self.filter.forget()
        found: list[Detected] = []
        for number, rule in enumerate(self.rules, 1):
            self.progress("Looking", f"fix {number} of {len(self.rules)}")
            found += self.detect(rule)
        found = self._without_unreached(found)
        return [*found, *(each for rule in self.rules for each in self.review(rule))]

    def _without_unreached(self, found: Sequence[Detected]) -> list[Detected]:
        """What was found, less the repairs of a file that wait for one that is not wanted."""
        told = {_key(each) for each in found}
        self.mended, unreached = set[str](), set[Key]()
        for path, repairs in self.repairs.items():
            keys = [_key(each) for each in repairs]
            reached = list(takewhile(told.__contains__, keys))
            unreached |= {*keys} - {*reached}
            if len(reached) == len(keys):
                self.mended.add(path)
        return [each for each in found if _key(each) not in unreached]

    def review(self, rule: Rule) -> list[Detected]:
        """Give what one rule says of the comments that, once every rule has looked, ignored nothing."""
        if rule.review is None or not (unused := unused_ignores(self)):
            return []
        found: list[Detected] = []
        with self._guarded(rule, unused[0].comment.place.path):
            found += (Detected(rule, finding) for finding in rule.review(unused))
        return list(self.filter.kept(found, self.repository))

    def detect(self, rule: Rule) -> list[Detected]:
        """Give what one rule finds; a finding that several stacks share counts once."""
        found: dict[tuple[Place, str], Detected] = {}
        for each in (each for repairs in self.repairs.values() for each in repairs if each.rule is rule):
            found.setdefault((each.finding.place, each.finding.message), each)
        if rule.detect is not None:
            for stack in self.stacks:
                with self._guarded(rule, stack.files[0].path):
                    for finding in rule.detect(stack):
                        if self._is_asked_for(stack, finding):
                            found.setdefault((finding.place, finding.message), Detected(rule, finding))
        return list(self.filter.kept(_each_change_once(found.values()), self.repository))

    def find_all(self) -> Discovered:
        """Give the stacks of the whole repository."""
        if not any(self.paths):
            return self.found
        return find_stacks(self.repository, [], self.options, [])

    def detect_others(self) -> None:
        """Let the filter see what the rules find that were not asked for: a comment for one of them is
        of use when it is."""
        left_out = self.filter.left_out.copy()
        for rule in registry.all_rules():
            if rule not in self.rules:
                self.detect(rule)
        self.filter.left_out = left_out

    @contextmanager
    def _guarded(self, rule: Rule, path: str) -> Iterator[None]:
        """Tell of a fix that fails, which must not keep the others from running."""
        try:
            yield
        except Exception as error:
            if os.environ.get("DOCKFIX_DEBUG"):
                raise
            # The error's own text may hold a value from the file, which can be a secret.
            message = (
                f"{rule.name} failed here ({type(error).__name__}, {_where(error)}); the other fixes"
                " went on; DOCKFIX_DEBUG=1 shows more"
            )
            self.problems.append(Problem(Place(path, Position(1, 1)), message, internal=True))

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

    def _is_asked_for(self, stack: Stack, finding: Finding) -> bool:
        """Whether a finding is about the paths that were named: a file's base comes along to be
        understood, not to be repaired."""
        wanted = [path for path in self.paths if path]
        if not wanted or is_below(finding.place.path, wanted):
            return True
        members = [file.path for file in stack.files]
        return finding.place.path not in members and any(is_below(path, wanted) for path in members)


def _repairs(path: str, solution: Solution) -> Iterator[Detected]:
    """The steps that make a file YAML. Only the first one is made at a time."""
    for index, (rule, repair, source) in enumerate(solution.steps):
        place = Place(path, source.position(repair.offset))
        changes = () if solution.doubt else (EditText(path, repair.edits),)
        steps = DOUBT if solution.doubt else ""
        yield Detected(rule, Finding(place, repair.message, changes, steps=steps), index > 0)


def _key(found: Detected) -> Key:
    return found.rule.name, found.finding.place, found.finding.message


def _each_change_once(found: Iterable[Detected]) -> list[Detected]:
    """The findings, less those that want at one place what one before wants: a value that several
    services share is one."""
    kept: list[Detected] = []
    wanted: dict[Place, list[tuple[Change, ...]]] = {}
    for each in found:
        here = wanted.setdefault(each.finding.place, [])
        if not each.finding.changes or each.finding.changes not in here:
            kept.append(each)
            here.append(each.finding.changes)
    return kept


def _where(error: Exception) -> str:
    """The line of code in which a fix failed."""
    from traceback import extract_tb

    frame = extract_tb(error.__traceback__)[-1]
    return f"{os.path.relpath(frame.filename)}:{frame.lineno}"
