"""The repair of a file that is no YAML: a search over what the syntax fixes propose.

Each step takes a proposal that lets the parser come further, a few of the best are followed, and the
search ends with the fewest steps after which the whole file is read. Of several results the one that
the specification has least against is taken; where two that say different things are equally good,
none is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple

from fixer.documents.source import Source
from fixer.documents.yaml.broken import BrokenYaml
from fixer.documents.yaml.data import data_of
from fixer.documents.yaml.tree import Scalar, YamlDocument, YamlSyntaxError
from fixer.finding import Repair
from fixer.registry import Rule
from fixer.stack.specification import complaints

MAXIMUM_STEPS = 25
MAXIMUM_TRIES = 1500
MAXIMUM_BYTES = 200_000
"""A search parses a text hundreds of times: what is longer is for a person."""

WIDTH = 5
"""How many unfinished texts are followed at a time."""

TEMPLATE = "{%"
"""What a file that some program still has to fill in holds."""

Guard = Callable[[Rule], AbstractContextManager[None]]
"""Inside of what a rule is run, so that one that fails is told and the others go on."""


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

    @property
    def is_sound(self) -> bool:
        return self.rank[0] == 0


def solve(content: bytes, rules: Sequence[Rule], guarded: Guard) -> Solution | None:
    """Give the repairs of a text that is no YAML, or None where none make it YAML. A rule that fails
    does so inside of what `guarded` gives for it."""
    source = Source(content)
    error = _error(source)
    is_long = len(content) > MAXIMUM_BYTES
    if is_long or not isinstance(error, YamlSyntaxError) or TEMPLATE in source.text:
        return None
    states, seen = [_State(source, error, ())], {source.text}
    results: list[_Result] = []
    for _ in range(MAXIMUM_STEPS):
        found_before = bool(results)
        following: list[_State] = []
        for state in states:
            for applied, repaired in _proposals(state, rules, guarded):
                if repaired.text in seen or len(seen) > MAXIMUM_TRIES:
                    continue
                seen.add(repaired.text)
                steps = (*state.steps, applied)
                outcome = _error(repaired)
                if isinstance(outcome, YamlDocument):
                    result = _Result(outcome, steps)
                    if not _writes_nonsense(result, source):
                        results.append(result)
                elif outcome.position.line > state.error.position.line or _same_line(state, outcome):
                    following.append(_State(repaired, outcome, steps))
        # What the specification has something against may be meant otherwise: one more step tells.
        if found_before or any(each.is_sound for each in results):
            break
        states = sorted(following, key=lambda each: each.rank)[:WIDTH]
    return _best(results) if results else None


def _same_line(state: _State, error: YamlSyntaxError) -> bool:
    """Whether the parser came further on the line where it gave up."""
    before = state.error.position
    return error.position.line == before.line and error.position.column > before.column


def _proposals(state: _State, rules: Sequence[Rule], guarded: Guard) -> Iterator[tuple[Applied, Source]]:
    """What the rules propose, each with the text that it makes."""
    broken = BrokenYaml(state.source, state.error)
    for rule in rules:
        if rule.propose is not None:
            with guarded(rule):
                for repair in rule.propose(broken):
                    repaired = Source(state.source.edited(repair.edits))
                    yield Applied(rule, repair, state.source), repaired


def _error(source: Source) -> YamlSyntaxError | YamlDocument:
    # A search tries hundreds of texts, each of which the slow parser would take a second for.
    try:
        return YamlDocument(source.encode(source.text), patient=False)
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
    """Whether the specification has something against a line that the repairs wrote, or does not know
    a key on one that they moved, or whether lines have become the rest of an unquoted text above."""
    before = [text for _, text in original.lines()]
    written, moved = {text.strip() for text in before}, set(before)
    document, source = result.document, result.document.source
    for complaint in complaints(document):
        start = complaint.node.start
        line = source.text[source.line_start(start) : source.line_end(start)]
        if line.strip() not in written:
            return True
        if complaint.problem in ("unknown", "misplaced") and line not in moved:
            return True
    touched = _touched_lines(result)
    return any(
        isinstance(node, Scalar)
        and not node.style
        and "\n" in source.text[node.start : node.end]
        and touched & {*range(source.position(node.start).line, source.position(node.end).line + 1)}
        for node in document.walk()
    )


def _touched_lines(result: _Result) -> set[int]:
    """The numbers of the lines that are not as they were, in the text that the repairs make."""
    from difflib import SequenceMatcher

    before = result.steps[0].source.text.splitlines()
    after = result.document.text.splitlines()
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return {
        number
        for tag, _, _, start, end in matcher.get_opcodes()
        if tag != "equal"
        for number in range(start, end + 1)
    }


def _cost(steps: Sequence[Applied]) -> int:
    return sum(step.repair.cost for step in steps)
