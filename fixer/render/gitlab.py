"""A report as GitLab's Code Quality report, which merge requests show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fixer.finding import Severity
from fixer.identity import fingerprint, fingerprints
from fixer.place import Place
from fixer.render.words import advice, from_top, legible, problems
from fixer.report import Report

SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "minor"}


def render(report: Report) -> str:
    """Give the findings and problems as one JSON array and a newline."""
    import json

    return json.dumps(list(_issues(report)), indent=2) + "\n"


def _issues(report: Report) -> Iterator[dict[str, Any]]:
    for each, mark in zip(
        report.findings, fingerprints(each.identity for each in report.findings), strict=True
    ):
        severity = "info" if each.outcome == "fixed" else SEVERITIES[each.severity]
        text = f"{each.finding.message} {advice(report, each)}"
        yield _issue(report, each.finding.place, each.fix, mark, severity, text)
    for problem in problems(report):
        check = "internal-error" if problem.internal else "unreadable-file"
        mark = fingerprint(check, problem.place.path, problem.message)
        yield _issue(report, problem.place, check, mark, "blocker", problem.message)


def _issue(
    report: Report, place: Place, check: str, mark: str, severity: str, text: str
) -> dict[str, Any]:
    return {
        "description": legible(text),
        "check_name": check,
        "fingerprint": mark,
        "severity": severity,
        "location": {
            "path": legible(from_top(report, place.path)),
            "lines": {"begin": place.position.line},
        },
    }
