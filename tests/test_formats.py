"""The formats of reports: each is validated, or read back as what it is for reads it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from sarif_kit import validation_errors

from fixer import engine
from fixer.cli.check import FORMATS
from fixer.documents.source import Position
from fixer.finding import Finding, Safety, Severity
from fixer.options import Options
from fixer.place import Place
from fixer.plan import Plan
from fixer.render import markdown
from fixer.report import Report, Reported
from fixer.stack import Repository
from tests.cases import FIXTURES, Case, dockfix, repository_of, stacks, tree
from tests.servers import needs

SCHEMA = json.loads((Path(__file__).parent.parent / "docs" / "report.schema.json").read_text())

BROKEN = "services:\n  db:\n    image: redis:7\n    volumes: [data:/data]\n"
GOOD = "services:\n  web:\n    image: nginx:1.27\n"
FOR_NOBODY = "services:\n  - [\n}: 1"

NAMES = [b"a,b:c%", b"with blanks", "größe".encode(), b"\xff\xfe", b"a|`b`", b"<b>&amp;"]
"""Folders' names that are hard to write down."""

HOSTILE = "a\x1b[31m\n::error::y"
"""A name that paints a terminal, and gives GitHub a command."""

DIVERSE = [
    "empty-document/between-two",
    "hardcoded-password/a-database-and-its-client",
    "invalid-name/what-only-its-author-knows",
    "missing-config-file/caddy-hosts",
    "merge-conflict-marker/both-the-same",
    "secret-in-comment/commented-out",
    "token-in-repository/private-key",
    "undeclared-volume/crlf-and-flow",
    "unclosed-bracket/mismatched",
    "unknown-key/what-people-mean",
    "unset-variable/line-of-the-example",
    "wrong-encoding/latin-1",
    "wrong-indentation/item-off-by-one",
]

EXACT = [
    "base-60-port/without-quotes",
    "blank-before-equals/in-lists",
    "duplicate-key/lists",
    "duplicate-merge-key/three-and-flow",
    "duplicate-variable/build-and-labels",
    "empty-document/between-two",
    "invalid-name/wherever-it-is-used",
    "merge-conflict-marker/both-the-same",
    "no-op-override/null-and-crlf",
    "tab-indentation/whole-file",
    "unclosed-quote/single-until-the-end",
    "undeclared-volume/crlf-and-flow",
]
"""Cases whose findings are all repaired by edits of files."""


