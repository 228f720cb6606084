"""Undo: files that were edited since, one fix alone, runs that were cut off."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path

import pytest

from fixer.journal import Journal, JournalError
from fixer.plan import FileChange, FileState, Plan, Step
from tests.cases import dockfix, git, modes, tree

COMPOSE = """version: "3.8"

services:
  web:
    image: nginx:1.27
    ports: ["80:80"]
    restart: always
    init: true
    stop_grace_period: 5s

  db:
    image: redis:7
    volumes:
      - data:/data
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "compose.yaml").write_text(COMPOSE)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    return folder


def edit(repository: Path, old: str, new: str) -> None:
    path = repository / "compose.yaml"
    path.write_text(path.read_text().replace(old, new))


def test_an_edit_elsewhere_survives_undo(repository: Path) -> None:
    dockfix(repository, "--apply")
    edit(repository, "init: true", "init: false")
    assert dockfix(repository, "undo").returncode == 0
    assert (repository / "compose.yaml").read_text() == COMPOSE.replace("init: true", "init: false")


def test_an_edit_of_the_same_lines_stops_undo(repository: Path) -> None:
    dockfix(repository, "--apply")
    edit(repository, "driver: local", "driver: nfs")
    before = tree(repository)
    result = dockfix(repository, "undo")
    assert result.returncode == 2
    assert b"compose.yaml was edited since" in result.stderr
    assert tree(repository) == before


def test_one_fix_is_taken_back_and_the_rest_later(repository: Path) -> None:
    dockfix(repository, "--apply")
    assert dockfix(repository, "undo", "--only", "undeclared-volume").returncode == 0
    text = (repository / "compose.yaml").read_text()
    assert "version" not in text
    assert "driver: local" not in text
    assert dockfix(repository, "undo").returncode == 0
    assert (repository / "compose.yaml").read_text() == COMPOSE


def test_modes_come_back(repository: Path) -> None:
    (repository / "compose.yaml").chmod(0o640)
    before = modes(repository)
    dockfix(repository, "--apply")
    assert modes(repository) == before
    dockfix(repository, "undo")
    assert modes(repository) == before


def test_the_journal_and_what_it_keeps_is_the_owners(repository: Path) -> None:
    edit(repository, "    volumes:", "    environment:\n      API_TOKEN: wq7-harbor-21\n    volumes:")
    dockfix(repository, "--apply")
    journal = repository / ".git" / "dockfix"
    assert all(path.stat().st_mode & 0o077 == 0 for path in journal.iterdir() if path.is_dir())
    assert (repository / ".env").stat().st_mode & 0o777 == 0o600
    dockfix(repository, "undo")
    assert sorted(tree(repository)) == ["compose.yaml"]


def test_a_created_file_that_was_edited_stays(repository: Path) -> None:
    edit(repository, "    volumes:", "    environment:\n      API_TOKEN: wq7-harbor-21\n    volumes:")
    dockfix(repository, "--apply")
    (repository / ".env").write_text("API_TOKEN=changed\n")
    result = dockfix(repository, "undo")
    assert result.returncode == 2
    assert b".env was edited" in result.stderr


def test_a_run_that_was_cut_off_is_taken_back(repository: Path) -> None:
    """The journal says `started`, and only some of the files are written."""
    edit(repository, "    volumes:", "    environment:\n      API_TOKEN: wq7-harbor-21\n    volumes:")
    text = (repository / "compose.yaml").read_text()
    dockfix(repository, "--apply")
    record = next((repository / ".git" / "dockfix").glob("*/run.json"))
    data = json.loads(record.read_text())
    record.write_text(json.dumps({**data, "state": "started"}))
    (repository / ".env").unlink()
    (repository / "compose.yaml").write_text(text)
    assert dockfix(repository, "undo").returncode == 0
    assert tree(repository) == {"compose.yaml": text.encode()}


def test_a_linked_worktree_has_a_journal_of_its_own(repository: Path, tmp_path: Path) -> None:
    git(repository, "commit", "-qm", "stack")
    git(repository, "worktree", "add", "-q", str(tmp_path / "linked"))
    linked = tmp_path / "linked"
    dockfix(linked, "--apply")
    assert dockfix(repository, "undo").returncode == 2
    assert dockfix(linked, "undo").returncode == 0
    assert (linked / "compose.yaml").read_text() == COMPOSE


def test_without_git_the_journal_stays_out_of_the_tree(tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "compose.yaml").write_text(COMPOSE)
    dockfix(folder, "--apply")
    assert list(tree(folder)) == ["compose.yaml"]
    assert dockfix(folder, "undo").returncode == 0
    assert (folder / "compose.yaml").read_text() == COMPOSE


