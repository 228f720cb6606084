"""A report as Markdown, for the summary of a workflow's run or a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fixer.place import Place
from fixer.render.escaping import code, prose
from fixer.render.terminal import outcome, summary
from fixer.render.words import from_top, legible, problems
from fixer.report import Report, Reported

LIMIT = 1024 * 1024
"""The bytes that GitHub takes for a summary; of a larger one it shows nothing."""

SPARE = 1024
"""Bytes of these that are kept for what stands between and after the lists."""

TABLE = [
    "| place | severity | fix | what is wrong | what can be done |",
    "| --- | --- | --- | --- | --- |",
]


def render(report: Report) -> str:
    """Give a summary, the problems, a table of the findings, and what persons have to do."""
    head = ["### dockfix", "", *map(_prose, summary(report))]
    room = _Room(LIMIT - SPARE - _size(head))
    told = room.taken(_problem(report, each.place, each.message) for each in problems(report))
    rows = room.taken(_row(report, each) for each in report.findings)
    steps = room.taken(_steps(report, each) for each in report.findings if each.finding.steps)
    lines = head
    lines += ["", *told] if told else []
    lines += ["", *TABLE, *rows] if rows else []
    if steps:
        lines += [
            "",
            "<details><summary>What persons have to do</summary>",
            "",
            *steps,
            "",
            "</details>",
        ]
    if room.refused:
        lines += [
            "",
            f"{room.refused} more lines are left out, since a summary on GitHub takes no more.",
        ]
    return "\n".join(lines) + "\n"


class _Room:
    """Takes lines as long as there is room for them, and counts the others."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.refused = 0

    def taken(self, lines: Iterable[str]) -> list[str]:
        return list(self._taken(lines))

    def _taken(self, lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            size = _size([line])
            if self.refused or size > self.left:
                self.refused += 1
            else:
                self.left -= size
                yield line


def _size(lines: Iterable[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)


def _problem(report: Report, place: Place, message: str) -> str:
    return f"- {_place(report, place)}: {_prose(message)}"


def _row(report: Report, each: Reported) -> str:
    done = outcome(report, each) + (f": {each.reason}" if each.reason else "")
    cells = [
        _place(report, each.finding.place),
        each.severity.name.lower(),
        code(each.fix),
        _prose(each.finding.message),
        _prose(done),
    ]
    return f"| {' | '.join(cells)} |"


def _steps(report: Report, each: Reported) -> str:
    return f"- {_place(report, each.finding.place)}, {code(each.fix)}: {_prose(each.finding.steps)}"


def _place(report: Report, place: Place) -> str:
    return code(legible(str(place._replace(path=from_top(report, place.path)))))


def _prose(text: str) -> str:
    return "<br>".join(prose(line, LIMIT) for line in legible(text).splitlines())
