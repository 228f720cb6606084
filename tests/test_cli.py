"""The command line: what is printed where, exit statuses, and errors that say what to do."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from fixer import registry
from tests.cases import FIXTURES, cases, dockfix, git, repository_of, tree

REPORT = FIXTURES / "stacks" / "report" / "before"
BROKEN = "services:\n  db:\n    image: redis:7\n    volumes: [data:/data]\n"
SECTIONS = ["What is wrong", "What dockfix does", "Fix safety", "References"]
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


def test_a_message_has_an_end(tmp_path: Path) -> None:
    ports = f'    ports: ["{" " * 150_000}x:80"]\n'
    folder = project(tmp_path / "shop", compose=GOOD + ports)
    data = json.loads(dockfix(folder, "--format", "json").stdout)
    assert [len(each["message"]) for each in data["findings"]] == [301]


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
        (["--format", "xml"], "give one of text, json, sarif"),
        (["--strategy", "secrets"], "give FIX=STRATEGY"),
        (["--strategy", "missing-dockerfile=move"], "knows repoint, copy"),
        (["--strategy", "undeclared-volume=file"], "knows no strategies"),
        (["--nonsense"], "there is no option --nonsense"),
        (["--root", "nowhere"], "is not a folder"),
        (["../outside.yaml"], "--root"),
        (["explain", "undeclared-volumes"], "did you mean undeclared-volume?"),
        (["undo"], "nothing to take back"),
        (["a" * 300], "does not exist"),
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
    "content", [b"services: [", b"\xff\xfe\x00", b"services:\n  - [\n}: 1", b"services: *nobody\n  x"]
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


@pytest.mark.parametrize("rule", registry.all_rules(), ids=lambda rule: rule.name)
def test_every_fix_is_explained(rule: registry.Rule) -> None:
    headings = re.findall("^## .*", rule.documentation, re.MULTILINE)
    assert headings == [f"## {each}" for each in SECTIONS]


def test_explain_and_list(tmp_path: Path) -> None:
    folder = project(tmp_path / "shop", compose=GOOD)
    text = dockfix(folder, "explain", "duplicate-merge-key").stdout.decode()
    assert "## What is wrong" in text
    names = dockfix(folder, "list").stdout.decode()
    assert all(case.fix in names for case in cases())


def test_a_second_undo_has_nothing_to_do(tmp_path: Path) -> None:
    repository = repository_of(REPORT, tmp_path / "shop")
    before = tree(repository)
    dockfix(repository, "--apply")
    assert dockfix(repository, "undo").returncode == 0
    assert dockfix(repository, "undo").returncode == 2
    assert tree(repository) == before


def test_paths_are_shown_as_seen_from_the_current_folder(tmp_path: Path) -> None:
    project(tmp_path / "shop", compose=BROKEN)
    (tmp_path / "other").mkdir()
    assert b"\nshop/compose.yaml:4:15: error" in dockfix(tmp_path, "shop").stdout
    assert b"\n../shop/compose.yaml:4:15: error" in dockfix(tmp_path / "other", "../shop").stdout


def test_a_link_names_the_folder_and_the_file_it_leads_to(tmp_path: Path) -> None:
    folder = project(tmp_path / "shop", compose=BROKEN)
    (tmp_path / "folder").symlink_to(folder)
    (tmp_path / "file.yaml").symlink_to(folder / "compose.yaml")
    for link in ("folder", "file.yaml"):
        result = dockfix(tmp_path, link)
        assert (result.returncode, b"undeclared-volume" in result.stdout) == (1, True)


@pytest.mark.parametrize("arguments", [[], ["--apply"], ["--dry-run"]])
def test_names_from_a_file_do_not_steer_the_terminal(arguments: list[str], tmp_path: Path) -> None:
    folder = project(tmp_path / "shop")
    inner = folder / "\033[31m"
    inner.mkdir()
    (inner / "compose.yaml").write_text(BROKEN.replace("db:", r'"d\e]0;x\ab":'))
    result = dockfix(folder, *arguments)
    assert b"undeclared-volume" in result.stdout + result.stderr
    assert b"\033" not in result.stdout + result.stderr


def test_names_that_the_terminal_cannot_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    folder = project(tmp_path / "shop", compose=BROKEN.replace("data:/", "dätä:/"))
    result = dockfix(folder)
    assert (result.returncode, b"d\\xe4t\\xe4" in result.stdout) == (1, True)


def test_a_patch_with_a_secret_says_how_to_keep_it_from_others(tmp_path: Path) -> None:
    repository = repository_of(REPORT, tmp_path / "shop")
    dry_run = dockfix(repository, "--dry-run")
    assert b"chmod go= " in dry_run.stderr
    assert b"chmod" not in dry_run.stdout


def test_a_patch_from_within_a_folder_says_where_it_applies(tmp_path: Path) -> None:
    repository = repository_of(REPORT, tmp_path / "shop")
    (repository / "docs").mkdir()
    says = f"The patch's paths start at {repository}: run git apply there."
    assert says in dockfix(repository / "docs", "--dry-run", "..").stderr.decode()
    for folder in (repository, repository / "infrastructure"):
        assert says not in dockfix(folder, "--dry-run", str(repository)).stderr.decode()


def test_a_patch_for_a_folder_of_a_checkout_is_applied_as_it_says(tmp_path: Path) -> None:
    repository = repository_of(REPORT, tmp_path / "shop")
    inner = project(repository / "a b", compose=BROKEN)
    result = dockfix(repository, "--dry-run", "--root", "a b", "a b")
    command = result.stderr.decode().partition("apply it with git ")[2].splitlines()[0]
    git(repository, *shlex.split(command), "-", stdin=result.stdout)
    assert "driver: local" in (inner / "compose.yaml").read_text()


def test_apply_names_each_file_with_its_fixes(tmp_path: Path) -> None:
    folder = project(tmp_path / "a b", compose='version: "3"\n' + BROKEN)
    result = dockfix(tmp_path, "--apply", "a b")
    *_, what, undo = result.stdout.decode().splitlines()
    assert what == "changed a b/compose.yaml (obsolete-version, undeclared-volume)"
    assert dockfix(tmp_path, *shlex.split(undo.partition("dockfix ")[2])).returncode == 0
    assert (folder / "compose.yaml").read_text() == 'version: "3"\n' + BROKEN


def test_list_as_json(tmp_path: Path) -> None:
    data = json.loads(dockfix(tmp_path, "list", "--format", "json").stdout)
    (volume,) = [each for each in data["fixes"] if each["name"] == "undeclared-volume"]
    assert (data["version"], volume["family"], volume["safety"]) == (1, "references", "safe")
    assert dockfix(tmp_path, "list", "--format", "xml").returncode == 2


def test_an_interrupt_ends_without_a_word(tmp_path: Path) -> None:
    """The Compose that is asked interrupts dockfix, as Ctrl-C does while it waits."""
    folder = project(tmp_path / "shop", compose=BROKEN)
    judge = tmp_path / "judge"
    judge.write_text("#!/bin/sh\nkill -INT $PPID\n")
    judge.chmod(0o755)
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from fixer.cli import main; main()"
    )
    command = [sys.executable, "-c", code, "--apply", "--engine", str(judge)]
    result = subprocess.run(command, cwd=folder, capture_output=True)
    assert (result.returncode, result.stderr) == (130, b"")
    assert (folder / "compose.yaml").read_text() == BROKEN


def test_a_plain_check_does_not_import_typer(tmp_path: Path) -> None:
    folder = project(tmp_path / "shop", compose=GOOD)
    command = [sys.executable, "-X", "importtime", "-m", "fixer", "."]
    result = subprocess.run(command, cwd=folder, capture_output=True)
    imported = {line.rpartition("|")[2].strip() for line in result.stderr.decode().splitlines()}
    assert "fixer.engine" in imported
    assert not {"typer", "rich", "json", "difflib", "dataclasses"} & imported
