"""The commits of a fix branch, each checked out alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixer import registry
from tests.cases import COMPOSE, FIXTURES, Case, cases, compose_lists, compose_says, dockfix, git
from tests.cases import repository_of

BRANCH = "dockfix/fixes"


def one_of_each_fix() -> Iterator[Case]:
    """A case of every third fix, which is applied without being asked about anything."""
    safe = {rule.name for rule in registry.all_rules() if rule.safety.value == "safe"}
    chosen: dict[str, Case] = {}
    for case in cases():
        if case.after.exists() and case.fix in safe and not case.options:
            chosen.setdefault(case.fix, case)
    yield from list(chosen.values())[::3]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with many broken stacks, and its fix branch."""
    folder = tmp_path_factory.mktemp("many") / "repository"
    folder.mkdir()
    for case in one_of_each_fix():
        shutil.copytree(case.before, folder / case.fix, symlinks=True)
    return with_branch(folder)


@pytest.fixture(scope="module", params=sorted(path.name for path in (FIXTURES / "stacks").iterdir()))
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stack") / "repository"
    shutil.copytree(FIXTURES / "stacks" / request.param / "before", folder, symlinks=True)
    return with_branch(folder)


def with_branch(folder: Path) -> Path:
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "the stacks as they are")
    result = dockfix(folder, "branch", "--engine", str(COMPOSE))
    assert result.returncode in (0, 1), result.stderr
    return folder


def commits(folder: Path) -> list[tuple[str, str]]:
    format = "--format=%H %(trailers:key=Dockfix-Fix,valueonly)"
    listed = git(folder, "log", "--reverse", format, f"main..{BRANCH}").decode()
    return [(line.split()[0], line.split()[1]) for line in listed.splitlines() if line]


def left_of(folder: Path, fix: str) -> list[str]:
    """What of a fix's findings could still be repaired."""
    report = json.loads(dockfix(folder, "--select", fix, "--format", "json").stdout)
    return [each["message"] for each in report["findings"] if each["outcome"] == "fixable"]


def accepted(folder: Path) -> set[tuple[str, ...]]:
    """The stacks that Compose takes, given the variables that every checkout needs."""
    for example in folder.rglob(".env.example"):
        if not (example.parent / ".env").exists():
            text = "".join(f"{line.partition('=')[0]}=x\n" for line in example.read_text().splitlines())
            (example.parent / ".env").write_text(text)
    lists = [
        tuple(files)
        for files in json.loads(dockfix(folder, "--format", "json").stdout)["stacks"]
    ]
    return {files for files in lists if not compose_says(folder, *files)}
