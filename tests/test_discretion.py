"""A secret's value stands in no output but the patch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from dotenv import dotenv_values

from fixer import engine, registry
from fixer.cli.check import FORMATS
from fixer.options import Options
from fixer.report import Report
from fixer.stack import Repository
from tests.cases import Case, cases, dockfix, repository_of, stacks

SECRETS = {rule.name for rule in registry.all_rules() if rule.family == "secrets"}

SHORTEST = 6
"""Shorter values are words that stand in every output (`dev`, `oak`)."""


def moved(case: Case) -> set[str]:
    """The values that a case's fix puts into `.env` and into files of secrets."""
    found: set[str] = set()
    for path in case.after.rglob("*"):
        if path.name == ".env":
            found |= {value for value in dotenv_values(path, interpolate=False).values() if value}
        elif path.parent.name == "secrets":
            found.add(path.read_text())
    return {value for value in found if len(value) >= SHORTEST}


CASES = [case for case in [*cases(), *stacks()] if case.fix in SECRETS | {"stacks"} and moved(case)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_output_repeats_a_secret(case: Case, tmp_path: Path) -> None:
    repository = repository_of(case.before, tmp_path / "repository")
    outputs = {
        "text": dockfix(repository, *case.arguments),
        "json": dockfix(repository, "--format", "json", *case.arguments),
        "patch": dockfix(repository, "--dry-run", *case.arguments),
        "apply": dockfix(repository, "--apply", *case.arguments),
        "docs": dockfix(repository, "docs", "secrets"),
    }
    page = (repository / "docs" / "secrets.md").read_text()
    outputs["undo"] = dockfix(repository, "undo")
    outputs["undo again"] = dockfix(repository, "undo")
    outputs["rotate"] = dockfix(repository, "--apply", "--rotate", *case.arguments)
    told = {name: each.stderr.decode() for name, each in outputs.items()}
    told |= {f"{name}'s": each.stdout.decode() for name, each in outputs.items() if name != "patch"}
    told |= {"page": page, "journal": " ".join(journal_messages(repository))}
    repeated = [name for name, text in told.items() for value in moved(case) if value in text]
    assert not repeated


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_format_repeats_a_secret(case: Case, tmp_path: Path) -> None:
    """Every fix is heard, since each may want to move the text that a secret is part of."""
    repository = repository_of(case.before, tmp_path / "repository")
    report = engine.check(Repository(repository), (), Options())
    repeated = [
        (format, value)
        for format in FORMATS[1:]
        for value in moved(case)
        for spelt in (value, json.dumps(value)[1:-1])
        if spelt in rendered(report, format)
    ]
    assert not repeated


def rendered(report: Report, format: str) -> str:
    """A report, less the documentation of fixes, which has secrets of its own to show."""
    text: str = import_module(f"fixer.render.{format}").render(report)
    if format == "sarif":
        log = json.loads(text)
        del log["runs"][0]["tool"]
        return json.dumps(log)
    return text


def journal_messages(repository: Path) -> Iterator[str]:
    """What the journal says of each step; what it keeps of the files is for undo, and its owner's."""
    for run in (repository / ".git" / "dockfix").glob("*/run.json"):
        assert run.stat().st_mode & 0o077 == 0
        for step in json.loads(run.read_text())["steps"]:
            yield from step["messages"]
