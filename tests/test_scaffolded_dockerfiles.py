"""The Dockerfiles that dockfix writes, given to hadolint and to BuildKit's parser."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fixer.documents.dockerfile import DockerfileDocument
from tests.cases import FIXTURES

CASES = sorted((FIXTURES / "missing-dockerfile").glob("*/after"))
WRITTEN = [
    path
    for after in CASES
    for path in sorted(after.rglob("Dockerfile"))
    if not (after.parent / "before" / path.relative_to(after)).exists()
]


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.parts[-4])
def test_hadolint_finds_nothing(path: Path) -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    result = subprocess.run([str(hadolint), str(path)], capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (0, "")


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.parts[-4])
def test_the_container_is_not_root(path: Path) -> None:
    final = DockerfileDocument(path.read_bytes()).stages[-1]
    users = [instruction.words[0] for instruction in final.instructions if instruction.name == "USER"]
    assert users[-1].split(":")[0].isdigit()
    assert users[-1].split(":")[0] != "0"
