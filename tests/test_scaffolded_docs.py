"""The pages that dockfix writes: their commands are a shell's and Compose's, their diagram is whole."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.cases import COMPOSE, FIXTURES

PAGES = sorted(
    path
    for path in (FIXTURES / "scaffold-docs").glob("*/after/docs/*.md")
    if path.name in ("runbook.md", "troubleshooting.md")
)
OPTIONS = r"docker compose((?: (?:-f|--profile) \S+)*) "


def name_of(path: Path) -> str:
    return f"{path.relative_to(FIXTURES).parts[1]}-{path.stem}"


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(), re.DOTALL)


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_the_commands_are_those_of_a_shell(path: Path) -> None:
    assert blocks(path, "sh")
    for block in blocks(path, "sh"):
        subprocess.run(["sh", "-n"], input=block, text=True, check=True)


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_compose_takes_the_files_that_the_commands_name(path: Path) -> None:
    text = path.read_text()
    told = re.search(r"Commands are run in `([^`]*)/`", text)
    folder = path.parent.parent / (told[1] if told else ".")
    for options in set(re.findall(OPTIONS, text)):
        command = [str(COMPOSE), *options.split(), "config", "--quiet"]
        subprocess.run(command, cwd=folder, check=True)


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_line_is_between_boxes(path: Path) -> None:
    for block in blocks(path, "mermaid"):
        boxes = set(re.findall(r"(\w+)(?:\[|\(\()", block))
        lines = re.findall(r"^ +(\w+) -[-.]+>?(?:\|[^|]*\|)? (\w+)", block, re.MULTILINE)
        assert lines or len(boxes) == len(block.splitlines()) - 1
        assert {name for line in lines for name in line} <= boxes