def project(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def printed(folder: Path, format: str, *arguments: str) -> str:
    return dockfix(folder, "--format", format, *arguments).stdout.decode()


def texts_of(folder: Path, fix: bool = False) -> dict[str, str]:
    """The report on a folder in every format, made without starting a program for each."""
    report = engine.check(Repository(folder), (), Options(), fix=fix)
    return {each: import_module(f"fixer.render.{each}").render(report) for each in FORMATS[1:]}


def data_of(text: str) -> dict[str, Any]:
    """A report in JSON, which is what its schema says."""
    data = json.loads(text)
    Draft202012Validator(SCHEMA).validate(data)
    assert isinstance(data, dict)
    return data


def run_of(text: str) -> dict[str, Any]:
    """The run of a SARIF log, which is valid."""
    log = json.loads(text)
    assert not validation_errors(log)
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def place_of(result: dict[str, Any]) -> tuple[bytes, int, int]:
    physical = result["locations"][0]["physicalLocation"]
    region = physical["region"]
    uri = unquote_to_bytes(physical["artifactLocation"]["uri"])
    return (uri, region["startLine"], region["startColumn"])


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Workflow commands as GitHub's runner reads them: name, properties and message."""
    found: list[tuple[str, dict[str, str], str]] = []
    for line in text.splitlines():
        if line.startswith("::"):
            head, _, message = line[2:].partition("::")
            name, _, properties = head.partition(" ")
            pairs = [each.partition("=") for each in properties.split(",")]
            found.append((name, {key: unescaped(value) for key, _, value in pairs}, unescaped(message)))
    return found


def unescaped(text: str) -> str:
    for escape, character in {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}.items():
        text = text.replace(escape, character)
    return text


TREES = [*stacks(), *(Case(each.split("/")[0], FIXTURES / each) for each in DIVERSE)]


@pytest.mark.parametrize("case", TREES, ids=lambda case: case.name)
def test_every_format_is_what_it_says(case: Case, tmp_path: Path) -> None:
    repository = repository_of(case.before, tmp_path / "repository")
    for fix in (False, True):
        texts = texts_of(repository, fix)
        data = data_of(texts["json"])
        count, wrong = len(data["findings"]), len(data["problems"])
        marks = {each["fingerprint"] for each in data["findings"]}
        assert len(marks) == count
        results = run_of(texts["sarif"])["results"]
        assert {each["partialFingerprints"]["dockfix/v1"] for each in results} == marks
        issues = {each["fingerprint"] for each in json.loads(texts["gitlab"])}
        assert issues >= marks
        assert len(issues) == len(commands(texts["github"])) == count + wrong
        suites = ElementTree.fromstring(texts["junit"])
        assert len(suites.findall("testsuite/testcase")) == max(count + wrong, 1)
        assert len(cells(texts["markdown"])) == count


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_rotation_is_in_the_schema(tmp_path: Path) -> None:
    repository = repository_of(FIXTURES / "stacks" / "report" / "before", tmp_path / "shop")
    data = data_of(printed(repository, "json", "--apply", "--rotate", "--select", "secrets"))
    assert data["rotation"]["renewed"]


@needs("sarif-multitool-linux")
def test_sarif_by_its_makers_validator(tmp_path: Path) -> None:
    repository = repository_of(FIXTURES / "stacks" / "report" / "before", tmp_path / "shop")
    (repository / "broken.compose.yaml").write_text(FOR_NOBODY)
    log = tmp_path / "dockfix.sarif"
    log.write_text(printed(repository, "sarif"))
    command = ["sarif-multitool-linux", "validate", str(log)]
    environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert result.returncode == 0
    # dockfix has no address on the web that SARIF2005 could be given.
    assert set(re.findall(r": (?:error|warning) (\w+)", result.stdout)) <= {"SARIF2005"}


def test_a_sarif_rule_has_its_documentation(tmp_path: Path) -> None:
    repository = repository_of(FIXTURES / "stacks" / "report" / "before", tmp_path / "shop")
    run = run_of(printed(repository, "sarif"))
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"])
    by_name = {rule["id"]: rule for rule in rules}
    assert "## What is wrong" in by_name["undeclared-volume"]["help"]["markdown"]
    assert by_name["undeclared-volume"]["properties"] == {
        "family": "references", "safety": "safe", "tags": ["references"],
    }  # fmt: skip
    secret = by_name["hardcoded-password"]["properties"]
    assert (secret["tags"], secret["security-severity"]) == (["secrets", "security"], "7.0")
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


@pytest.mark.parametrize("name", EXACT)
def test_sarif_fixes_are_what_apply_does(name: str, tmp_path: Path) -> None:
    case = Case(name.split("/")[0], FIXTURES / name)
    repository = repository_of(case.before, tmp_path / "repository")
    run = run_of(printed(repository, "sarif", *case.arguments))
    assert differs_only_by_fixes(tree(repository), run, tree(case.after))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_sarif_fixes_with_a_byte_order_mark(newline: str, tmp_path: Path) -> None:
    folder = project(tmp_path / "shop")
    text = "\ufeff# größer 😀\n" + BROKEN.replace("data:/data", "'größe_😀x:/d', data:/data")
    (folder / "compose.yaml").write_bytes(text.replace("\n", newline).encode())
    arguments = ("--select", "undeclared-volume", "compose.yaml")
    before, run = tree(folder), run_of(printed(folder, "sarif", *arguments))
    assert dockfix(folder, "--apply", *arguments).returncode in (0, 1)
    assert differs_only_by_fixes(before, run, tree(folder))


def differs_only_by_fixes(
    before: dict[str, bytes], run: dict[str, Any], after: dict[str, bytes]
) -> bool:
    """Whether the replacements of all results make one tree of another."""
    now = dict(before)
    by_path: dict[str, list[Any]] = {}
    for result in run["results"]:
        for change in result["fixes"][0]["artifactChanges"]:
            path = os.fsdecode(unquote_to_bytes(change["artifactLocation"]["uri"]))
            by_path.setdefault(path, []).extend(change["replacements"])
    for path, replacements in by_path.items():
        now[path] = replaced(before[path], replacements)
    return now == after


def replaced(content: bytes, replacements: list[Any]) -> bytes:
    """What a reader of SARIF makes of a file. Columns count characters; a byte order mark is none."""
    text = content.decode("utf-8-sig")
    lines = re.split("(?<=\n)", text)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines))]

    def offset(region: dict[str, int], end: str) -> int:
        return starts[region[f"{end}Line"] - 1] + region[f"{end}Column"] - 1

    spans = sorted(
        (offset(each["deletedRegion"], "start"), offset(each["deletedRegion"], "end"),
         each.get("insertedContent", {}).get("text", ""))
        for each in replacements
    )  # fmt: skip
    for start, end, new in reversed(spans):
        text = text[:start] + new + text[end:]
    return content[: len(content) - len(content.removeprefix(b"\xef\xbb\xbf"))] + text.encode()


