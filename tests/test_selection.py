"""What a run leaves out: comments, a baseline, what did not change; and which findings fail it."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fixer.engine import check
from fixer.git import changed_since
from fixer.identity import Identity
from fixer.options import Options
from fixer.report import Report
from fixer.stack import Repository
from tests.cases import FIXTURES, Case, cases, dockfix, git, repository_of, tree

REPORT = FIXTURES / "stacks" / "report" / "before"
STACK = """services:
  shop:
    image: registry.example.org/shop:2.4
    volumes:
      - uploads:/srv/uploads
      - cache:/srv/cache
"""
DOCKERFILE = 'FROM python:3.12-slim\nCOPY . /srv\nENV DB_PASSWORD=correct-horse-9\nCMD ["python"]\n'
LEADS = {".sql": "--", ".js": "//", ".ts": "//", ".go": "//", ".php": "//", ".java": "//", ".cs": "//"}


def written(folder: Path, **files: str) -> Path:
    """A git repository with a commit of these files; `/` is `__`, and `.` is `_`, in their names."""
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for name, text in files.items():
        put(folder, name.replace("__", "/").replace("_", "."), text)
    commit(folder)
    return folder


def put(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(text.encode())


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "as it is")


def run(folder: Path, *arguments: str) -> dict[str, Any]:
    result = dockfix(folder, "--format", "json", *arguments)
    assert result.stdout, result.stderr.decode()
    data: dict[str, Any] = json.loads(result.stdout)
    return data


def found(folder: Path, *arguments: str) -> list[str]:
    """What is found, as `fix path:line`."""
    return [
        f"{each['fix']} {each['path']}:{each['line']}" for each in run(folder, *arguments)["findings"]
    ]


VOLUMES = ("--select", "undeclared-volume")
UNUSED = ("--select", "unused-ignore")
IGNORE = "# dockfix: ignore[undeclared-volume]"


BRACKETS = "services:\n  shop:\n    image: shop:1\n    volumes: [\n      uploads:/srv/uploads,\n"
BRACKETS += "      cache:/srv/cache]\n"

COMMENTED = {
    "beside": (STACK.replace("uploads\n", f"uploads  {IGNORE} why\n"), [6]),
    "above": (STACK.replace("      - u", f"      {IGNORE}\n      - u"), [7]),
    "above-a-comment": (STACK.replace("      - u", f"      {IGNORE}\n\n      # Big.\n      - u"), [9]),
    "family": (STACK.replace("uploads\n", "uploads  #dockfix:ignore[references]\n"), [6]),
    "two": (STACK.replace("uploads\n", f"uploads  {IGNORE.replace('[', '[secrets , ')}\n"), [6]),
    "in-a-comment": (STACK.replace("uploads\n", f"uploads  # big {IGNORE}\n"), [6]),
    "crlf": (STACK.replace("uploads\n", f"uploads  {IGNORE}\n").replace("\n", "\r\n"), [6]),
    "bom": (f"\ufeff{IGNORE}\n{STACK}", [6, 7]),
    "block": (STACK.replace("    volumes:", f"    {IGNORE}\n    volumes:"), [6, 7]),
    "text": (
        STACK.replace("- uploads:/srv/uploads", f"- {{source: uploads, target: '/{IGNORE}'}}"),
        [5, 6],
    ),
    "lines": (f"{STACK}    command: |\n      {IGNORE}\n", [5, 6]),
    "header": (f"{STACK}    command: |  {IGNORE}\n      run\n", [5, 6]),
    "all": (STACK.replace("uploads\n", "uploads  # dockfix: ignore[*]\n"), [5, 6]),
    "brackets": (BRACKETS.replace("[\n", f"[  {IGNORE}\n"), []),
    "in-brackets": (BRACKETS.replace("uploads,\n", f"uploads,  {IGNORE}\n"), [6]),
    "anchor": (
        f"x-own: &own\n  {IGNORE}\n  - a:/a\nservices: {{shop: {{image: shop:1, volumes: *own}}}}\n",
        [],
    ),
}
"""Stacks with a comment each, and the lines in which undeclared volumes are still found."""

DOCKERFILES = {
    "above": (DOCKERFILE.replace("ENV", "# dockfix: ignore[secrets] for tests\nENV"), True),
    "continued": (
        DOCKERFILE.replace("ENV DB", "# dockfix: ignore[secrets]\nENV REGION=eu \\\n    DB"),
        True,
    ),
    "within": (
        DOCKERFILE.replace("ENV DB", "ENV REGION=eu \\\n# dockfix: ignore[secrets]\n    DB"),
        True,
    ),
    "elsewhere": (
        DOCKERFILE.replace("ENV DB", "ENV A=1 \\\n# dockfix: ignore[secrets]\n B=2 \\\n DB"),
        False,
    ),
    "beside": (f"{DOCKERFILE}RUN true # dockfix: ignore[secrets]\n", False),
}
"""Dockerfiles with a comment each, and whether it silences the finding."""


class TestComments:
    def test_a_comment_is_for_its_line_or_the_next_one(self, tmp_path: Path) -> None:
        files = {f"{name}__compose_yaml": text for name, (text, _) in COMMENTED.items()}
        left = [
            f"undeclared-volume {name}/compose.yaml:{line}"
            for name, (_, lines) in COMMENTED.items()
            for line in lines
        ]
        assert found(written(tmp_path / "shops", **files), *VOLUMES) == sorted(left)

    def test_in_a_dockerfile_it_has_a_line_of_its_own(self, tmp_path: Path) -> None:
        files = {f"{name}__Dockerfile": text for name, (text, _) in DOCKERFILES.items()}
        files |= {f"{name}__compose_yaml": "services: {shop: {build: .}}\n" for name in DOCKERFILES}
        findings = run(written(tmp_path / "shops", **files), "--select", "secret-in-dockerfile")[
            "findings"
        ]
        left = {name for name, (_, is_silent) in DOCKERFILES.items() if not is_silent}
        assert {each["path"].partition("/")[0] for each in findings} == left

    def test_what_is_ignored_is_not_repaired(self, tmp_path: Path) -> None:
        text = STACK.replace("uploads\n", f"uploads  {IGNORE} made by hand\n")
        folder = written(tmp_path / "shop", compose_yaml=text)
        assert dockfix(folder, "--apply", "--unsafe").returncode in (0, 1)
        after = (folder / "compose.yaml").read_text()
        assert f"uploads  {IGNORE} made by hand" in after
        assert "\n  cache:" in after
        assert "\n  uploads:" not in after

    @pytest.mark.parametrize(
        ("text", "is_silent"),
        [
            (DOCKERFILE.replace("ENV", "# dockfix: ignore[secrets] for tests\nENV"), True),
            (DOCKERFILE.replace("ENV DB", "# dockfix: ignore[secrets]\nENV REGION=eu \\\n    DB"), True),
            (DOCKERFILE.replace("ENV DB", "ENV REGION=eu \\\n# dockfix: ignore[secrets]\n    DB"), True),
            (
                DOCKERFILE.replace(
                    "ENV DB", "ENV \\\n# dockfix: ignore[secrets]\n    REGION=eu \\\n    DB"
                ),
                False,
            ),
        ],
    )
    def test_a_dockerfile_has_comments_in_lines_of_their_own(
        self, text: str, is_silent: bool, tmp_path: Path
    ) -> None:
        folder = written(tmp_path / "shop", compose_yaml="services:\n  shop:\n    build: .\n")
        put(folder, "Dockerfile", text)
        assert bool(found(folder, "--select", "secret-in-dockerfile")) != is_silent

    def test_what_a_comment_should_be_is_told(self, tmp_path: Path) -> None:
        folder = written(tmp_path / "shop", compose_yaml="services:\n  shop:\n    build: .\n")
        put(folder, "Dockerfile", DOCKERFILE.replace("-9\n", "-9 # dockfix: ignore[secrets]\n"))
        (finding,) = run(folder, *UNUSED)["findings"]
        assert (finding["path"], finding["line"], finding["outcome"]) == ("Dockerfile", 3, "manual")


class TestUnusedComments:
    """That none is called unused of which nobody can know."""

    BASE = STACK.replace("uploads\n", f"uploads  {IGNORE}\n")
    DECLARED = "volumes:\n  uploads:\n  cache:\n"

    def test_other_fixes_need_not_be_asked_for(self, tmp_path: Path) -> None:
        folder = written(tmp_path / "shop", compose_yaml=self.BASE)
        for arguments in (UNUSED, ("--ignore", "references"), ("--select", "secrets,unused-ignore")):
            assert not [each for each in found(folder, *arguments) if "unused" in each]

    def test_a_stack_that_was_not_looked_at_may_need_it(self, tmp_path: Path) -> None:
        folder = written(
            tmp_path / "shop",
            base_yaml=self.BASE,
            a__compose_yaml=f"include: [../base.yaml]\n{self.DECLARED}",
            b__compose_yaml="include: [../base.yaml]\n",
        )
        git(folder, "checkout", "-qb", "topic")
        put(folder, "a/compose.yaml", f"# Ours.\ninclude: [../base.yaml]\n{self.DECLARED}")
        assert found(folder, *UNUSED, "--changed-since", "main") == []
        assert found(folder, *UNUSED, "base.yaml") == []
        assert found(folder, *UNUSED, "a") == []
        assert found(folder, *UNUSED, "-f", "a/compose.yaml") == []
        assert found(folder, *UNUSED) == []
        put(folder, "b/compose.yaml", f"include: [../base.yaml]\n{self.DECLARED}")
        assert found(folder, *UNUSED) == ["unused-ignore base.yaml:5"]

    def test_a_stack_that_cannot_be_read_may_need_it(self, tmp_path: Path) -> None:
        folder = written(tmp_path / "shop", compose_yaml=self.BASE + self.DECLARED)
        assert found(folder, *UNUSED) == ["unused-ignore compose.yaml:5"]
        put(folder, "b/compose.yaml", "services: [")
        assert found(folder, *UNUSED) == []

    def test_what_the_baseline_accepts_too_is_there(self, tmp_path: Path) -> None:
        folder = written(tmp_path / "shop", compose_yaml=STACK)
        dockfix(folder, "--baseline", "accepted.json", "--write-baseline")
        put(folder, "compose.yaml", self.BASE)
        assert found(folder, "--baseline", "accepted.json") == []

    def test_a_removal_leaves_what_is_of_use(self, tmp_path: Path) -> None:
        names = "# dockfix: ignore[secrets, undeclared-volume, obsolete-version] why"
        folder = written(
            tmp_path / "shop", compose_yaml=STACK.replace("uploads\n", f"uploads  {names}\n")
        )
        assert dockfix(folder, "--apply", *UNUSED).returncode == 0
        assert f"uploads  {IGNORE} why\n" in (folder / "compose.yaml").read_text()

    def test_its_fix_finds_something_in_the_block_below(self, tmp_path: Path) -> None:
        above = STACK.replace("    volumes:", f"    {IGNORE}\n    volumes:")
        folder = written(
            tmp_path / "shop",
            compose_yaml=above,
            a__compose_yaml=STACK.replace("  shop:", f"  {IGNORE.replace('[', '[secrets, ')}\n  shop:"),
            b__compose_yaml=STACK.replace("volumes:", f"volumes: {IGNORE.replace('d-volume', 's')}"),
        )
        data = run(folder, "--apply")
        assert (folder / "compose.yaml").read_text() == above
        found = {
            (each["fix"], each["path"], each["line"]): (each["outcome"], each["steps"])
            for each in data["findings"]
        }
        assert found["unused-ignore", "compose.yaml", 4] == (
            "manual",
            "Write it above line 6, or take it out.",
        )
        told = "The comment in line 4 is not about this line: write it above, or take it out."
        assert found["undeclared-volume", "compose.yaml", 6] == ("manual", told)
        # Of two names the one that nothing is found for goes; one that is no fix's keeps from nothing.
        assert f"  {IGNORE}\n  shop:" in (folder / "a" / "compose.yaml").read_text()
        assert "volumes:\n  uploads:" in (folder / "b" / "compose.yaml").read_text()

    @pytest.mark.parametrize(
        ("comment", "steps"),
        [
            (
                IGNORE.replace("undeclared", "UNDECLARED"),
                "Write undeclared-volume, if that is what is meant.",
            ),
            ("# dockfix-ignore: undeclared-volume", f"Write {IGNORE} and the reason, or take it out."),
            ("# dockfix_ignore undeclared-volume", f"Write {IGNORE} and the reason, or take it out."),
            ("# dockfix-ignored files", None),
        ],
    )
    def test_what_is_meant_is_told(self, comment: str, steps: str | None, tmp_path: Path) -> None:
        folder = written(tmp_path / "shop", compose_yaml=f"{comment}\n{STACK}{self.DECLARED}")
        told = [each["steps"] for each in run(folder, *UNUSED)["findings"]]
        assert told == ([steps] if steps else [])


class TestBrokenFiles:
    """That a file of which a repair is not wanted is told to be unread."""

    COLON = "services:\n  shop\n    image: shop:1\n"
    BOTH = COLON.replace("shop\n", "shop  # dockfix: ignore[missing-colon]\n", 1) + "}\n"

    def test_below_ignored_paths(self, tmp_path: Path) -> None:
        folder = written(tmp_path / "shop", compose_yaml=self.COLON)
        put(folder, "dockfix.toml", '[per-path-ignores]\n"*" = ["syntax"]\n')
        for mode in ([], ["--dry-run"], ["--apply"]):
            result = dockfix(folder, *mode)
            assert result.returncode == 2
            assert b"compose.yaml:3:10: not readable as YAML" in result.stdout + result.stderr
        put(folder, "dockfix.toml", "")
        assert dockfix(folder).returncode == 1

    def test_in_a_baseline(self, tmp_path: Path) -> None:
        folder = written(tmp_path / "shop", compose_yaml=self.COLON)
        baseline = ("--baseline", "accepted.json")
        dockfix(folder, *baseline, "--write-baseline")
        result = dockfix(folder, *baseline)
        assert (result.returncode, b"not readable as YAML" in result.stdout) == (2, True)

    def test_by_a_comment(self, tmp_path: Path) -> None:
        folder = written(tmp_path / "shop", compose_yaml=self.BOTH)
        result = dockfix(folder)
        assert (result.returncode, b"not readable as YAML" in result.stdout) == (2, True)
        assert found(folder) == []
        put(folder, "compose.yaml", self.BOTH.replace("  # dockfix: ignore[missing-colon]", ""))
        assert found(folder, "--select", "syntax") == [
            "missing-colon compose.yaml:2",
            "stray-character compose.yaml:4",
        ]

    def test_where_a_later_repair_is_not_asked_for(self, tmp_path: Path) -> None:
        text = self.BOTH.replace("  # dockfix: ignore[missing-colon]", "")
        folder = written(tmp_path / "shop", compose_yaml=text)
        result = dockfix(folder, "--ignore", "stray-character")
        assert (result.returncode, b"not readable as YAML" in result.stdout) == (2, True)
        assert b"missing-colon (fix with --apply)" in result.stdout


def reported(folder: Path, case: Case) -> Report:
    options = Options(ignore=("ignores",), strategies=case.options.get("strategies", {}))
    return check(
        Repository(folder), case.options.get("paths", []), options, case.options.get("files", ())
    )


def identities(report: Report) -> Counter[Identity]:
    return Counter(each.identity for each in report.findings)


@pytest.mark.parametrize("case", cases()[::29], ids=lambda case: case.name)
def test_a_comment_above_silences_what_stands_in_a_line_and_nothing_else(
    case: Case, tmp_path: Path
) -> None:
    folder = repository_of(case.before, tmp_path / "repository")
    before = reported(folder, case)
    for place in sorted({each.finding.place for each in before.findings})[-1:]:
        path, line = folder / place.path, place.position.line
        here = [each for each in before.findings if each.finding.place[0] == place.path]
        here = [each for each in here if each.finding.place.position.line == line]
        content = path.read_bytes()
        lines = content.decode().splitlines(keepends=True)
        if path.suffix == ".json" or not lines:
            continue
        indentation = lines[line - 1][: len(lines[line - 1]) - len(lines[line - 1].lstrip())]
        names = ", ".join(each.fix for each in here)
        comment = f"{LEADS.get(path.suffix, '#')} dockfix: ignore[{names}] as a test"
        lines.insert(line - 1, f"{indentation.rstrip()}{indentation}{comment}\n")
        path.write_bytes("".join(lines).encode())
        silenced = Counter(each.identity for each in here)
        assert identities(reported(folder, case)) == identities(before) - silenced
        path.write_bytes(content)


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


class TestFailOn:
    @pytest.mark.parametrize(
        ("severity", "expected"), [("error", [0, 0, 0]), ("warning", [1, 1, 0]), ("note", [1, 1, 1])]
    )
    def test_lesser_findings_are_told_and_do_not_fail(
        self, severity: str, expected: list[int], tmp_path: Path
    ) -> None:
        text = "services:\n  web:\n    image: web:1\n    # dockfix: ignore[nonsense]\n"
        text += "    environment: [A=1, A=2]\n"
        folder = written(tmp_path / "shop", compose_yaml=text)
        names = "--select=duplicate-variable,unused-ignore"
        results = [
            dockfix(folder, names, f"--fail-on={severity}", *mode)
            for mode in ([], ["--dry-run"], ["--apply"])
        ]
        assert [each.returncode for each in results] == expected
        assert b"unused-ignore" in results[0].stdout

    def test_a_stack_that_cannot_be_read_always_fails(self, tmp_path: Path) -> None:
        folder = written(tmp_path / "shop", compose_yaml="services: [")
        assert dockfix(folder, "--fail-on", "error").returncode == 2

    def test_a_wrong_severity_is_told(self, tmp_path: Path) -> None:
        result = dockfix(written(tmp_path / "shop", compose_yaml=STACK), "--fail-on", "fatal")
        assert (result.returncode, b"give error, warning or note" in result.stderr) == (2, True)


class TestNamedFiles:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = written(
            tmp_path / "shop",
            compose_yaml=(
                "services:\n  shop:\n    build: api\n    volumes: [data:/d]\n"
                "  prometheus:\n    image: prom/prometheus:v2.50.0\n"
                "    volumes: [./prometheus.yml:/etc/prometheus/prometheus.yml]\n"
            ),
            api__Dockerfile=DOCKERFILE,
            other__Dockerfile=DOCKERFILE,
            k8s__service_yaml="apiVersion: v1\nkind: Service\nmetadata: {name: shop}\n",
            chart__values_yaml="kind: {{ .Values.kind }}\n{{- if .Values.a }}\na: [b\n{{ end }}\n",
            prometheus_yml=(
                "scrape_configs:\n  - job_name: shop\n"
                "    basic_auth: {username: shop, password: correct-horse-9}\n"
            ),
        )
        put(folder, ".github/workflows/ci.yml", "on: push\njobs:\n  a:\n    services:\n      db: {}\n")
        put(folder, "broken/stack.yml", "services:\n  shop: [\n")
        return folder

    def paths(self, folder: Path, *arguments: str) -> set[str]:
        return {each["path"] for each in run(folder, *arguments)["findings"]}

    def test_a_file_stands_for_itself_in_the_stacks_that_read_it(self, folder: Path) -> None:
        assert self.paths(folder, "api/Dockerfile") == {"api/Dockerfile"}
        assert self.paths(folder / "api", "Dockerfile") == {"api/Dockerfile"}
        assert self.paths(folder, "prometheus.yml") == {"prometheus.yml"}

    def test_a_compose_file_among_them_is_looked_at_as_ever(self, folder: Path) -> None:
        alone = run(folder, "compose.yaml")["findings"]
        assert run(folder, "compose.yaml", "api/Dockerfile", "k8s/service.yaml")["findings"] == alone

    def test_what_is_of_no_stack_is_passed_over(self, folder: Path) -> None:
        names = ["other/Dockerfile", "k8s/service.yaml", ".github/workflows/ci.yml", "chart/values.yaml"]
        for paths in ([each] for each in names):
            assert dockfix(folder, *paths).returncode == 0
        assert dockfix(folder, *names).returncode == 0

    def test_what_may_be_a_compose_file_is_not(self, folder: Path) -> None:
        for paths in (["broken/stack.yml"], ["broken/stack.yml", "other/Dockerfile"]):
            result = dockfix(folder, *paths)
            assert (result.returncode, b"broken/stack.yml:" in result.stdout) == (2, True)

    def test_a_stack_around_that_cannot_be_read_is_told(self, folder: Path) -> None:
        put(folder, "compose.yaml", "services: [\n")
        put(folder, "else/compose.yaml", "services: [\n")
        put(folder, "else/deep/Dockerfile", DOCKERFILE)
        for settings in ("", '[stacks]\nshop = ["compose.yaml"]\n'):
            put(folder, "dockfix.toml", settings)
            result = dockfix(folder, "api/Dockerfile")
            assert (result.returncode, result.stdout.count(b"not readable as YAML")) == (2, 1)
            assert result.stdout.startswith(b"compose.yaml:")
        put(folder, "compose.yaml", STACK)
        assert dockfix(folder, "api/Dockerfile").returncode == 0
        assert dockfix(folder, "--apply", "else/deep/Dockerfile").returncode == 0
        put(folder, "dockfix.toml", "")
        assert dockfix(folder, "--apply", "else/deep/Dockerfile").returncode == 2
        assert (folder / "else" / "compose.yaml").read_text() == "services: [\n"
