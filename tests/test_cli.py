"""The command line: what is printed where, exit statuses, and errors that say what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cases import FIXTURES, dockfix, repository_of, tree

REPORT = FIXTURES / "stacks" / "report" / "before"
BROKEN = "services:\n  db:\n    image: redis:7\n    volumes: [data:/data]\n"
GOOD = "services:\n  web:\n    image: nginx:1.27\n"


def project(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def test_a_check_groups_findings_by_file_and_counts_them(tmp_path: Path) -> None:
    folder = project(tmp_path / "shop", compose=BROKEN)
    result = dockfix(folder)
    text = result.stdout.decode()
    assert result.returncode == 1
    assert "compose.yaml:4:15: error undeclared-volume (fix with --apply)" in text
    assert text.endswith("1 finding in 1 Compose file: 1 can be fixed with --apply.\n")


def test_nothing_to_do(tmp_path: Path) -> None:
    result = dockfix(project(tmp_path / "shop", compose=GOOD))
    assert (result.returncode, result.stdout) == (0, b"1 Compose file checked, nothing found.\n")


def test_dry_run_prints_the_patch_alone_on_standard_output(tmp_path: Path) -> None:
    folder = project(tmp_path / "shop", compose=BROKEN)
    result = dockfix(folder, "--dry-run")
    assert result.returncode == 1
    assert result.stdout.startswith(b"diff --git a/compose.yaml b/compose.yaml\n")
    assert b"1 finding" in result.stderr
    assert b"\033" not in result.stdout + result.stderr


def test_apply_says_how_to_take_it_back_and_leaves_nothing(tmp_path: Path) -> None:
    folder = project(tmp_path / "shop", compose=BROKEN)
    result = dockfix(folder, "--apply")
    last = result.stdout.decode().splitlines()[-1]
    assert result.returncode == 0
    assert dockfix(folder, *last.partition("dockfix ")[2].split()).returncode == 0
    assert (folder / "compose.yaml").read_text() == BROKEN


def test_json(tmp_path: Path) -> None:
    folder = project(tmp_path / "shop", compose=BROKEN)
    data = json.loads(dockfix(folder, "--format", "json").stdout)
    assert data["version"] == 1
    (finding,) = data["findings"]
    assert (finding["fix"], finding["line"], finding["outcome"]) == ("undeclared-volume", 4, "fixable")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["missing.yaml"], "missing.yaml does not exist"),
        (["--dry-run", "--apply"], "give one of them"),
        (["--select", "undeclared-volumes"], "did you mean undeclared-volume?"),
        (["--format", "xml"], "give text or json"),
        (["--strategy", "secrets"], "give FIX=STRATEGY"),
        (["--nonsense"], "No such option"),
        (["--root", "nowhere"], "is not a folder"),
        (["../outside.yaml"], "--root"),
        (["explain", "undeclared-volumes"], "did you mean undeclared-volume?"),
        (["undo"], "nothing to take back"),
    ],
)
def test_wrong_usage_is_told_in_a_line(arguments: list[str], says: str, tmp_path: Path) -> None:
    folder = project(tmp_path / "shop", compose=GOOD)
    (tmp_path / "outside.yaml").write_text(GOOD)
    if "../outside.yaml" in arguments:
        arguments = [*arguments, "--root", "."]
    result = dockfix(folder, *arguments)
    assert result.returncode == 2
    assert says in result.stderr.decode()
    assert len(result.stderr.decode().splitlines()) == 1


@pytest.mark.parametrize(
    "content", [b"services: [", b"\xff\xfe\x00", b"services:\n\tweb: 1", b"services: *nobody\n  x"]
)
def test_what_cannot_be_read_is_told_with_its_place(content: bytes, tmp_path: Path) -> None:
    folder = project(tmp_path / "shop")
    (folder / "compose.yaml").write_bytes(content)
    result = dockfix(folder)
    assert result.returncode == 2
    assert b"compose.yaml:" in result.stdout
    assert b"Traceback" not in result.stdout + result.stderr


def test_select_and_ignore_take_names_and_families(tmp_path: Path) -> None:
    repository = repository_of(REPORT, tmp_path / "shop")
    selected = json.loads(dockfix(repository, "--format", "json", "--select", "secrets").stdout)
    assert {finding["family"] for finding in selected["findings"]} == {"secrets"}
    ignored = json.loads(
        dockfix(repository, "--format", "json", "--ignore", "secrets,undeclared-volume").stdout
    )
    assert not {"hardcoded-password", "undeclared-volume"} & {
        finding["fix"] for finding in ignored["findings"]
    }


def test_safe_fixes_leave_the_unsafe_ones(tmp_path: Path) -> None:
    repository = repository_of(REPORT, tmp_path / "shop")
    result = dockfix(repository, "--apply")
    assert result.returncode == 1
    assert b"with --unsafe" in result.stdout


def test_files_are_named_as_for_compose(tmp_path: Path) -> None:
    folder = project(tmp_path / "shop", one=GOOD, two="services:\n  web:\n    volumes: ['data:/d']\n")
    result = dockfix(folder, "-f", "one.yaml", "-f", "two.yaml")
    assert b"two.yaml:3:15: error undeclared-volume" in result.stdout


def test_a_base_is_not_repaired_with_its_override(tmp_path: Path) -> None:
    repository = repository_of(REPORT, tmp_path / "shop")
    name = "infrastructure/compose/docker-compose.dev.yml"
    data = json.loads(dockfix(repository, "--format", "json", name).stdout)
    assert {finding["path"] for finding in data["findings"]} == {name}


def test_a_folder_without_git_is_named_for_undo(tmp_path: Path) -> None:
    project(tmp_path / "shop", compose=BROKEN)
    result = dockfix(tmp_path, "--apply", "shop")
    last = result.stdout.decode().splitlines()[-1]
    assert dockfix(tmp_path, *last.partition("dockfix ")[2].split()).returncode == 0
    assert (tmp_path / "shop" / "compose.yaml").read_text() == BROKEN


def test_ignored_files_are_not_looked_at(tmp_path: Path) -> None:
    repository = repository_of(REPORT, tmp_path / "shop")
    (repository / ".gitignore").write_text("old/\n")
    (repository / "old").mkdir()
    (repository / "old" / "compose.yaml").write_text(BROKEN)
    data = json.loads(dockfix(repository, "--format", "json").stdout)
    assert not [each for each in data["findings"] if each["path"].startswith("old/")]


def test_no_report_repeats_a_password(tmp_path: Path) -> None:
    repository = repository_of(REPORT, tmp_path / "shop")
    for arguments in ([], ["--format", "json"], ["--apply", "--unsafe"], ["undo", "--list"]):
        result = dockfix(repository, *arguments)
        assert b"leseratte" not in result.stdout + result.stderr
    result = dockfix(repository, "undo")
    result = dockfix(repository, "--dry-run", "--unsafe")
    assert b"leseratte" not in result.stderr


def test_nothing_outside_the_root_is_written(tmp_path: Path) -> None:
    folder = project(
        tmp_path / "shop", compose=BROKEN.replace("[data:/data]", "[../x.conf:/etc/x.conf]")
    )
    (folder / "linked").symlink_to("../elsewhere")
    (tmp_path / "elsewhere").mkdir()
    dockfix(folder, "--apply", "--unsafe")
    assert not list((tmp_path / "elsewhere").iterdir())
    assert not (tmp_path / "x.conf").exists()


def test_explain_and_list(tmp_path: Path) -> None:
    folder = project(tmp_path / "shop", compose=GOOD)
    text = dockfix(folder, "explain", "duplicate-merge-key").stdout.decode()
    headings = ("## What is wrong", "## What dockfix does", "## Fix safety", "## References")
    assert all(heading in text for heading in headings)
    names = dockfix(folder, "list").stdout.decode()
    assert all(
        fix.name in names for fix in FIXTURES.iterdir() if fix.name not in ("stacks", ".gitattributes")
    )


def test_a_second_undo_has_nothing_to_do(tmp_path: Path) -> None:
    repository = repository_of(REPORT, tmp_path / "shop")
    before = tree(repository)
    dockfix(repository, "--apply")
    assert dockfix(repository, "undo").returncode == 0
    assert dockfix(repository, "undo").returncode == 2
    assert tree(repository) == before