def test_sarif_fixes_move_no_secret(tmp_path: Path) -> None:
    """Also where none is found, since what is no service yet is not looked at for passwords."""
    text = (
        "services:\n  web:\n    image: nginx:1.27\n    volumes: [data:/data, logs:/logs]\n"
        "volumes:\n  data:\n"
        "db:\n  image: postgres:16\n  environment:\n"
        "    - POSTGRES_PASSWORD: wq7-harbor-21\n    - POSTGRES_USER: shop\n"
        "cache:\n  image: redis:7\n  command:\n    - redis-server\n    - --requirepass\n    - tide\n"
    )
    folder = project(tmp_path / "shop", compose=text)
    results = run_of(printed(folder, "sarif"))["results"]
    assert {each["ruleId"] for each in results} == {"misplaced-setting", "undeclared-volume"}
    assert {each["ruleId"] for each in results if "fixes" in each} == {"undeclared-volume"}
    assert not re.search("wq7|harbor|tide", json.dumps(results))


def test_fingerprints_stay_when_lines_move(tmp_path: Path) -> None:
    folder = project(
        tmp_path / "shop", compose=BROKEN + BROKEN[len("services:\n") :].replace("db", "two")
    )
    path = folder / "compose.yaml"

    def marks() -> list[str]:
        results = run_of(printed(folder, "sarif"))["results"]
        return [each["partialFingerprints"]["dockfix/v1"] for each in results]

    before = marks()
    path.write_text("# The stack of the shop.\n\n" + path.read_text())
    assert marks() == before
    assert len(set(before)) == len(before) > 1


def test_names_that_are_hard_to_write_down(tmp_path: Path) -> None:
    for name in map(os.fsdecode, NAMES):
        project(tmp_path / name, compose=BROKEN)
    texts = texts_of(tmp_path)
    paths = {name + b"/compose.yaml" for name in NAMES}
    legible = {path.decode(errors="backslashreplace") for path in paths}

    assert {each["path"] for each in data_of(texts["json"])["findings"]} == legible
    results = run_of(texts["sarif"])["results"]
    assert {place_of(each) for each in results} == {(path, 4, 15) for path in paths}
    assert {properties["file"] for _, properties, _ in commands(texts["github"])} == legible
    issues = json.loads(texts["gitlab"])
    assert {each["location"]["path"] for each in issues} == legible
    suites = ElementTree.fromstring(texts["junit"])
    assert {each.get("name") for each in suites.findall("testsuite")} == legible
    assert {place for place, *_ in cells(texts["markdown"])} == {f"{path}:4:15" for path in legible}