def test_hostile_git_configuration_is_not_executed(repository: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    git(repository, "config", "core.fsmonitor", str(trap))
    git(repository, "config", "core.hooksPath", str(tmp_path))
    dockfix(repository, "--apply")
    dockfix(repository, "undo")
    assert not (tmp_path / "sprung").exists()


def test_a_folder_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    """The second file's folder is a file, so that the first one has to be taken back."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "b").write_text("a file")
    before = tree(folder)
    with pytest.raises(JournalError, match="cannot be written"):
        Journal(folder).apply(plan(folder, created("a.txt"), created("b/c.txt")))
    assert tree(folder) == before
    assert dockfix(folder, "undo").returncode == 2


def test_a_run_that_failed_leaves_no_folder(tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "z").write_text("a file")
    git(folder, "init", "-q")
    with pytest.raises(JournalError, match="nothing was changed"):
        Journal(folder).apply(plan(folder, created("new/deep/a.txt"), created("z/b.txt")))
    assert not (folder / "new").exists()


def test_an_undo_that_cannot_write_changes_nothing(tmp_path: Path) -> None:
    """Where the removed file lay there is a folder now: the first file keeps what it has."""
    folder = tmp_path / "repository"
    (folder / "z").mkdir(parents=True)
    git(folder, "init", "-q")
    (folder / "z" / "b.txt").write_text("two")
    (folder / "z" / "b.txt").chmod(0o644)
    removed = FileChange("z/b.txt", FileState(b"two", 0o644), None)
    Journal(folder).apply(plan(folder, created("a.txt"), removed))
    (folder / "z" / "b.txt").mkdir()
    with pytest.raises(JournalError, match=r"b\.txt cannot be written: .*nothing was changed"):
        Journal(folder).undo()
    assert tree(folder) == {"a.txt": b"one"}


def test_a_folder_of_a_checkout_is_a_root_of_its_own(repository: Path) -> None:
    """Its run's paths would mean other files at the top."""
    inner = repository / "inner"
    inner.mkdir()
    (inner / "compose.yaml").write_text(COMPOSE)
    assert b" --root " in dockfix(repository, "--apply", "--root", "inner", "inner").stdout
    result = dockfix(repository, "undo")
    assert (result.returncode, b"nothing to take back" in result.stderr) == (2, True)
    assert dockfix(repository, "undo", "--root", "inner").returncode == 0
    assert (inner / "compose.yaml").read_text() == COMPOSE


def test_a_hook_of_another_repository_does_not_move_the_journal(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    dockfix(repository, "--apply")
    assert (repository / ".git" / "dockfix").is_dir()
    assert not (other / ".git" / "dockfix").exists()


def test_a_journal_that_cannot_be_written_is_told(repository: Path) -> None:
    (repository / ".git" / "dockfix").write_text("a file")
    result = dockfix(repository, "--apply")
    assert b"internal error" not in result.stderr
    assert b"dockfix cannot be written" in result.stderr
    assert (repository / "compose.yaml").read_text() == COMPOSE


def test_a_journal_made_by_others_leads_nowhere(repository: Path, tmp_path: Path) -> None:
    """Whoever packs a repository with its .git can write the journal too."""
    (tmp_path / "secret").write_text("wq7-harbor-21")
    (tmp_path / "victim").mkdir()
    dockfix(repository, "--apply")
    record = next((repository / ".git" / "dockfix").glob("*/run.json"))
    data = json.loads(record.read_text())
    record.write_text(json.dumps({**data, "folders": ["../victim"]}))
    before = tree(repository)
    assert dockfix(repository, "undo").returncode == 2
    data["steps"][0]["changes"][0]["before"] = [str(tmp_path / "secret"), 0o644]
    record.write_text(json.dumps(data))
    assert dockfix(repository, "undo").returncode == 2
    assert tree(repository) == before
    assert (tmp_path / "victim").is_dir()


def test_two_at_once(repository: Path) -> None:
    journal = Journal(repository)
    journal.folder.mkdir()
    with open(journal.folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = dockfix(repository, "--apply")
    assert b"another dockfix is at work here" in result.stderr
    assert (repository / "compose.yaml").read_text() == COMPOSE


def test_a_file_that_changed_meanwhile_is_not_replaced(repository: Path) -> None:
    change = FileChange("compose.yaml", FileState(b"as it was", 0o644), FileState(b"new", 0o644))
    with pytest.raises(JournalError, match="changed while dockfix was at work"):
        Journal(repository).apply(plan(repository, change))
    assert (repository / "compose.yaml").read_text() == COMPOSE


def created(path: str) -> FileChange:
    return FileChange(path, None, FileState(b"one", 0o644))


def plan(folder: Path, *changes: FileChange) -> Plan:
    return Plan(str(folder), (Step("some-fix", (), changes),))
