"""The fix branch of repositories that are shaped or configured in unusual ways."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cases import dockfix, git
from tests.fix_branches import BRANCH, LATER, STACK, branch, commit, file, made, references, refused


def test_a_shallow_clone(shop: Path, remote: Path, tmp_path: Path) -> None:
    made(shop, "--push")
    (shop / "late.yaml").write_text(LATER)
    commit(shop, "jobs")
    git(shop, "push", "-q", "origin", "main")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{remote}", str(shallow))
    made(shallow, "--push")
    assert "jobs" in file(remote, "late.yaml").split("volumes:")[-1]
    assert "is as it was" in made(shallow, "--push")


def test_a_submodule_stays_out(shop: Path, remote: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    git(library, "init", "-q")
    (library / "app.py").write_text("print('library')\n")
    commit(library, "the library")
    git(shop, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library), "lib")
    (shop / "compose.yaml").write_text(STACK + "  lib:\n    build: ./lib\n")
    commit(shop, "a submodule")
    made(shop)
    assert git(shop, "diff", "--name-only", "main", BRANCH) == b"compose.yaml\n"


def test_a_linked_working_tree(shop: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    git(shop, "worktree", "add", "-q", "-b", "feature", str(linked))
    assert "3 commits for feature" in made(linked)


def test_a_branch_that_is_checked_out_is_not_moved(shop: Path, tmp_path: Path) -> None:
    made(shop)
    git(shop, "worktree", "add", "-q", str(tmp_path / "linked"), BRANCH)
    (shop / "late.yaml").write_text(LATER)
    commit(shop, "jobs")
    assert "is checked out in a working tree" in refused(shop)
    git(shop, "worktree", "remove", str(tmp_path / "linked"))
    git(shop, "checkout", "-q", BRANCH)
    assert "name the branch that it is for with --base" in refused(shop)


def test_a_sparse_checkout_is_seen_whole(shop: Path) -> None:
    (shop / "jobs").mkdir()
    (shop / "jobs" / "compose.yaml").write_text(LATER)
    (shop / "docs").mkdir()
    (shop / "docs" / "text").write_text("text\n")
    commit(shop, "jobs")
    git(shop, "sparse-checkout", "set", "docs")
    assert not (shop / "jobs").exists()
    made(shop)
    assert "jobs" in file(shop, "jobs/compose.yaml").split("volumes:")[-1]
    assert not (shop / "jobs").exists()


def test_line_endings_are_what_git_keeps(shop: Path) -> None:
    git(shop, "config", "core.autocrlf", "true")
    git(shop, "config", "core.safecrlf", "true")
    made(shop)
    assert "\r" not in file(shop, "compose.yaml")
    assert git(shop, "diff", "--stat", "main", BRANCH).decode().count("|") == 1


def test_commits_are_signed_where_that_is_configured(shop: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    for name, value in (
        ("gpg.format", "ssh"),
        ("user.signingkey", f"{key}.pub"),
        ("commit.gpgsign", "true"),
    ):
        git(shop, "config", name, value)
    made(shop)
    assert b"-----BEGIN SSH SIGNATURE-----" in git(shop, "cat-file", "commit", BRANCH)
    key.unlink()
    (shop / "late.yaml").write_text(LATER)
    git(shop, "-c", "commit.gpgsign=false", "add", "-A")
    git(shop, "-c", "commit.gpgsign=false", "commit", "-qm", "jobs")
    assert "git does not commit: " in refused(shop)


def test_hooks_that_refuse_are_not_asked(shop: Path) -> None:
    for name in ("pre-commit", "commit-msg", "prepare-commit-msg", "pre-push", "post-checkout"):
        hook = shop / ".git" / "hooks" / name
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
    made(shop, "--push")


def test_a_hostile_configuration_is_not_executed(shop: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\nexec cat\n")
    trap.chmod(0o755)
    attributes = "*.md filter=evil diff=evil merge=evil\n*.txt filter= diff=a=b\n"
    (shop / ".gitattributes").write_text(attributes)
    (shop / "README.md").write_text("text\n")
    (shop / "a.txt").write_text("text\n")
    commit(shop, "attributes")
    made(shop)
    git(shop, "checkout", "-q", BRANCH)
    (shop / "README.md").write_text("another text\n")
    commit(shop, "a text")
    git(shop, "checkout", "-q", "--detach", "main")
    (shop / "late.yaml").write_text(LATER)
    commit(shop, "jobs")
    names = [f"filter.{name}.{way}" for name in ("evil", "", "a=b") for way in FILTERS]
    names += [f"diff.{name}.{way}" for name in ("evil", "a=b") for way in ("textconv", "command")]
    names += ["diff.external", "merge.evil.driver", "gpg.program", "core.editor", "core.pager"]
    names += ["core.fsmonitor", "core.sshCommand", "core.askpass", "remote.origin.uploadpack"]
    for name in names:
        git(shop, "config", name, str(trap))
    git(shop, "config", "log.showSignature", "true")
    git(shop, "config", "commit.gpgsign", "false")
    git(shop, "remote", "set-url", "origin", "ssh://localhost/shop.git")
    git(shop, "config", "core.hooksPath", str(tmp_path / "hooks"))
    (tmp_path / "hooks").mkdir()
    for hook in ("post-checkout", "pre-commit", "post-commit", "reference-transaction"):
        (tmp_path / "hooks" / hook).symlink_to(trap)
    (tmp_path / "sprung").unlink(missing_ok=True)
    assert "is as it was" in made_without_a_look(shop, "--base", "main")
    assert "a text, kept" in made_without_a_look(shop)
    assert dockfix(shop, "--changed-since", "main").returncode == 1
    assert not (tmp_path / "sprung").exists()


FILTERS = ("clean", "smudge", "process")


def made_without_a_look(folder: Path, *arguments: str) -> str:
    """As `made`, where git itself must not look at the folder."""
    result = branch(folder, *arguments)
    assert (result.returncode, result.stderr) == (0, b"")
    return result.stdout.decode()


def test_what_a_filter_encrypts_is_not_committed_as_it_is(shop: Path) -> None:
    (shop / ".gitattributes").write_text("*.yaml filter=crypt\n")
    commit(shop, "attributes")
    assert "compose.yaml goes through git's filter crypt" in refused(shop)


def test_outside_of_a_checkout(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(STACK)
    result = branch(tmp_path)
    assert result.returncode == 2
    assert b"is not the top of a git checkout" in result.stderr


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    result = branch(tmp_path)
    assert result.returncode == 2
    assert b"has no commit yet" in result.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("core.quotePath", "false"),
        ("diff.suppressBlankEmpty", "true"),
        ("diff.orderFile", "order"),
        ("diff.noprefix", "true"),
        ("diff.context", "9"),
        ("grep.patternType", "fixed"),
    ],
)
def test_the_branch_is_known_again_whatever_is_configured(shop: Path, name: str, value: str) -> None:
    (shop / "über").mkdir()
    (shop / "über" / "compose.yaml").write_text(f"{LATER}\n\n")
    commit(shop, "jobs")
    made(shop)
    git(shop, "config", name, value)
    (shop / "order").write_text("*.yaml\n")
    assert "is as it was: 3 commits" in made(shop)


def test_a_branch_that_is_in_the_way_is_told_before_anything_is_pushed(shop: Path, remote: Path) -> None:
    git(shop, "branch", "dockfix")
    assert "there is a branch dockfix, beside which git takes no dockfix/fixes" in refused(
        shop, "--push"
    )
    assert BRANCH not in references(remote).decode()


def test_a_tag_with_the_name_of_the_base_is_not_taken(shop: Path) -> None:
    git(shop, "tag", "main")
    (shop / "late.yaml").write_text(LATER)
    commit(shop, "jobs")
    made(shop, "--base", "main")
    assert git(shop, "rev-parse", f"{BRANCH}~3") == git(shop, "rev-parse", "refs/heads/main")
    assert "for main." in made(shop, "--base", "refs/heads/main")


def test_a_shallow_clone_stays_as_deep_as_it_is(shop: Path, remote: Path, tmp_path: Path) -> None:
    for number in range(4):
        git(shop, "commit", "-q", "--allow-empty", "-m", f"text {number}")
    git(shop, "push", "-q", "origin", "main")
    made(shop, "--push")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth=3", f"file://{remote}", str(shallow))
    made(shallow, "--push")
    assert git(shallow, "rev-list", "--count", "HEAD") == b"3\n"


def test_replaced_objects_are_not_pushed(shop: Path) -> None:
    (shop / "extra").write_text("text\n")
    commit(shop, "extra")
    git(shop, "replace", "HEAD~1", "HEAD")
    git(shop, "reset", "-q", "--hard", "HEAD~1")
    made(shop)
    listed = git(shop, "--no-replace-objects", "diff", "--name-only", "main", BRANCH)
    assert listed == b"compose.yaml\n"


def test_nothing_but_the_branch_is_pushed(shop: Path, remote: Path) -> None:
    git(shop, "tag", "-a", "private", "-m", "a tag")
    git(shop, "config", "push.followTags", "true")
    git(shop, "config", "push.recurseSubmodules", "on-demand")
    made(shop, "--push")
    assert git(remote, "tag") == b""


def test_a_reference_that_only_ends_alike_is_another_one(shop: Path, remote: Path) -> None:
    git(shop, "push", "-q", "origin", f"main:refs/backup/refs/heads/{BRANCH}")
    made(shop, "--push")
    assert BRANCH in references(remote).decode()


def test_line_endings_that_are_not_what_the_attributes_say_stay(shop: Path) -> None:
    (shop / "compose.yaml").write_bytes(STACK.replace("\n", "\r\n").encode())
    commit(shop, "from elsewhere")
    (shop / ".gitattributes").write_text("*.yaml text\n")
    git(shop, "add", ".gitattributes")
    git(shop, "commit", "-qm", "attributes")
    assert "is made" in made_without_a_look(shop)
    changed = git(shop, "diff", "--numstat", "main", BRANCH).decode().split()
    assert int(changed[1]) < 3


def test_who_commits_where_git_does_not_know(shop: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}
    command = [sys.executable, "-m", "fixer", "branch", "--engine", "never"]
    subprocess.run(command, cwd=shop, env=environment, check=True, capture_output=True)
    assert git(shop, "log", "-1", "--format=%an", BRANCH) == b"dockfix\n"
