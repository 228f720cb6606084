"""A shop with a broken stack, its remote, and what a fix branch of it holds."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cases import COMPOSE, dockfix, git

STACK = """\
version: "3"
services:
  db:
    image: redis:7
    volumes: [data:/data]
  web:
    image: nginx:1.27
    networks: [front]
"""

LATER = """\
services:
  jobs:
    image: busybox:1.36
    volumes: [jobs:/jobs]
"""

BRANCH = "dockfix/fixes"


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    folder = tmp_path / "remote.git"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(folder))
    return folder


@pytest.fixture
def shop(tmp_path: Path, remote: Path) -> Path:
    """A clone with a stack that has three defects, pushed."""
    folder = tmp_path / "shop"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "compose.yaml").write_text(STACK)
    commit(folder, "the stack")
    git(folder, "remote", "add", "origin", str(remote))
    git(folder, "push", "-q", "origin", "main")
    return folder


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", message)


def branch(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return dockfix(folder, "branch", *arguments, "--engine", str(COMPOSE))


def made(folder: Path, *arguments: str) -> str:
    """What a run prints that must succeed and leave the user's tree as it is."""
    before = state(folder)
    result = branch(folder, *arguments)
    assert (result.returncode, result.stderr) == (0, b"")
    assert state(folder) == before
    return result.stdout.decode()


def refused(folder: Path, *arguments: str) -> str:
    """What a run says that cannot be done, and which changes nothing."""
    before = state(folder), references(folder)
    result = branch(folder, *arguments)
    assert (result.returncode, result.stdout) == (2, b"")
    assert (state(folder), references(folder)) == before
    return result.stderr.decode()


def state(folder: Path) -> list[bytes]:
    """What must stay as it is: the working tree, index, stash, worktrees and what is checked out."""
    commands = ("status --porcelain -z", "diff", "diff --cached", "stash list", "worktree list")
    head = (folder / ".git" / "HEAD").read_bytes() if (folder / ".git").is_dir() else b""
    return [head, *(git(folder, *each.split()) for each in commands)]


def references(folder: Path) -> bytes:
    return git(folder, "for-each-ref", "refs/heads")


def log(folder: Path, reference: str = BRANCH, start: str = "main") -> list[str]:
    listed = git(folder, "log", "--reverse", "--format=%s", f"{start}..{reference}")
    return listed.decode().splitlines()


def fixes(folder: Path, reference: str = BRANCH, start: str = "main") -> list[str]:
    """The fixes that the commits of dockfix are of, in their order."""
    format = "--format=%(trailers:key=Dockfix-Fix,valueonly)"
    return git(folder, "log", "--reverse", format, f"{start}..{reference}").decode().split()


def file(folder: Path, path: str, reference: str = BRANCH) -> str:
    return git(folder, "show", f"{reference}:{path}").decode()
