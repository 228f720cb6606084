"""Which findings are wanted: what configuration, comments and a baseline leave out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from fixer.detected import Detected
from fixer.identity import Identity
from fixer.ignores import Ignore, ignores
from fixer.stack import Repository


class Filter:
    """Leaves out the findings that are not wanted. `used` are the comments that left something out,
    `left_out` says how many findings were, by what did it."""

    def __init__(
        self, ignored_paths: Mapping[str, tuple[str, ...]], accepted: Mapping[Identity, int]
    ) -> None:
        self.ignored_paths = ignored_paths
        self.accepted = accepted
        self.used: set[Ignore] = set()
        self.left_out: Counter[str] = Counter()

    def forget(self) -> None:
        """Begin anew: what was left out so far may not be there any more."""
        self.used.clear()
        self.left_out.clear()

    def kept(self, found: Iterable[Detected], repository: Repository) -> Iterator[Detected]:
        """Yield what one rule found but for what is not wanted, or cannot be known."""
        accepted: Counter[Identity] = Counter()
        for each in found:
            path = each.finding.place.path
            if repository.is_excluded(path):
                self.left_out["excluded paths"] += 1
                continue
            if self._is_ignored_below(each, path):
                self.left_out["per-path ignores"] += 1
                continue
            if any(repository.is_unknown(change.path) for change in each.finding.changes):
                continue
            if comment := _comment_for(each, repository):
                self.used.add(comment)
                self.left_out["comments"] += 1
                continue
            accepted[each.identity] += 1
            if accepted[each.identity] > self.accepted.get(each.identity, 0):
                yield _confined(each, repository)
            else:
                self.left_out["the baseline"] += 1

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


def _comment_for(found: Detected, repository: Repository) -> Ignore | None:
    path, position = found.finding.place
    for each in repository.parsed(path, ignores) or ():
        if each.line == position.line and found.is_for(each.names):
            return each
    return None
