"""Every fixture folder of a scaffold, through the command line: before becomes after, and what holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cases import (
    Case,
    compose_lists,
    compose_says,
    differences,
    dockfix,
    git,
    modes,
    repository_of,
    scaffolds,
    tree,
)


def names(case: Case) -> str:
    return case.name


WITH_AFTER = pytest.mark.parametrize(
    "case", [each for each in scaffolds() if each.after.exists()], ids=names
)
SILENT = pytest.mark.parametrize(
    "case", [each for each in scaffolds() if not each.after.exists()], ids=names
)


@SILENT
def test_nothing_is_written_where_nothing_can_be(case: Case, tmp_path: Path) -> None:
    repository = repository_of(case.before, tmp_path / "repository")
    result = dockfix(repository, *case.command)
    assert result.returncode == case.options.get("exit", 0), result.stderr.decode()
    assert tree(repository) == tree(case.before)


@WITH_AFTER
def test_before_becomes_after_and_goes_back(case: Case, tmp_path: Path) -> None:
    repository = repository_of(case.before, tmp_path / "repository")
    before = tree(repository), modes(repository)

    result = dockfix(repository, *case.command)
    assert result.returncode == 0, result.stderr.decode()
    after = tree(repository), modes(repository)
    assert not differences(tree(case.after), after[0]), result.stdout.decode()
    assert modes(case.after) == after[1]

    result = dockfix(repository, *case.command)
    assert result.returncode == 0, result.stderr.decode()
    assert b"nothing to write" in result.stdout
    assert (tree(repository), modes(repository)) == after

    result = dockfix(repository, "undo")
    assert result.returncode == 0, result.stderr.decode()
    assert (tree(repository), modes(repository)) == before


@WITH_AFTER
def test_the_patch_is_what_the_command_writes(case: Case, tmp_path: Path) -> None:
    repository = repository_of(case.before, tmp_path / "patched")
    result = dockfix(repository, *case.command, "--dry-run")
    assert tree(repository) == tree(case.before)
    git(repository, "apply", "--whitespace=nowarn", "-", stdin=result.stdout)
    assert tree(repository) == tree(case.after)


@WITH_AFTER
def test_compose_accepts_every_stack(case: Case) -> None:
    for files in compose_lists(case, case.after):
        assert not compose_says(case.after, *files)


@WITH_AFTER
def test_dockfix_finds_nothing_in_what_it_wrote(case: Case, tmp_path: Path) -> None:
    repository = repository_of(case.after, tmp_path / "repository")
    new = tree(case.after).keys() - tree(case.before).keys()
    runs = [(), *compose_lists(case, case.after)]
    for files in runs:
        arguments = [word for file in files for word in ("-f", file)]
        result = dockfix(repository, "--format", "json", *arguments)
        report = json.loads(result.stdout)
        found = [each for each in (*report["findings"], *report["problems"]) if each["path"] in new]
        assert not found
