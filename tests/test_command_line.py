"""The command line as a person at a terminal meets it: help, completion, progress, signals, colour."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fixer.cli import COMMANDS
from tests.cases import COMPOSE, dockfix, git
from tests.servers import needs
from tests.terminals import terminal

BROKEN = "services:\n  db:\n    image: redis:7\n    volumes: [data:/data]\n"
GOOD = "services:\n  web:\n    image: nginx:1.27\n"
DOCKFIX = [sys.executable, "-m", "fixer"]

HELPS = [
    (),
    *((name,) for name in COMMANDS),
    *(("scaffold", name) for name in ("dockerfile", "ci", "monitoring", "backup", "docs")),
    ("docs", "secrets"),
]

ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name not in ("CI", "COLUMNS", "NO_COLOR", "FORCE_COLOR")
} | {"TERM": "xterm", "PYTHONPATH": str(Path(__file__).parent.parent)}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "compose.yaml").write_text(BROKEN)
    return folder


@pytest.mark.parametrize("command", HELPS, ids=" ".join)
def test_help_fits_a_terminal_and_leaves_nothing_open(command: tuple[str, ...], shop: Path) -> None:
    with terminal([*DOCKFIX, *command, "-h"], shop, ENVIRONMENT) as run:
        assert run.end() == 0
    lines = run.shown.decode().splitlines()
    assert max(map(len, lines)) < 80
    assert not [line for line in lines if re.search(r"<\w+|\w\.\.\.$", line)]
    # An option without a word of help is one nobody understands.
    assert not [line for line in lines if re.fullmatch(r"  (-\w, )?--[\w-]+( [A-Z=]+)?", line.rstrip())]


def test_help_has_what_is_used_most_first_and_every_command(shop: Path) -> None:
    text = dockfix(shop, "--help").stdout.decode()
    assert dockfix(shop, "-h").stdout.decode() == text
    order = [
        "dockfix --dry-run",
        "What to do:",
        "What to look at:",
        "What to report:",
        "Other:",
        "Commands",
    ]
    assert sorted(order, key=text.index) == order
    listed = re.findall(r"^  (\w+) ", text.partition("Commands")[2], re.MULTILINE)
    assert listed[: len(COMMANDS)] == list(COMMANDS)


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """The environment of a shell that has dockfix."""
    program = tmp_path / "bin" / "dockfix"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m fixer "$@"\n')
    program.chmod(0o755)
    home = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state"), "PS1": "$ "}
    return {**ENVIRONMENT, **home, "PATH": f"{program.parent}:{ENVIRONMENT['PATH']}"}


WORDS = [
    ("dockfix exp", "dockfix explain "),
    ("dockfix compo", "dockfix compose.yaml "),
    ("dockfix --select secrets,undeclared-vol", "dockfix --select secrets,undeclared-volume "),
    ("dockfix --fail-on=w", "dockfix --fail-on=warning "),
    ("dockfix --strategy missing-dockerfile=rep", "dockfix --strategy missing-dockerfile=repoint "),
    ("dockfix -f ./c", "dockfix -f ./compose.yaml "),
    ("dockfix undo --on", "dockfix undo --only "),
]

LOAD = {
    "bash": (["bash", "--norc"], "source <(dockfix completion bash)"),
    "zsh": (["zsh", "-f"], "bindkey -e; source <(dockfix completion zsh)"),
    "zsh that completes already": (
        ["zsh", "-f"],
        "bindkey -e; autoload -U compinit; compinit -u; source <(dockfix completion zsh)",
    ),
}
START, END = "\x01", "\x05"
"""The keys that go to the start and the end of a line."""


@pytest.mark.parametrize(
    "shell", [pytest.param(each, marks=needs(each.partition(" ")[0])) for each in LOAD]
)
def test_tab_completes_what_is_typed(shell: str, shop: Path, installed: dict[str, str]) -> None:
    command, load = LOAD[shell]
    with terminal([*command, "-i"], shop, installed) as run:
        run.press(f"{load}; echo 'is '\"loaded\"\r")
        run.wait_for("is loaded")
        for typed, completed in WORDS:
            run.press(f'{typed}\t{START}echo "[{END}]"\r')
            run.wait_for(f"[{completed.rstrip()}")


def fish(script: str, folder: Path, environment: dict[str, str]) -> list[str]:
    """The lines that a script prints where fish completes dockfix's words."""
    command = ["fish", "--no-config", "-c", f"dockfix completion fish | source; {script}"]
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
    return result.stdout.decode().splitlines()


@needs("fish")
def test_fish_completes_what_is_typed(shop: Path, installed: dict[str, str]) -> None:
    asks = [f"complete --do-complete '{typed}'" for typed, _ in WORDS]
    answers = "\n".join(fish("; echo ==; ".join(asks), shop, installed)).split("\n==\n")
    for answer, (_, completed) in zip(answers, WORDS, strict=True):
        words = [line.partition("\t")[0] for line in answer.splitlines()]
        assert completed.split()[-1] in words


