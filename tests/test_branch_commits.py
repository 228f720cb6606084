"""The commits of a fix branch, each checked out alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixer import registry
from fixer.engine import check
from fixer.options import Options
from fixer.stack import Repository
from tests.cases import COMPOSE, FIXTURES, Case, cases, compose_says, dockfix, git

BRANCH = "dockfix/fixes"


def one_of_each_fix() -> Iterator[Case]:
    """A case of every ninth fix, which is applied without being asked about anything."""
    safe = {rule.name for rule in registry.all_rules() if rule.safety.value == "safe"}
    chosen: dict[str, Case] = {}
    for case in cases():
        if case.after.exists() and case.fix in safe and not case.options:
            chosen.setdefault(case.fix, case)
    yield from list(chosen.values())[::9]


MANY = "many"
STACKS = sorted(path.name for path in (FIXTURES / "stacks").iterdir())


@pytest.fixture(scope="module", params=[MANY, *STACKS])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one broken stack, or with many in folders of their own, and its fix branch."""
    folder = tmp_path_factory.mktemp(request.param) / "repository"
    if request.param == MANY:
        for case in one_of_each_fix():
            shutil.copytree(case.before, folder / case.fix, symlinks=True)
    else:
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


def accepted(folder: Path, below: set[str]) -> set[tuple[str, ...]]:
    """The stacks below some folders that Compose takes, given the variables that checkouts need."""
    for example in folder.rglob(".env.example"):
        home = example.parent / ".env"
        text = home.read_text() if home.exists() else ""
        names = [line.partition("=")[0] for line in example.read_text().splitlines()]
        known = {line.partition("=")[0] for line in text.splitlines()}
        missing = [name for name in names if name.isidentifier() and name not in known]
        home.write_text(text + "".join(f"{name}=x\n" for name in missing))
    stacks = check(Repository(folder), [], Options(select=("obsolete-version",))).stacks
    asked = [files for files in stacks if files[0].partition("/")[0] in below]
    return {files for files in asked if not compose_says(folder, *files)}


def test_each_commit_alone_repairs_what_it_names_and_spoils_nothing(folder: Path) -> None:
    for commit, fix in commits(folder):
        git(folder, "checkout", "-q", "--detach", f"{commit}^")
        below = {path.partition("/")[0] for path in changed(folder, "HEAD", commit)}
        before = accepted(folder, below)
        git(folder, "checkout", "-q", "--detach", commit)
        assert left_of(folder, fix) == [], f"{fix} is not done"
        now = accepted(folder, below)
        assert before <= now, f"after {fix} Compose refuses {before - now}"


def test_the_revert_of_a_commit_takes_just_its_fix_back(folder: Path) -> None:
    # What another test wrote for Compose would be in the way of a fix's own values.
    git(folder, "clean", "-fdxq")
    for commit, fix in commits(folder):
        git(folder, "checkout", "-q", "--detach", BRANCH)
        touched = changed(folder, f"{commit}^", commit)
        if touched & changed(folder, commit, BRANCH):
            continue  # What a later fix built on goes back after that one.
        git(folder, "revert", "--no-edit", commit)
        assert changed(folder, BRANCH, "HEAD") == touched
        report = check(Repository(folder), [], Options())
        assert fix in {each.fix for each in report.findings if each.outcome == "fixable"}


def changed(folder: Path, start: str, end: str) -> set[str]:
    return set(git(folder, "diff", "--name-only", start, end).decode().splitlines())
