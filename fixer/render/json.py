"""A report as JSON, which docs/report.schema.json describes. `version` grows when a field changes its
meaning or goes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from fixer.identity import fingerprints
from fixer.registry import Rule
from fixer.render.words import legible
from fixer.report import Report

if TYPE_CHECKING:
    from fixer.rotation import Rotation

VERSION = 1


def render(report: Report) -> str:
    """Give the report as one JSON object and a newline."""
    return json.dumps(_legible(data(report)), indent=2) + "\n"


def rules(rules: Iterable[Rule]) -> str:
    """Give what fixes there are as one JSON object and a newline."""
    fixes = [
        {
            "name": rule.name,
            "family": rule.family,
            "severity": rule.severity.name.lower(),
            "safety": rule.safety.value,
            "summary": rule.fix.summary,
        }
        for rule in rules
    ]
    return json.dumps({"version": VERSION, "fixes": fixes}, indent=2) + "\n"


def data(report: Report) -> dict[str, Any]:
    """Give the report as plain data."""
    counts: dict[str, int] = {}
    for each in report.findings:
        counts[each.outcome] = counts.get(each.outcome, 0) + 1
    return {
        "version": VERSION,
        "findings": [
            {
                "fix": each.fix,
                "family": each.family,
                "severity": each.severity.name.lower(),
                "safety": each.safety.value,
                "outcome": each.outcome,
                "path": each.finding.place.path,
                "line": each.finding.place.position.line,
                "column": each.finding.place.position.column,
                "message": each.finding.message,
                "steps": each.finding.steps,
                "reason": each.reason,
                "exposed": each.exposed,
                "fingerprint": mark,
            }
            for each, mark in zip(
                report.findings, fingerprints(each.identity for each in report.findings), strict=True
            )
        ],
        "problems": [
            {
                "path": problem.place.path,
                "line": problem.place.position.line,
                "column": problem.place.position.column,
                "message": problem.message,
                "internal": problem.internal,
            }
            for problem in report.problems
        ],
        "refused": [{"files": files, "message": message} for files, message in report.refused.items()],
        "rotation": _rotation(report.rotation) if report.rotation else None,
        "changes": [change.path for change in report.plan.changes],
        "summary": {"files": report.files, "findings": len(report.findings), **counts},
    }


def _legible(value: Any) -> Any:
    """Data as strict readers of JSON take it."""
    match value:
        case str():
            return legible(value)
        case dict():
            return {key: _legible(each) for key, each in value.items()}
        case list() | tuple():
            return [_legible(each) for each in value]
    return value


def _rotation(rotation: Rotation) -> dict[str, Any]:
    return {
        "renewed": [
            {"name": each.name, "path": each.path, "steps": each.rotation} for each in rotation.renewed
        ],
        "left": [
            {"name": each.name, "path": each.path, "reason": reason} for each, reason in rotation.left
        ],
    }
