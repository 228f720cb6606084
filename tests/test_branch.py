"""`dockfix branch` with real git, against a bare repository as the remote."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cases import compose_says, dockfix, git
from tests.fix_branches import (
    BRANCH,
    LATER,
    STACK,
    branch,
    commit,
    file,
    fixes,
    log,
    made,
    references,
    refused,
)


def test_the_first_run_makes_a_commit_for_each_fix_and_pushes(shop: Path, remote: Path) -> None:
    text = made(shop, "--push")
    assert fixes(shop) == ["obsolete-version", "undeclared-network", "undeclared-volume"]
    assert git(remote, "rev-parse", BRANCH) == git(shop, "rev-parse", BRANCH)
    assert "3 commits for main" in text
    assert compose_says(shop, "compose.yaml")
    git(shop, "checkout", "-q", BRANCH)
    assert compose_says(shop, "compose.yaml") == ""
    assert dockfix(shop).returncode == 0


def test_a_second_run_changes_nothing(shop: Path, remote: Path) -> None:
    made(shop, "--push")
    before = references(shop), references(remote)
    assert "is as it was" in made(shop, "--push")
    assert (references(shop), references(remote)) == before


def test_new_defects_update_the_branch(shop: Path, remote: Path) -> None:
    made(shop, "--push")
    (shop / "jobs").mkdir()
    (shop / "jobs" / "compose.yaml").write_text(LATER)
    commit(shop, "jobs")
    made(shop, "--push")
    assert "jobs:" in file(remote, "jobs/compose.yaml")
    assert git(shop, "merge-base", "main", BRANCH) == git(shop, "rev-parse", "main")
    assert fixes(shop) == ["obsolete-version", "undeclared-network", "undeclared-volume"]


def test_a_base_that_moved_elsewhere_leaves_the_branch(shop: Path) -> None:
    made(shop)
    before = references(shop)
    (shop / "README").write_text("The shop.\n")
    commit(shop, "a text")
    git(shop, "tag", "here")
    made(shop)
    git(shop, "update-ref", "refs/heads/main", "HEAD~1")
    assert references(shop) == before


def test_nothing_is_left(shop: Path) -> None:
    made(shop)
    git(shop, "merge", "-q", "--ff-only", BRANCH)
    text = made(shop)
    assert "There is nothing to fix on main." in text
    assert f"The branch {BRANCH} is not needed any more." in text


def test_nothing_was_ever_wrong(shop: Path) -> None:
    (shop / "compose.yaml").write_text("services: {web: {image: nginx:1.27}}\n")
    commit(shop, "a good stack")
    assert made(shop) == "There is nothing to fix on main.\n"
    assert BRANCH not in references(shop).decode()


def test_a_remote_that_takes_nothing_is_told(shop: Path, remote: Path) -> None:
    hook = remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho no permission to push >&2\nexit 1\n")
    hook.chmod(0o755)
    text = refused(shop, "--push")
    assert "origin does not take the branch" in text
    assert "no permission to push" in text


def test_a_remote_that_is_not_there_is_told(shop: Path) -> None:
    git(shop, "remote", "set-url", "origin", "https://user:hunter2@localhost:1/shop.git")
    text = refused(shop, "--push")
    assert "origin cannot be read" in text
    assert "hunter2" not in text


def test_a_dirty_tree_stays_as_it_is(shop: Path) -> None:
    (shop / "compose.yaml").write_text(STACK + "# not committed\n")
    (shop / "staged").write_text("staged\n")
    git(shop, "add", "staged")
    (shop / "new.yaml").write_text(LATER)
    made(shop)
    assert "not committed" not in file(shop, "compose.yaml")
    assert fixes(shop) == ["obsolete-version", "undeclared-network", "undeclared-volume"]


def test_a_detached_head(shop: Path, remote: Path) -> None:
    git(shop, "checkout", "-q", "--detach")
    assert "3 commits for main" in made(shop, "--push")


def test_another_base(shop: Path) -> None:
    git(shop, "checkout", "-q", "-b", "feature")
    (shop / "late.yaml").write_text(LATER)
    commit(shop, "jobs")
    assert "for main" in made(shop, "--base", "main")
    assert git(shop, "merge-base", "main", BRANCH) == git(shop, "rev-parse", "main")
    assert "for main" in made(shop, "--base", "origin/main")


def test_one_commit_for_all(shop: Path) -> None:
    made(shop, "--squash")
    assert len(log(shop)) == 1
    assert fixes(shop) == ["obsolete-version", "undeclared-network", "undeclared-volume"]
    assert "is as it was" in made(shop, "--squash")
    made(shop)
    assert len(log(shop)) == 3


def test_secrets_stay_in_each_checkout_and_what_they_need_is_committed(shop: Path) -> None:
    stack = STACK.replace("redis:7", "postgres:17\n    environment: {POSTGRES_PASSWORD: hunter2wq7}")
    stack = stack.replace("[data:/data]", "[./init.sql:/docker-entrypoint-initdb.d/a.sql]")
    (shop / "compose.yaml").write_text(stack)
    (shop / ".gitignore").write_text("*.env\n.env.*\n*.sql\n")
    commit(shop, "a database")
    text = made(shop, "--strategy", "secrets=env")
    assert "Every checkout needs .env, which git ignores." in text
    paths = git(shop, "diff", "--name-only", "main", BRANCH).decode().split()
    assert {".env.example", "compose.yaml", "init.sql"} <= set(paths)
    assert ".env" not in paths
    added = git(shop, "log", "-p", f"main..{BRANCH}").decode().splitlines()
    assert not [line for line in added if "hunter2wq7" in line and not line.startswith("-")]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--base", "nowhere"], "there is no commit nowhere"),
        (["--base", "--output=x"], "there is no commit --output=x"),
        (["--name", "a..b"], "a..b is no name for a branch"),
        (["--pr"], "--pr goes with --push"),
        (["--push", "--remote", "nowhere"], "nowhere cannot be read"),
    ],
)
def test_what_makes_no_sense(shop: Path, arguments: list[str], says: str) -> None:
    assert says in refused(shop, *arguments)


def test_a_path_of_another_time_is_told(shop: Path) -> None:
    (shop / "new.yaml").write_text(LATER)
    assert "new.yaml is not in main" in refused(shop, "new.yaml")
    assert "3 commits" in made(shop, "compose.yaml")


def test_the_text_is_written_and_empty_where_there_is_nothing_to_propose(
    shop: Path, tmp_path: Path
) -> None:
    text = tmp_path / "text.md"
    made(shop, "--pr-body", str(text))
    assert "`undeclared-volume`" in text.read_text()
    git(shop, "merge", "-q", "--ff-only", BRANCH)
    made(shop, "--pr-body", str(text))
    assert text.read_text() == ""
    assert "cannot be written" in refused(shop, "--base", "main~3", "--pr-body", str(tmp_path))


def test_a_request_needs_a_branch_to_merge_into(shop: Path) -> None:
    commit_hash = git(shop, "rev-parse", "main").decode().strip()
    assert "--pr needs a branch to merge into" in refused(shop, "--push", "--pr", "--base", commit_hash)


def test_a_run_that_is_stopped_leaves_nothing(shop: Path, tmp_path: Path) -> None:
    judge = tmp_path / "judge"
    judge.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\nsleep 3\n")
    judge.chmod(0o755)
    command = [sys.executable, "-m", "fixer", "branch", "--engine", str(judge)]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, cwd=shop, env=environment) as process:
        while not (tmp_path / "asked").exists():
            assert process.poll() is None
        process.send_signal(signal.SIGHUP)
        assert process.wait() == 128 + signal.SIGHUP
    assert len(git(shop, "worktree", "list").splitlines()) == 1
    assert not list(tmp_path.glob("dockfix-*"))


def test_a_killed_run_is_cleaned_up_by_the_next_one(shop: Path, tmp_path: Path) -> None:
    lost = tmp_path / "dockfix-lost" / "shop"
    git(shop, "worktree", "add", "-q", "--detach", str(lost))
    shutil.rmtree(lost.parent)
    assert b"dockfix-lost" in git(shop, "worktree", "list")
    assert branch(shop).returncode == 0
    assert b"dockfix-lost" not in git(shop, "worktree", "list")


def test_a_file_that_cannot_be_read_is_no_good_stack(shop: Path) -> None:
    (shop / "compose.yaml").write_bytes(b"services: {\x00\xff\n")
    commit(shop, "torn")
    result = branch(shop)
    assert result.returncode == 2
    assert b"There is nothing that dockfix can read to fix on main." in result.stdout


def test_the_text_is_written_where_it_is_asked_for_and_not_where_a_link_leads(
    shop: Path, tmp_path: Path
) -> None:
    (shop / "text.md").symlink_to(tmp_path / "mine.md")
    commit(shop, "a link")
    assert "text.md is a link out of " in refused(shop, "--pr-body", "text.md")
    assert not (tmp_path / "mine.md").exists()
    made(shop, "--pr-body", str(tmp_path / "mine.md"))
    assert "undeclared-volume" in (tmp_path / "mine.md").read_text()
