"""Only the stacks that a change touches."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixer.engine import check
from fixer.git import changed_since
from fixer.options import Options
from fixer.stack import Repository
from tests.cases import dockfix, git, tree
from tests.shops import DOCKERFILE, STACK, VOLUMES, commit, found, put, run, written

TREE = {
    "a__compose_yaml": STACK,
    "a__compose_override_yaml": "services:\n  shop:\n    environment: {A: b}\n",
    "b__compose_yaml": (
        "services:\n  shop:\n    build: .\n    env_file: shop.env\n"
        "    volumes: [data:/d, ./conf:/etc/shop]\n"
    ),
    "b__Dockerfile": DOCKERFILE.replace("ENV DB_PASSWORD=correct-horse-9\n", ""),
    "b__shop_env": "A=1\n",
    "b__conf__shop_conf": "a = 1\n",
    "b__src__main_py": "print()\n",
    "b__docs__index_md": "The shop.\n",
    "b___dockerignore": "docs\n",
    "c__compose_yaml": (
        "include: [../common.yaml]\nservices:\n  till:\n    image: till:1\n    volumes: [data:/d]\n"
    ),
    "common_yaml": "services:\n  log:\n    image: log:1\n",
}


class TestChanges:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = written(tmp_path / "shop", **TREE)
        git(folder, "checkout", "-qb", "topic")
        return folder

    def stacks(self, folder: Path, *arguments: str) -> set[str]:
        return {each["path"] for each in run(folder, *VOLUMES, *arguments)["findings"]}

    def changed(self, folder: Path, reference: str = "main") -> str:
        """The folders of the stacks that are looked at. Each is known by its findings."""
        options = Options(select=("undeclared-volume",), changed=changed_since(folder, reference))
        findings = check(Repository(folder), [], options).findings
        return "".join(sorted({each.finding.place.path.partition("/")[0] for each in findings}))

    def test_a_stack_is_looked_at_for_each_file_that_it_reads(self, folder: Path) -> None:
        seen = {}
        for path in (*sorted(tree(folder)), "a/.env", "b/src/new.py", "README.md"):
            put(folder, path, (folder / path).read_text() + "\n" if (folder / path).exists() else "\n")
            seen[path] = self.changed(folder)
            git(folder, "reset", "-q", "--hard")
            git(folder, "clean", "-qfd")
        assert seen == {
            "README.md": "",
            "a/.env": "a",
            "a/compose.override.yaml": "a",
            "a/compose.yaml": "a",
            "b/.dockerignore": "b",
            "b/Dockerfile": "b",
            "b/compose.yaml": "b",
            "b/conf/shop.conf": "b",
            "b/docs/index.md": "",
            "b/shop.env": "b",
            "b/src/main.py": "b",
            "b/src/new.py": "b",
            "c/compose.yaml": "c",
            "common.yaml": "c",
        }

    def test_and_for_each_that_is_gone(self, folder: Path) -> None:
        for path, expected in {
            "common.yaml": "c",
            "a/compose.override.yaml": "a",
            "b/Dockerfile": "b",
        }.items():
            git(folder, "mv", path, "elsewhere.txt")
            assert self.changed(folder) == expected
            git(folder, "commit", "-qm", "gone")
            assert self.changed(folder) == expected
            git(folder, "reset", "-q", "--hard", "HEAD~")

    def test_what_happened_on_the_other_branch_since_does_not_count(self, folder: Path) -> None:
        put(folder, "a/compose.yaml", f"{STACK}# Ours.\n")
        commit(folder)
        git(folder, "checkout", "-q", "main")
        put(folder, "b/shop.env", "A=2\n")
        commit(folder)
        git(folder, "checkout", "-q", "topic")
        assert self.changed(folder) == "a"
        # A shallow clone does not know where they parted: it looks at more.
        url = f"file://{folder}"
        shallow = folder.parent / "shallow"
        git(folder, "clone", "-q", "--depth", "1", "-b", "topic", url, str(shallow))
        assert dockfix(shallow, "--changed-since", "origin/main").returncode == 2
        git(shallow, "fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main")
        assert self.changed(shallow, "origin/main") == "ab"

    def test_the_folder_it_is_run_from_does_not_matter(self, folder: Path) -> None:
        put(folder, "a/compose.yaml", f"{STACK}# Ours.\n")
        assert self.stacks(folder / "b", "--changed-since", "main") == {"a/compose.yaml"}
        assert self.stacks(folder, "--root", "a", "--changed-since", "main") == {"compose.yaml"}
        assert self.stacks(folder, "--root", "b", "--changed-since", "main") == set()

    def test_a_file_that_the_change_breaks_is_told(self, folder: Path) -> None:
        put(folder, "a/compose.yaml", "services: [")
        result = dockfix(folder, "--changed-since", "main")
        assert (result.returncode, b"a/compose.yaml:" in result.stdout) == (2, True)

    def test_a_submodule_counts_as_a_whole(self, folder: Path, tmp_path: Path) -> None:
        part = written(tmp_path / "part", Dockerfile=DOCKERFILE)
        allowed = ("-c", "protocol.file.allow=always")
        git(folder, *allowed, "submodule", "--quiet", "add", str(part), "d/part")
        put(folder, "d/compose.yaml", "services:\n  part:\n    build: part\n    volumes: [data:/d]\n")
        commit(folder)
        git(folder, "branch", "-f", "main")
        assert self.changed(folder) == ""
        git(folder / "d" / "part", "commit", "-qm", "newer", "--allow-empty")
        assert self.changed(folder) == "d"
        # What lies in it is not ours to repair; where it is not checked out nobody knows what it lacks.
        assert b"lies in a submodule" in dockfix(folder, "--dry-run", "--unsafe", "d").stderr
        bare = tmp_path / "bare"
        git(folder, "clone", "-q", str(folder), str(bare))
        assert found(bare, "--select", "scaffold,references", "d") == [
            "undeclared-volume d/compose.yaml:4"
        ]

    def test_a_plan_does_not_lose_what_it_takes_the_change_out_of(self, folder: Path) -> None:
        put(folder, "a/compose.override.yaml", "services: {}\n")
        arguments = (
            "--apply",
            "--changed-since",
            "main",
            "--select",
            "undeclared-volume,no-op-override",
        )
        data = run(folder, *arguments)
        assert {each["outcome"] for each in data["findings"]} == {"fixed"}
        assert "volumes:\n  uploads:" in (folder / "a" / "compose.yaml").read_text()

    @pytest.mark.parametrize("reference", ["nowhere", "--output=made", "-h", "main..topic", ""])
    def test_what_is_no_commit_is_told(self, reference: str, folder: Path) -> None:
        result = dockfix(folder, f"--changed-since={reference}")
        assert result.returncode == 2
        assert b"there is no such commit here" in result.stderr
        assert git(folder, "status", "--porcelain") == b""

    def test_that_no_stack_was_changed_is_told(self, folder: Path) -> None:
        result = dockfix(folder, "--changed-since", "main")
        assert (result.returncode, result.stdout) == (0, b"No stack was changed since main.\n")
        put(folder, "b/compose.yaml", "services: [")
        assert b"b/compose.yaml:" in dockfix(folder, "--changed-since", "main").stdout

    def test_so_is_a_folder_without_git(self, tmp_path: Path) -> None:
        folder = tmp_path / "shop"
        put(folder, "compose.yaml", STACK)
        result = dockfix(folder, "--changed-since", "main")
        assert (result.returncode, b"no git checkout" in result.stderr) == (2, True)
