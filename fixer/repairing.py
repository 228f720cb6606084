"""The repair of a file that is no YAML: a search over what the syntax fixes propose.

Each step takes a proposal that lets the parser come further, a few of the best are followed, and the
search ends with the fewest steps after which the whole file is read. Of several results the one that
the specification has least against is taken; where two that say different things are equally good,
none is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fixer.documents.source import Source
from fixer.documents.yaml.broken import BrokenYaml
from fixer.documents.yaml.data import data_of
from fixer.documents.yaml.tree import YamlDocument, YamlSyntaxError
from fixer.finding import Repair
from fixer.registry import Rule
from fixer.stack.specification import complaints

MAXIMUM_STEPS = 25
MAXIMUM_TRIES = 1500
WIDTH = 5
"""How many unfinished texts are followed at a time."""

TEMPLATE = "{%"
"""What a file that some program still has to fill in holds."""


class Applied(NamedTuple):
    """A repair, the rule that proposed it, and the text that it was proposed for."""

    rule: Rule
    repair: Repair
    source: Source


class Solution(NamedTuple):
    """The repairs that make a text YAML, in order. `doubt` says that others do so as well."""

    steps: tuple[Applied, ...]
    doubt: bool


class _State(NamedTuple):
    source: Source
    error: YamlSyntaxError
    steps: tuple[Applied, ...]

    @property
    def rank(self) -> tuple[int, int]:
        return -self.error.position.line, _cost(self.steps)


class _Result(NamedTuple):
    document: YamlDocument
    steps: tuple[Applied, ...]

    @property
    def rank(self) -> tuple[int, int]:
        return sum(1 for _ in complaints(self.document)), _cost(self.steps)


def solve(content: bytes, rules: Sequence[Rule]) -> Solution | None:
    """Give the repairs of a text that is no YAML, or None where none make it YAML."""
    source = Source(content)
    error = _error(source)
    if not isinstance(error, YamlSyntaxError) or TEMPLATE in source.text:
        return None
    states, seen = [_State(source, error, ())], {source.text}
    for _ in range(MAXIMUM_STEPS):
        results: list[_Result] = []
        following: list[_State] = []
        for state in states:
            for applied in _proposals(state, rules):
                repaired = Source(applied.source.edited(applied.repair.edits))
                if repaired.text in seen or len(seen) > MAXIMUM_TRIES:
                    continue
                seen.add(repaired.text)
                steps = (*state.steps, applied)
                outcome = _error(repaired)
                if isinstance(outcome, YamlDocument):
                    results.append(_Result(outcome, steps))
                elif outcome.position.line > state.error.position.line or _same_line(state, outcome):
                    following.append(_State(repaired, outcome, steps))
        kept = [each for each in results if not _writes_nonsense(each, source)]
        if kept:
            return _best(kept)
        states = sorted(following, key=lambda each: each.rank)[:WIDTH]
    return None


def _same_line(state: _State, error: YamlSyntaxError) -> bool:
    """Whether the parser came further on the line where it gave up."""
    before = state.error.position
    return error.position.line == before.line and error.position.column > before.column


def _proposals(state: _State, rules: Sequence[Rule]) -> Iterator[Applied]:
    broken = BrokenYaml(state.source, state.error)
    for rule in rules:
        if rule.propose is not None:
            for repair in rule.propose(broken):
                yield Applied(rule, repair, state.source)


def _error(source: Source) -> YamlSyntaxError | YamlDocument:
    try:
        return YamlDocument(source.encode(source.text))
    except YamlSyntaxError as error:
        return error


def _best(results: list[_Result]) -> Solution:
    ranked = sorted(results, key=lambda each: each.rank)
    best = ranked[0]
    doubt = any(
        each.rank == best.rank and data_of(each.document) != data_of(best.document)
        for each in ranked[1:]
    )
    return Solution(best.steps, doubt)


def _writes_nonsense(result: _Result, original: Source) -> bool:
    """Whether the specification has something against a line that the repairs wrote."""
    written = {text.strip() for _, text in original.lines()}
    source = result.document.source
    starts = [each.node.start for each in complaints(result.document)]
    return any(
        source.text[source.line_start(start) : source.line_end(start)].strip() not in written
        for start in starts
    )


def _cost(steps: Sequence[Applied]) -> int:
    return sum(step.repair.cost for step in steps)
