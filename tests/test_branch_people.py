"""The fix branch beside what people commit to it."""

from __future__ import annotations

from pathlib import Path

from tests.cases import git
from tests.fix_branches import BRANCH, LATER, commit, file, fixes, log, made, references, refused


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