@needs("fish")
def test_what_a_commit_is_wanted_for_completes_branches_and_tags(
    shop: Path, installed: dict[str, str]
) -> None:
    git(shop, "init", "-q", "-b", "topic")
    git(shop, "commit", "-qm", "as it is", "--allow-empty")
    git(shop, "tag", "v1.0")
    for typed in ("dockfix --changed-since ", "dockfix branch --base "):
        answers = fish(f"complete --do-complete '{typed}'", shop, installed)
        assert answers == ["topic", "v1.0"]


@needs("fish")
def test_undo_completes_the_runs_with_their_fixes(shop: Path, installed: dict[str, str]) -> None:
    subprocess.run([*DOCKFIX, "--apply", "-q"], cwd=shop, env=installed, check=True)
    (run, *_) = fish("complete --do-complete 'dockfix undo '", shop, installed)
    assert re.fullmatch(r"\S+\tundeclared-volume", run)


@needs("shellcheck")
def test_the_script_for_bash_is_clean(tmp_path: Path) -> None:
    script = dockfix(tmp_path, "completion", "bash").stdout
    subprocess.run(["shellcheck", "-s", "bash", "-"], input=script, check=True)


class Judge:
    """A Compose that has no answer until it is released."""

    def __init__(self, folder: Path) -> None:
        self.gate = folder / "gate"
        os.mkfifo(self.gate)
        self.program = folder / "judge"
        self.program.write_text(
            f'#!/bin/sh\n[ -p "{self.gate}" ] && read -r word <"{self.gate}"\nexit 0\n'
        )
        self.program.chmod(0o755)

    def release(self) -> None:
        with self.gate.open("w"):
            self.gate.unlink()


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    return Judge(tmp_path)


def applying(judge: Judge) -> list[str]:
    return [*DOCKFIX, "--apply", "--engine", str(judge.program)]


SHOWN = "Asking Compose: 1 stack"
HIDES_CURSOR, SHOWS_CURSOR, CLEARS_LINE = b"\033[?25l", b"\033[?25h", b"\033[2K"


def test_a_long_run_says_what_it_does_and_leaves_the_terminal_as_it_was(
    shop: Path, judge: Judge, installed: dict[str, str]
) -> None:
    with terminal(applying(judge), shop, installed) as run:
        run.wait_for(SHOWN)
        judge.release()
        assert run.end() == 0
    before, _, after = run.shown.rpartition(SHOWS_CURSOR)
    assert HIDES_CURSOR in before and HIDES_CURSOR not in after
    assert after.index(CLEARS_LINE) < after.index(b"compose.yaml")
    assert SHOWN.encode() not in after


def test_ctrl_c_ends_a_long_run_with_the_terminal_as_it_was(
    shop: Path, judge: Judge, installed: dict[str, str]
) -> None:
    with terminal(applying(judge), shop, installed) as run:
        run.wait_for(SHOWN)
        run.press("\x03")
        assert run.end() == 130
    assert run.shown.rstrip().endswith((SHOWS_CURSOR, CLEARS_LINE))
    assert run.shown.count(SHOWS_CURSOR) == run.shown.count(HIDES_CURSOR)
    assert b"Traceback" not in run.shown
    assert (shop / "compose.yaml").read_text() == BROKEN


def test_a_termination_ends_a_long_run_with_the_terminal_as_it_was(
    shop: Path, judge: Judge, installed: dict[str, str]
) -> None:
    with terminal(applying(judge), shop, installed) as run:
        run.wait_for(SHOWN)
        os.kill(run.process, signal.SIGTERM)
        judge.release()
        assert run.end() == 143
    assert run.shown.count(SHOWS_CURSOR) == run.shown.count(HIDES_CURSOR)
    assert b"Traceback" not in run.shown
    assert (shop / "compose.yaml").read_text() == BROKEN


@pytest.mark.parametrize(
    ("arguments", "variables"), [(["-q"], {}), ([], {"TERM": "dumb"}), ([], {"CI": "true"})]
)
def test_nothing_is_shown_of_a_run_where_nobody_waits(
    arguments: list[str], variables: dict[str, str], shop: Path, judge: Judge, installed: dict[str, str]
) -> None:
    with terminal([*applying(judge), *arguments], shop, {**installed, **variables}) as run:
        judge.release()
        assert run.end() == 0
    assert b"\033[?25" not in run.shown and b"Asking" not in run.shown


