"""Which findings are wanted: what configuration, comments and a baseline leave out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from fixer.detected import Detected
from fixer.identity import Identity
from fixer.ignores import Ignore, ignores_in
from fixer.stack import Repository


class Filter:
    """Leaves out the findings that are not wanted, and remembers by what: `used` are the names in
    comments, `matched` the findings of the baseline, `left_out` how many there were of each way."""

    def __init__(
        self, ignored_paths: Mapping[str, tuple[str, ...]], accepted: Mapping[Identity, int]
    ) -> None:
        self.ignored_paths = ignored_paths
        self.accepted = accepted
        self.used: set[tuple[Ignore, str]] = set()
        self.matched: Counter[Identity] = Counter()
        self.left_out: Counter[str] = Counter()

    def forget(self) -> None:
        """Begin anew: what was left out so far may not be there any more."""
        self.used.clear()
        self.matched.clear()
        self.left_out.clear()

    def kept(self, found: Iterable[Detected], repository: Repository) -> Iterator[Detected]:
        """Yield what one rule found but for what is not wanted, or cannot be known."""
        accepted: Counter[Identity] = Counter()
        for each in found:
            path = each.finding.place.path
            if repository.is_excluded(path):
                self.left_out["excluded paths"] += 1
                continue
            # Comments come first, so that none is told to be of no use because another way is as good.
            if names := set(_names_in_comments(each, repository)):
                self.used |= names
                self.left_out["comments"] += 1
                continue
            if any(repository.is_unknown(change.path) for change in each.finding.changes):
                continue
            if self._is_ignored_below(each, path):
                self.left_out["per-path ignores"] += 1
                continue
            accepted[each.identity] += 1
            if accepted[each.identity] <= self.accepted.get(each.identity, 0):
                self.matched[each.identity] = accepted[each.identity]
                self.left_out["the baseline"] += 1
            else:
                yield _confined(each, repository)

    def _is_ignored_below(self, found: Detected, path: str) -> bool:
        patterns = [each for each, names in self.ignored_paths.items() if found.is_for(names)]
        if not patterns:
            return False
        from pathspec import GitIgnoreSpec

        return GitIgnoreSpec.from_lines(patterns).match_file(path)


def _confined(found: Detected, repository: Repository) -> Detected:
    """A finding that is for a person where its changes would reach into what is excluded."""
    excluded = [each.path for each in found.finding.changes if repository.is_excluded(each.path)]
    if not excluded:
        return found
    steps = f"The repair would change {excluded[0]}, which is excluded: make it by hand."
    return found._replace(finding=found.finding._replace(changes=(), steps=steps))


def _names_in_comments(found: Detected, repository: Repository) -> Iterator[tuple[Ignore, str]]:
    """The comments that leave a finding out, each with the name by which it does."""
    path, position = found.finding.place
    for each in ignores_in(repository, path):
        if each.is_about(position.line):
            yield from ((each, name) for name in each.names if found.is_for((name,)))
