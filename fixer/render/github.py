"""A report as workflow commands, which GitHub shows as annotations of the lines."""

from __future__ import annotations

from collections.abc import Iterator

from fixer.finding import Severity
from fixer.place import Place
from fixer.render.terminal import printable, summary
from fixer.render.words import advice, from_top, legible, problems
from fixer.report import Report

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report) -> str:
    """Give a command for each finding and problem, and the summary for whoever reads the log."""
    return "\n".join([*_commands(report), *summary(report)]) + "\n"


def _commands(report: Report) -> Iterator[str]:
    for each in report.findings:
        command = "notice" if each.outcome == "fixed" else COMMANDS[each.severity]
        text = f"{each.finding.message}\n{advice(report, each)}"
        yield _command(command, report, each.finding.place, each.fix, text)
    for problem in problems(report):
        yield _command("error", report, problem.place, "dockfix", problem.message)


def _command(command: str, report: Report, place: Place, title: str, text: str) -> str:
    path, (line, column) = place
    properties = {
        "file": legible(from_top(report, path)),
        "line": str(line),
        "col": str(column),
        "title": title,
    }
    told = ",".join(f"{name}={_in_property(value)}" for name, value in properties.items())
    return f"::{command} {told}::{_in_message(text)}"


def _in_message(text: str) -> str:
    """A text without what ends a command; other control characters could steer who reads the log."""
    lines = (printable(line) for line in text.replace("\r\n", "\n").split("\n"))
    return "%0A".join(line.replace("%", "%25") for line in lines)


def _in_property(text: str) -> str:
    for character, escape in {"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"}.items():
        text = text.replace(character, escape)
    return printable(text)
