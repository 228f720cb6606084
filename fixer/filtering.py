"""Which findings are wanted: what configuration, comments and a baseline leave out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from fixer.detected import Detected
from fixer.identity import Identity
from fixer.ignores import Named, ignores_in
from fixer.registry import Rule
from fixer.stack import Repository

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


class Filter:
    """Leaves out the findings that are not wanted, and remembers by what: `used` are the names in
    comments, `matched` the findings of the baseline, `left_out` how many there were of each way.
    `missed` are names in comments that a finding further down may be meant by, with its line."""

    def __init__(
        self, ignored_paths: Mapping[str, tuple[str, ...]], accepted: Mapping[Identity, int]
    ) -> None:
        self.ignored_paths = ignored_paths
        self.accepted = accepted
        self.used: set[Named] = set()
        self.missed: dict[Named, int] = {}
        self.matched: Counter[Identity] = Counter()
        self.left_out: Counter[str] = Counter()
        self._specs: dict[str, GitIgnoreSpec | None] = {}

    def forget(self) -> None:
        """Begin anew: what was left out so far may not be there any more."""
        self.used.clear()
        self.missed.clear()
        self.matched.clear()
        self.left_out.clear()

    def kept(self, found: Iterable[Detected], repository: Repository) -> Iterator[Detected]:
        """Yield what one rule found but for what is not wanted, or cannot be known."""
        accepted: Counter[Identity] = Counter()
        for each in self._uncommented(found, repository):
            path = each.finding.place.path
            if any(repository.is_unknown(change.path) for change in each.finding.changes):
                continue
            if self._is_ignored_below(each.rule, path):
                self.left_out["per-path ignores"] += 1
                continue
            accepted[each.identity] += 1
            if accepted[each.identity] <= self.accepted.get(each.identity, 0):
                self.matched[each.identity] = accepted[each.identity]
                self.left_out["the baseline"] += 1
            else:
                yield _confined(each, repository)

    def _uncommented(self, found: Iterable[Detected], repository: Repository) -> list[Detected]:
        """What one rule found in files that are not excluded, but for what comments leave out. They come
        first, so that none is told to be of no use because another way is as good."""
        left: list[tuple[Detected, list[Named]]] = []
        used: set[Named] = set()
        for each in found:
            path, (line, _) = each.finding.place
            if repository.is_excluded(path):
                self.left_out["excluded paths"] += 1
                continue
            names = (each.rule.name, each.rule.family)
            around = list(ignores_in(repository, path).around(line, names))
            if about := [known for known in around if known[0].is_about(line)]:
                used.update(about)
                self.left_out["comments"] += 1
            else:
                left.append((each, around))
        self.used |= used
        return [
            self._held(each, [known for known in around if known not in used]) for each, around in left
        ]

    def _held(self, found: Detected, missed: Sequence[Named]) -> Detected:
        """A finding that is for a person where a comment that leaves out nothing of its rule stands
        above all that it is in: whoever wrote that may have meant to keep it."""
        line, finding = found.finding.place.position.line, found.finding
        for each in missed:
            self.missed[each] = min(line, self.missed.get(each, line))
        if not missed or not finding.changes:
            return found
        comment = missed[-1][0].place.position.line
        steps = f"The comment in line {comment} is not about this line: write it above, or take it out."
        return found._replace(finding=finding._replace(changes=(), steps=steps))

    def _is_ignored_below(self, rule: Rule, path: str) -> bool:
        if rule.name not in self._specs:
            self._specs[rule.name] = self._spec(rule)
        spec = self._specs[rule.name]
        return spec is not None and spec.match_file(path)

    def _spec(self, rule: Rule) -> GitIgnoreSpec | None:
        """The patterns of the paths below which a rule is not wanted."""
        ignored = self.ignored_paths.items()
        patterns = [each for each, names in ignored if {rule.name, rule.family} & {*names}]
        if not patterns:
            return None
        from pathspec import GitIgnoreSpec

        return GitIgnoreSpec.from_lines(patterns)


def _confined(found: Detected, repository: Repository) -> Detected:
    """A finding that is for a person where its changes would reach into what is excluded."""
    excluded = [each.path for each in found.finding.changes if repository.is_excluded(each.path)]
    if not excluded:
        return found
    steps = f"The repair would change {excluded[0]}, which is excluded: make it by hand."
    return found._replace(finding=found.finding._replace(changes=(), steps=steps))
