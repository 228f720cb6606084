"""Every fixture folder, through the command line: before becomes after, and what always holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from unidiff import PatchSet  # type: ignore[attr-defined]

from tests.cases import (
    Case,
    cases,
    compose_lists,
    compose_resolves,
    compose_says,
    differences,
    dockfix,
    git,
    modes,
    repository_of,
    stacks,
    tree,
)

ALL = [*cases(), *stacks()]
WITH_AFTER = [case for case in ALL if case.after.exists()]
SILENT = [case for case in ALL if not case.after.exists()]


def names(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", SILENT, ids=names)
def test_silent_where_nothing_is_wrong(case: Case, tmp_path: Path) -> None:
    repository = repository_of(case.before, tmp_path / "repository")
    result = dockfix(repository, *case.command)
    assert (result.returncode, tree(repository)) == (
        case.options.get("exit", 0),
        tree(case.before),
    ), result.stdout.decode()


def as_tree(resolved: object) -> dict[str, bytes]:
    return {"config": json.dumps(resolved, indent=1, sort_keys=True).encode()}


@pytest.mark.parametrize("case", WITH_AFTER, ids=names)
def test_before_becomes_after_and_goes_back(case: Case, tmp_path: Path) -> None:
    """One repository goes all the way, since most of a case's time is the start of programs."""
    repository = repository_of(case.before, tmp_path / "repository")
    before = tree(repository), modes(repository)
    lists = compose_lists(case, repository)
    accepted = {files: each for files in lists if (each := compose_resolves(repository, *files))}

    result = dockfix(repository, *case.command)
    assert result.returncode in (0, 1), result.stderr.decode()
    assert not differences(tree(case.after), tree(repository)), result.stdout.decode()
    for files, resolved in accepted.items():
        now = compose_resolves(repository, *files)
        assert now is not None, "Compose refuses what it accepted"
        told = "a safe fix changed what Compose resolves"
        same = case.may_resolve_otherwise or now == resolved
        assert same, f"{told}:\n{differences(*map(as_tree, (resolved, now)))}"

    dockfix(repository, *case.command)
    assert not differences(tree(case.after), tree(repository)), "a second run changes something"

    result = dockfix(repository, "undo")
    assert result.returncode == 0, result.stderr.decode()
    assert (tree(repository), modes(repository)) == before


@pytest.mark.parametrize("case", WITH_AFTER, ids=names)
def test_the_patch_is_what_apply_does(case: Case, tmp_path: Path) -> None:
    repository = repository_of(case.before, tmp_path / "patched")
    result = dockfix(repository, "--dry-run", *case.arguments)
    assert tree(repository) == tree(case.before)
    after = tree(case.after)
    paths = {file.path for file in PatchSet(result.stdout.decode("latin-1"))}
    changed = {path for path in after if after[path] != tree(case.before).get(path)}
    assert paths >= changed - {path for path in changed if not after[path]}
    git(repository, "apply", "--whitespace=nowarn", "-", stdin=result.stdout)
    assert tree(repository) == after


@pytest.mark.parametrize("case", WITH_AFTER, ids=names)
def test_compose_accepts_after(case: Case) -> None:
    expected_refusal = case.options.get("refused_after", False)
    for files in compose_lists(case, case.after):
        assert bool(compose_says(case.after, *files)) == expected_refusal