def cells(text: str) -> list[list[str]]:
    """What a reader of the Markdown sees in each row of the table; nothing in it is markup but code."""
    tokens = MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(text)
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and rows and token.level > 3:
            kinds = {child.type for child in token.children or []}
            assert kinds <= {"text", "code_inline", "html_inline", "text_special"}
            shown = [child for child in token.children or [] if child.type != "html_inline"]
            rows[-1].append("".join(child.content for child in shown))
    return rows[1:]


def test_a_message_is_no_markup(tmp_path: Path) -> None:
    key = "<img src=x>|`a` *b* @octocat [c](http://d) &amp; ![e](f) $g$ ::error::h %0A"
    texts = texts_of(project(tmp_path / "shop", compose=GOOD + f"    {json.dumps(key)}: 1\n"))
    (message,) = [each["message"] for each in data_of(texts["json"])["findings"]]
    assert key in message
    assert cells(texts["markdown"])[0][3] == message.replace("`", "")
    # In code nobody is called.
    assert not re.search("[^`]@octocat", texts["markdown"])
    ((_, _, told),) = commands(texts["github"])
    assert told.startswith(message)


def test_what_cannot_be_written_in_a_format(tmp_path: Path) -> None:
    key = '"a\\u0001\\u0008\\ud800\\uffff\\u001b[31m"'
    texts = texts_of(project(tmp_path / "shop", compose=GOOD + f"    {key}: 1\n"))
    assert data_of(texts["json"])["findings"]
    assert not any("\x1b" in text for text in texts.values())
    assert not any("\\ud800" in texts[each].replace("\\\\", "") for each in ("json", "sarif", "gitlab"))
    (failure,) = ElementTree.fromstring(texts["junit"]).findall(".//failure")
    assert "\\x01" in failure.attrib["message"]


def test_where_nothing_is_found(tmp_path: Path) -> None:
    texts = texts_of(project(tmp_path / "shop", compose=GOOD))
    assert run_of(texts["sarif"])["results"] == []
    assert texts["github"] == "1 Compose file checked, nothing found.\n"
    assert json.loads(texts["gitlab"]) == []
    suites = ElementTree.fromstring(texts["junit"])
    assert (suites.get("tests"), suites.get("failures")) == ("1", "0")
    assert texts["markdown"] == "### dockfix\n\n1 Compose file checked, nothing found.\n"


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    texts = texts_of(project(tmp_path / "shop", compose=FOR_NOBODY))
    (problem,) = data_of(texts["json"])["problems"]
    (invocation,) = run_of(texts["sarif"])["invocations"]
    assert not invocation["executionSuccessful"]
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"] == problem["message"]
    ((level, properties, message),) = commands(texts["github"])
    assert (level, int(properties["line"]), message) == ("error", problem["line"], problem["message"])
    (issue,) = json.loads(texts["gitlab"])
    assert (issue["severity"], issue["check_name"]) == ("blocker", "unreadable-file")
    suites = ElementTree.fromstring(texts["junit"])
    assert suites.get("errors") == "1"
    assert suites.findall(".//error")[0].get("message") == problem["message"]
    assert "compose.yaml:" in texts["markdown"]


