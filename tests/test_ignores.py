"""Comments that leave findings out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from fixer.engine import check
from fixer.identity import Identity
from fixer.options import Options
from fixer.report import Report
from fixer.stack import Repository
from tests.cases import Case, cases, dockfix, git, repository_of
from tests.shops import DOCKERFILE, STACK, VOLUMES, found, put, run, written

LEADS = {".sql": "--", ".js": "//", ".ts": "//", ".go": "//", ".php": "//", ".java": "//", ".cs": "//"}

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
