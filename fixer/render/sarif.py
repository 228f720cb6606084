"""A report as SARIF 2.1.0, which code scanning services and editors read."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

from fixer import registry
from fixer.finding import Severity
from fixer.identity import fingerprints
from fixer.place import Place, Problem
from fixer.registry import Rule
from fixer.render.sarif_fixes import TOP, Fixes, artifact
from fixer.render.words import advice, legible, problems
from fixer.report import Report, Reported

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
SECURITY = {Severity.ERROR: "9.0", Severity.WARNING: "7.0", Severity.NOTE: "3.0"}
"""What GitHub shows as critical, high and low."""


def render(report: Report) -> str:
    """Give the report as one SARIF log and a newline."""
    return json.dumps(_log(report), indent=2) + "\n"


def _log(report: Report) -> dict[str, Any]:
    names = list(dict.fromkeys(each.fix for each in report.findings))
    rules = {rule.name: rule for rule in registry.all_rules() if rule.name in names}
    driver = {
        "name": "dockfix",
        "version": version("dockfix"),
        "rules": [_rule(rules[name]) for name in names],
    }
    told = list(problems(report))
    invocation = {
        "executionSuccessful": not told,
        "toolExecutionNotifications": [_notification(report, each) for each in told],
    }
    fixes = Fixes(report)
    marks = fingerprints(each.identity for each in report.findings)
    results = [
        _result(report, each, names.index(each.fix), mark, fixes.of(each))
        for each, mark in zip(report.findings, marks, strict=True)
    ]
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "originalUriBaseIds": {TOP: {"description": {"text": "The top of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    properties: dict[str, Any] = {"family": rule.family, "safety": rule.safety.value}
    if rule.fix.exposed or rule.family == "security":
        properties["tags"] = list(dict.fromkeys([rule.family, "security"]))
        properties["security-severity"] = SECURITY[rule.severity]
    else:
        properties["tags"] = [rule.family]
    first, _, documentation = rule.documentation.partition("\n")
    documentation = documentation.strip()
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.fix.summary},
        "fullDescription": {"text": first},
        "help": {"text": documentation, "markdown": documentation},
        "defaultConfiguration": {"level": rule.severity.name.lower()},
        "properties": properties,
    }


def _result(
    report: Report, each: Reported, index: int, mark: str, fixes: list[dict[str, Any]]
) -> dict[str, Any]:
    properties = {
        "outcome": each.outcome,
        "severity": each.severity.name.lower(),
        "safety": each.safety.value,
        "steps": legible(each.finding.steps),
        "reason": legible(each.reason),
    }
    return {
        "ruleId": each.fix,
        "ruleIndex": index,
        "level": "note" if each.outcome == "fixed" else each.severity.name.lower(),
        "message": {"text": legible(f"{each.finding.message} {advice(report, each)}")},
        "locations": [_location(report, each.finding.place)],
        "partialFingerprints": {"dockfix/v1": mark},
        **({"fixes": fixes} if fixes else {}),
        "properties": {name: value for name, value in properties.items() if value},
    }


def _notification(report: Report, problem: Problem) -> dict[str, Any]:
    return {
        "level": "error",
        "message": {"text": legible(problem.message)},
        "locations": [_location(report, problem.place)],
    }


def _location(report: Report, place: Place) -> dict[str, Any]:
    line, column = place.position
    return {
        "physicalLocation": {
            "artifactLocation": artifact(report, place.path),
            "region": {"startLine": line, "startColumn": column},
        }
    }
