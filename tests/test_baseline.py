"""The findings that a repository accepts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cases import FIXTURES, dockfix, git, repository_of, tree
from tests.shops import STACK, VOLUMES, found, put, written

REPORT = FIXTURES / "stacks" / "report" / "before"

ENTRY = """
{"version": 1, "findings": [{"fix": "a", "path": "compose.yaml", "message": "c", "count": %s}]}
"""


class TestBaseline:
    FILE = ("--baseline", "accepted.json")

    def accepted(self, folder: Path) -> Path:
        result = dockfix(folder, *self.FILE, "--write-baseline")
        assert (result.returncode, result.stderr) == (0, b"")
        return folder / "accepted.json"

    def test_todays_findings_are_accepted_and_new_ones_are_not(self, tmp_path: Path) -> None:
        folder = repository_of(REPORT, tmp_path / "shop")
        path = self.accepted(folder)
        first = path.read_bytes()
        result = dockfix(folder, *self.FILE)
        assert (result.returncode, b"nothing found" in result.stdout) == (0, True)
        before = tree(folder)
        assert dockfix(folder, "--apply", "--unsafe", *self.FILE).returncode == 0
        assert tree(folder) == before
        self.accepted(folder)
        assert path.read_bytes() == first

    def test_lines_may_move_and_a_new_finding_alone_is_repaired(self, tmp_path: Path) -> None:
        folder = written(tmp_path / "shop", compose_yaml=STACK)
        self.accepted(folder)
        text = "# The shop.\n\n" + STACK + "      - thumbs:/srv/thumbs\n"
        put(folder, "compose.yaml", text)
        assert found(folder, *self.FILE) == ["undeclared-volume compose.yaml:9"]
        assert dockfix(folder, "--apply", *self.FILE).returncode == 0
        after = (folder / "compose.yaml").read_text()
        assert "\n  thumbs:" in after
        assert "\n  cache:" not in after

    def test_what_is_gone_is_told(self, tmp_path: Path) -> None:
        folder = written(tmp_path / "shop", compose_yaml=STACK)
        self.accepted(folder)
        put(folder, "compose.yaml", STACK + "volumes:\n  uploads:\n")
        result = dockfix(folder, *self.FILE)
        assert result.returncode == 0
        assert b"1 finding of the baseline is gone: write it anew" in result.stdout
        # Whoever looks at a part does not know.
        for part in (["compose.yaml"], ["--changed-since", "HEAD"], ["--select", "secrets"]):
            assert b"baseline" not in dockfix(folder, *self.FILE, *part).stdout

    def test_of_equal_findings_as_many_are_accepted_as_there_were(self, tmp_path: Path) -> None:
        one = "services:\n  shop:\n    image: shop:1\n    volumes: [data:/a]\n"
        two = one + "  till:\n    image: till:1\n    volumes: [data:/a]\n"
        folder = written(tmp_path / "shop", compose_yaml=two)
        self.accepted(folder)
        put(folder, "compose.yaml", one)
        assert found(folder, *self.FILE) == []

    def test_a_renamed_file_is_another(self, tmp_path: Path) -> None:
        folder = written(tmp_path / "shop", compose_yaml=STACK)
        self.accepted(folder)
        git(folder, "mv", "compose.yaml", "docker-compose.yaml")
        assert len(found(folder, *self.FILE, *VOLUMES)) == 2

    def test_it_is_the_same_from_a_folder_below(self, tmp_path: Path) -> None:
        folder = written(tmp_path / "shop", a__compose_yaml=STACK, b__compose_yaml=STACK)
        path = self.accepted(folder)
        assert found(folder / "a", "--baseline", str(path)) == []
        assert found(folder / "a", "--baseline", "../accepted.json", "--root", "..") == []

    def test_a_long_message_is_accepted(self, tmp_path: Path) -> None:
        ports = f'    ports: ["{" " * 400}x:80"]\n'
        folder = written(tmp_path / "shop", compose_yaml="services:\n  web:\n    image: web:1\n" + ports)
        self.accepted(folder)
        assert found(folder, *self.FILE) == []

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            (None, "accepted.json does not exist; --write-baseline makes it"),
            ('{\n<<<<<<< HEAD\n"version": 1}', "accepted.json:2:1: no JSON"),
            ("[]", "is no baseline of dockfix"),
            ('{"version": 1, "findings": [{"fix": "a"}]}', "is no baseline of dockfix"),
            ('{"version": 9, "findings": []}', "is of another version than 1; write it anew"),
            ("[" * 100_000, "is no baseline of dockfix"),
            (ENTRY % "1e999", "is no baseline of dockfix"),
            (ENTRY % '"3"', "is no baseline of dockfix"),
            (ENTRY.replace('"compose.yaml"', "[]") % 1, "is no baseline of dockfix"),
            (" " * 10_000_001, "is larger than 10,000,000 bytes; write it anew"),
        ],
    )
    def test_a_broken_one_is_told_in_a_line(self, text: str | None, says: str, tmp_path: Path) -> None:
        folder = written(tmp_path / "shop", compose_yaml=STACK)
        if text is not None:
            put(folder, "accepted.json", text)
        result = dockfix(folder, *self.FILE)
        assert result.returncode == 2
        assert says in result.stderr.decode()
        assert len(result.stderr.splitlines()) == 1

    @pytest.mark.parametrize("mode", [[], ["--write-baseline"]])
    def test_what_is_no_file_is_none(self, mode: list[str], tmp_path: Path) -> None:
        folder = written(tmp_path / "shop", compose_yaml=STACK)
        os.mkfifo(folder / "pipe")
        for name in ("pipe", "/dev/zero"):
            result = dockfix(folder, "--baseline", name, *mode)
            says = f"dockfix: {name} is no file, as a baseline is\n"
            assert (result.returncode, result.stderr.decode()) == (2, says)

    @pytest.mark.parametrize("mode", [[], ["--write-baseline"]])
    @pytest.mark.parametrize("name", ["accepted.json", "up/accepted.json", "up/../accepted.json"])
    def test_a_link_of_the_repository_leads_nowhere_else(
        self, name: str, mode: list[str], tmp_path: Path
    ) -> None:
        folder = written(tmp_path / "shop", compose_yaml=STACK)
        outside = tmp_path / "other" / "below"
        outside.mkdir(parents=True)
        for each in (outside, outside.parent):
            (each / "accepted.json").write_text("mine")
        (folder / "up").symlink_to(outside)
        (folder / "accepted.json").symlink_to(outside / "accepted.json")
        result = dockfix(folder, "--baseline", name, *mode)
        assert (result.returncode, b"is a link out of " in result.stderr) == (2, True)
        assert set(tree(outside.parent).values()) == {b"mine"}

    def test_a_file_that_is_named_elsewhere_is_written_and_a_link_inside_stays(
        self, tmp_path: Path
    ) -> None:
        folder = written(tmp_path / "shop", compose_yaml=STACK)
        (folder / "kept").mkdir()
        (folder / "accepted.json").symlink_to("kept/accepted.json")
        (tmp_path / "link").symlink_to("elsewhere.json")
        for name in ("accepted.json", "../link"):
            assert dockfix(folder, "--baseline", name, "--write-baseline").returncode == 0
            assert found(folder, "--baseline", name) == []
        assert (folder / "accepted.json").is_symlink() and (tmp_path / "link").is_symlink()
        assert set(tree(folder / "kept")) == {"accepted.json"}

    @pytest.mark.parametrize(
        "arguments",
        [
            ["--write-baseline"],
            ["--write-baseline", "--baseline", "missing/accepted.json"],
            ["--write-baseline", *FILE, "--apply"],
            ["--write-baseline", *FILE, "--changed-since", "HEAD"],
        ],
    )
    def test_writing_it_needs_a_file_and_the_whole(self, arguments: list[str], tmp_path: Path) -> None:
        folder = written(tmp_path / "shop", compose_yaml=STACK)
        assert dockfix(folder, *arguments).returncode == 2
        assert not (folder / "accepted.json").exists()

    def test_what_cannot_be_read_is_told_while_it_is_written(self, tmp_path: Path) -> None:
        folder = written(tmp_path / "shop", compose_yaml=STACK, b__compose_yaml="services: [")
        result = dockfix(folder, *self.FILE, "--write-baseline")
        assert result.returncode == 2
        assert b"b/compose.yaml:" in result.stderr