@pytest.mark.parametrize(
    ("variables", "is_coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colour_on_a_terminal(
    variables: dict[str, str], is_coloured: bool, shop: Path, installed: dict[str, str]
) -> None:
    with terminal(DOCKFIX, shop, {**installed, **variables}) as run:
        assert run.end() == 1
    assert (b"\033[31merror" in run.shown) == is_coloured


@pytest.mark.parametrize(
    ("variables", "is_coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour_in_a_pipe(
    variables: dict[str, str], is_coloured: bool, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (b"\033[31merror" in dockfix(shop).stdout) == is_coloured
    # A patch in a pipe is for git, whatever else is forced.
    assert b"\033" not in dockfix(shop, "--dry-run").stdout


def test_quiet_says_only_what_is_left_to_do(shop: Path) -> None:
    result = dockfix(shop, "--quiet")
    assert result.returncode == 1
    (line,) = result.stdout.decode().splitlines()
    assert line.startswith("compose.yaml:4:15: error undeclared-volume: ")
    applied = dockfix(shop, "-q", "--apply")
    assert (applied.returncode, applied.stdout, applied.stderr) == (0, b"", b"")
    again = dockfix(shop, "-q")
    assert (again.returncode, again.stdout, again.stderr) == (0, b"", b"")


def test_quiet_still_tells_what_cannot_be_read(shop: Path) -> None:
    (shop / "compose.yaml").write_text("services: [")
    result = dockfix(shop, "-q")
    assert (result.returncode, result.stdout.startswith(b"compose.yaml:")) == (2, True)


def test_verbose_tells_what_was_looked_at_beside_the_report(shop: Path) -> None:
    ignored = BROKEN.replace("data]", "data]  # dockfix: ignore[undeclared-volume] made by hand")
    (shop / "compose.yaml").write_text(ignored)
    (shop / "compose.override.yaml").write_text(GOOD)
    (shop / "dockfix.toml").write_text('ignore = ["secrets"]\n')
    result = dockfix(shop, "--verbose", "--format", "json")
    assert result.stdout.startswith(b"{")
    text = result.stderr.decode()
    assert "Stack: -f compose.yaml: 1 service\n" in text
    assert "Stack: -f compose.yaml -f compose.override.yaml: 2 services\n" in text
    assert "Configuration: dockfix.toml\n" in text
    assert "Left out: 1 by comments\n" in text
    assert re.search(r"Time: reading \d+\.\d\d s, looking \d+\.\d\d s\n", text)


def test_verbose_names_the_compose_that_judged(shop: Path) -> None:
    says = dockfix(shop, "-v", "--dry-run", "--engine", str(COMPOSE)).stderr.decode()
    assert re.search(r"Compose: v?2\.\d+\.\d+ judged the changes", says)
    says = dockfix(shop, "-v", "--dry-run", "--engine", "never").stderr.decode()
    assert "Compose: not asked, as --engine says" in says


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["aply"], "aply does not exist; did you mean --apply?"),
        (["undoo"], "undoo does not exist; did you mean undo?"),
        (["--apply", "undo"], "undo does not exist; the command of that name comes first"),
        (["--dry-rn"], "there is no option --dry-rn; did you mean --dry-run?"),
        (["undo", "--lst"], "there is no option --lst; did you mean --list?"),
        (["scaffold", "cii"], "'ci'"),
        (["explain"], "dockfix explain --help"),
        (["--format"], "dockfix --help"),
        (["--fail-on", "warn"], "give error, warning or note"),
        (["--quiet", "--verbose"], "give one of them"),
        (["completion", "tcsh"], "give bash, zsh or fish"),
        (["undo", "--root", "nowhere"], "is not a folder"),
    ],
)
def test_a_wrong_word_is_told_with_what_may_be_meant(
    arguments: list[str], says: str, shop: Path
) -> None:
    result = dockfix(shop, *arguments)
    assert (result.returncode, result.stdout) == (2, b"")
    (line,) = result.stderr.decode().splitlines()
    assert line.startswith("dockfix: ") and says in line


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--dry-run"], {"typer", "rich", "json"}),
        (["--apply", "--quiet"], {"typer", "rich"}),
        (["--format", "json"], {"typer", "rich"}),
        (["--version"], {"typer", "rich", "fixer.registry", "fixer.engine"}),
    ],
)
def test_what_is_used_every_day_imports_little(
    arguments: list[str], unwanted: set[str], shop: Path, installed: dict[str, str]
) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "fixer", *arguments]
    result = subprocess.run(command, cwd=shop, env=installed, capture_output=True, text=True)
    imported = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines()}
    assert "fixer.cli" in imported and not unwanted & imported


@pytest.mark.parametrize("arguments", [["--version"], ["--version", "."]])
def test_version(arguments: list[str], tmp_path: Path) -> None:
    result = dockfix(tmp_path, *arguments)
    assert (result.returncode, re.fullmatch(rb"dockfix \d\S*\n", result.stdout) is not None) == (0, True)
