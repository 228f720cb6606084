"""`dockfix branch` with real git, against a bare repository as the remote."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cases import COMPOSE, compose_says, dockfix, git

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


def test_commits_that_people_added_are_kept(shop: Path, remote: Path, tmp_path: Path) -> None:
    made(shop, "--push")
    other = cloned(remote, tmp_path / "other")
    (other / "NOTES").write_text("Checked on staging.\n")
    commit(other, "notes on the fixes")
    git(other, "push", "-q", "origin", BRANCH)
    (shop / "late.yaml").write_text(LATER)
    commit(shop, "jobs")
    assert "kept" in made(shop, "--push")
    assert log(shop)[-1] == "notes on the fixes"
    assert file(remote, "NOTES") == "Checked on staging.\n"
    assert "jobs" in file(remote, "late.yaml").split("volumes:")[-1]
    author = git(shop, "log", "-1", "--format=%an", BRANCH)
    assert author == git(other, "log", "-1", "--format=%an", BRANCH)


def cloned(remote: Path, folder: Path) -> Path:
    git(remote.parent, "clone", "-q", "-b", BRANCH, str(remote), str(folder))
    return folder


def test_a_commit_that_takes_a_fix_back_holds(shop: Path) -> None:
    made(shop)
    git(shop, "checkout", "-q", BRANCH)
    git(shop, "revert", "--no-edit", "HEAD")
    git(shop, "checkout", "-q", "main")
    (shop / "late.yaml").write_text(LATER)
    commit(shop, "jobs")
    made(shop)
    assert log(shop)[-1].startswith("Revert")
    assert "data" not in file(shop, "compose.yaml").split("volumes:")[-1].split()


def test_a_commit_of_dockfix_that_somebody_amended_is_kept(shop: Path, remote: Path) -> None:
    made(shop)
    git(shop, "checkout", "-q", BRANCH)
    path = shop / "compose.yaml"
    path.write_text(path.read_text() + "# The data of the shop.\n")
    git(shop, "commit", "-qa", "--amend", "--no-edit")
    git(shop, "checkout", "-q", "main")
    before = references(shop)
    assert "is as it was, since dockfix's own commits on it were changed" in made(shop, "--push")
    assert references(shop) == before
    assert "# The data of the shop." in file(remote, "compose.yaml")
    (shop / "late.yaml").write_text(LATER)
    commit(shop, "jobs")
    assert "(Fix undeclared-volume" in refused(shop)


def test_a_conflict_leaves_the_branch_as_it_was(shop: Path, remote: Path) -> None:
    made(shop, "--push")
    git(shop, "checkout", "-q", BRANCH)
    path = shop / "compose.yaml"
    path.write_text(path.read_text().replace("nginx:1.27", "nginx:1.28"))
    commit(shop, "a newer nginx")
    git(shop, "push", "-q", "origin", BRANCH)
    git(shop, "checkout", "-q", "main")
    path.write_text(path.read_text().replace("nginx:1.27", "nginx:1.29"))
    commit(shop, "the newest nginx")
    before = references(remote)
    text = refused(shop, "--push")
    assert "(a newer nginx, by Test) conflicts with the fixes in compose.yaml" in text
    assert "the branch was left as it is" in text
    assert references(remote) == before


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


def test_somebody_elses_branch_is_not_taken(shop: Path) -> None:
    git(shop, "branch", BRANCH)
    git(shop, "checkout", "-q", BRANCH)
    (shop / "README").write_text("text\n")
    commit(shop, "a text")
    git(shop, "checkout", "-q", "main")
    assert "has no commit of dockfix; give another --name" in refused(shop)
    made(shop, "--name", "repairs")
    assert fixes(shop, "repairs")


def test_what_only_the_local_branch_has_is_not_lost(shop: Path) -> None:
    made(shop, "--push")
    git(shop, "checkout", "-q", BRANCH)
    (shop / "NOTES").write_text("local\n")
    commit(shop, "notes")
    git(shop, "checkout", "-q", "main")
    assert "has commits that origin lacks" in refused(shop, "--push")


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


def test_a_path_of_another_time_is_told(shop: Path) -> None:
    (shop / "new.yaml").write_text(LATER)
    assert "new.yaml is not in main" in refused(shop, "new.yaml")
    assert "3 commits" in made(shop, "compose.yaml")


def test_other_fixes_do_not_hide_a_conflict(shop: Path) -> None:
    made(shop, "--select", "obsolete-version")
    git(shop, "checkout", "-q", BRANCH)
    path = shop / "compose.yaml"
    path.write_text(
        path.read_text().replace("networks: [front]", "networks: [front]\nvolumes: {data: {}}")
    )
    commit(shop, "the volume")
    git(shop, "checkout", "-q", "main")
    assert "(the volume, by Test) conflicts with the fixes in compose.yaml" in refused(shop)


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


def test_commits_without_a_change_are_kept_with_their_messages(shop: Path) -> None:
    made(shop)
    git(shop, "checkout", "-q", BRANCH)
    git(shop, "commit", "-q", "--allow-empty", "--cleanup=verbatim", "-m", "again\n\n#12 needs it\n")
    git(shop, "checkout", "-q", "main")
    git(shop, "config", "commit.cleanup", "strip")
    (shop / "late.yaml").write_text(LATER)
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "jobs")
    assert "again, kept, by Test" in made(shop)
    assert b"#12 needs it" in git(shop, "log", "-1", "--format=%B", BRANCH)


def test_a_local_branch_whose_commits_were_replayed_elsewhere_does_not_hinder(
    shop: Path, remote: Path, tmp_path: Path
) -> None:
    made(shop, "--push")
    git(shop, "checkout", "-q", BRANCH)
    (shop / "NOTES").write_text("text\n")
    commit(shop, "notes")
    git(shop, "push", "-q", "origin", BRANCH)
    git(shop, "checkout", "-q", "main")
    (shop / "late.yaml").write_text(LATER)
    commit(shop, "jobs")
    git(shop, "push", "-q", "origin", "main")
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(remote), str(other))
    made(other, "--push")
    assert "notes, kept" in made(shop, "--push")


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


def test_who_commits_where_git_does_not_know(shop: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}
    command = [sys.executable, "-m", "fixer", "branch", "--engine", "never"]
    subprocess.run(command, cwd=shop, env=environment, check=True, capture_output=True)
    assert git(shop, "log", "-1", "--format=%an", BRANCH) == b"dockfix\n"


def test_the_text_is_written_where_it_is_asked_for_and_not_where_a_link_leads(
    shop: Path, tmp_path: Path
) -> None:
    (shop / "text.md").symlink_to(tmp_path / "mine.md")
    commit(shop, "a link")
    assert "text.md is a link out of " in refused(shop, "--pr-body", "text.md")
    assert not (tmp_path / "mine.md").exists()
    made(shop, "--pr-body", str(tmp_path / "mine.md"))
    assert "undeclared-volume" in (tmp_path / "mine.md").read_text()