@pytest.mark.parametrize("format", FORMATS[1:])
def test_with_a_plan(format: str, tmp_path: Path) -> None:
    folder = project(tmp_path / "shop", compose=BROKEN)
    shown = dockfix(folder, "--dry-run", "--format", format)
    assert shown.stdout.startswith(b"diff --git")
    written = dockfix(folder, "--apply", "--format", format)
    assert (written.returncode, written.stderr) == (0, b"")
    told = shown.stderr.replace(b"Would be fixed", b"Fixed").replace(b"would be fixed", b"fixed")
    assert told == written.stdout
    assert b"Fixed" not in shown.stderr
    text = written.stdout.decode()
    if format == "sarif":
        (result,) = run_of(text)["results"]
        assert (result["level"], result["properties"]["outcome"]) == ("note", "fixed")
        assert "fixes" not in result
    elif format == "json":
        data_of(text)
    elif format == "junit":
        assert ElementTree.fromstring(text).get("failures") == "0"
    elif format == "gitlab":
        assert [each["severity"] for each in json.loads(text)] == ["info"]
    else:
        assert "ixed" in text


def test_a_folder_s_name_is_no_command_of_github_s(tmp_path: Path) -> None:
    folder = project(tmp_path / "shop", compose=GOOD)
    (folder / HOSTILE).mkdir()
    (folder / HOSTILE / "compose.yaml").write_text(BROKEN)
    text = printed(folder, "github")
    assert "\x1b" not in text
    ((_, properties, _),) = commands(text)
    assert properties["file"] == HOSTILE.replace("\x1b", r"\x1b") + "/compose.yaml"


@pytest.mark.parametrize(
    "arguments",
    [
        ("{}/none",),
        ("--root={}/none",),
        ("--format={}",),
        ("--select={}",),
        ("--{}",),
        ("--changed-since={}",),
        ("--dry-run", "--engine={}/none"),
        ("explain", "{}"),
        ("undo", "{}"),
        ("scaffold", "{}"),
        ("scaffold", "dockerfile", "{}"),
        ("branch", "--base={}"),
    ],
    ids=" ".join,
)
def test_what_is_wrong_is_told_in_a_line_whatever_it_is_called(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    folder = project(tmp_path / HOSTILE, compose=BROKEN)
    (folder / HOSTILE).mkdir()
    result = dockfix(folder, *(each.format(HOSTILE) for each in arguments))
    lines = result.stderr.decode().splitlines()
    assert result.returncode == 2 and r"\x1b[31m\n::error::y" in lines[-1]
    assert not [each for each in lines if not each.isprintable() or each.startswith("::")]


def test_what_was_written_is_told_in_a_line_whatever_its_folder_is_called(tmp_path: Path) -> None:
    folder = project(tmp_path / HOSTILE, compose=BROKEN)
    for arguments in (["--dry-run"], ["--apply"], ["--verbose"]):
        result = dockfix(tmp_path, "--root", str(folder), str(folder), *arguments)
        text = result.stderr + (b"" if arguments == ["--dry-run"] else result.stdout)
        assert HOSTILE.encode() not in text and rb"\x1b[31m" in text


@pytest.mark.parametrize("is_checkout", [True, False])
def test_paths_start_at_the_top_of_the_repository(
    is_checkout: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(tmp_path / "inner", compose=BROKEN)
    if is_checkout:
        (tmp_path / ".git").mkdir()
    else:
        monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    arguments = ("--root", str(folder), str(folder))
    ((_, properties, _),) = commands(printed(folder, "github", *arguments))
    assert properties["file"] == "inner/compose.yaml"
    (result,) = run_of(printed(folder, "sarif", *arguments))["results"]
    assert place_of(result) == (b"inner/compose.yaml", 4, 15)


def test_a_summary_has_an_end() -> None:
    place = Place("compose.yaml", Position(1, 1))
    finding = Finding(place, "x" * 300, steps="ö" * 300)
    found = Reported("fix", "family", Severity.NOTE, Safety.MANUAL, finding, "manual")
    report = Report((found,) * 4000, (), Plan("/", ()), 1, {})
    text = markdown.render(report)
    assert markdown.LIMIT * 0.99 < len(text.encode()) < markdown.LIMIT
    left_out = int(re.findall(r"\n(\d+) more lines are left out", text)[0])
    assert text.count("`fix`") + left_out == 8000
