"""The Dockerfiles that dockfix writes, given to hadolint, to tally and to BuildKit's parser."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fixer.documents.dockerfile import DockerfileDocument
from tests.cases import FIXTURES

CASES = sorted((FIXTURES / "missing-dockerfile").glob("*/after"))


def written_in(after: Path) -> list[Path]:
    """The Dockerfiles that were not there before, under this name or another."""
    before = {
        path.read_bytes() for path in (after.parent / "before").rglob("*ockerfile*") if path.is_file()
    }
    found = sorted(path for path in after.rglob("*ockerfile*") if path.suffix != ".dockerignore")
    return [path for path in found if path.is_file() and path.read_bytes() not in before]


WRITTEN = [path for after in CASES for path in written_in(after)]


def name_of(path: Path) -> str:
    return path.relative_to(FIXTURES / "missing-dockerfile").parts[0]


@pytest.mark.parametrize("linter", [["hadolint"], ["tally", "lint"]], ids=lambda words: words[0])
@pytest.mark.parametrize("path", WRITTEN, ids=name_of)
def test_a_linter_finds_nothing(linter: list[str], path: Path) -> None:
    program = Path(sys.executable).parent / linter[0]
    result = subprocess.run([str(program), *linter[1:], str(path)], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("path", WRITTEN, ids=name_of)
def test_the_container_is_not_root(path: Path) -> None:
    final = DockerfileDocument(path.read_bytes()).stages[-1]
    users = [instruction.words[0] for instruction in final.instructions if instruction.name == "USER"]
    assert users[-1].split(":")[0].isdigit()
    assert users[-1].split(":")[0] != "0"
