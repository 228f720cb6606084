"""The Dockerfiles that dockfix writes, given to hadolint, to tally and to BuildKit's parser."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fixer.documents.dockerfile import DockerfileDocument
from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles import files_for
from fixer.scaffold.dockerfiles.scaffold import CannotBuild
from fixer.stack import Repository
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


HOSTILE = "x $(touch y) \"'\\\n; RUN touch z"
PROJECTS: dict[str, dict[str, object]] = {
    "package.json": {
        "name": HOSTILE,
        "description": HOSTILE,
        "license": HOSTILE,
        "packageManager": f"pnpm@{HOSTILE}",
        "main": HOSTILE,
        "workspaces": [HOSTILE, 1, ["packages/*"]],
        "engines": {"node": HOSTILE},
        "scripts": {"start": f"A='{HOSTILE}' node server.js", "build": HOSTILE},
    },
    "Cargo.toml": {
        "package": {"name": "api", "description": HOSTILE, "default-run": 1, "license": HOSTILE},
        "bin": [1, {"name": HOSTILE}, {"name": "api"}],
        "workspace": {"members": 1, "exclude": HOSTILE},
    },
    "pyproject.toml": {
        "project": {"name": HOSTILE, "requires-python": HOSTILE, "dependencies": ["flask", HOSTILE, 1]},
        "tool": {"poetry": 1, "uv": [], "hatch": HOSTILE},
        "build-system": {"requires": 1},
    },
}
SOURCES = {
    "package.json": "server.js",
    "Cargo.toml": "src/main.rs",
    "pyproject.toml": "app.py",
}


@pytest.mark.parametrize("manifest", PROJECTS)
def test_a_manifest_s_texts_are_no_commands(manifest: str, tmp_path: Path) -> None:
    made = made_of(tmp_path, manifest, PROJECTS[manifest], Demands())
    if made is not None:
        for each in DockerfileDocument(made.encode()).instructions:
            assert "touch" not in " ".join(each.words) or each.name in ("LABEL", "CMD", "ENTRYPOINT")


@pytest.mark.parametrize("manifest", PROJECTS)
@pytest.mark.parametrize("value", [None, 1, [], [1], {}, {"a": 1}, HOSTILE], ids=repr)
def test_a_manifest_may_hold_anything(manifest: str, value: object, tmp_path: Path) -> None:
    for key in PROJECTS[manifest]:
        if manifest.endswith(".json") or value is not None:
            made_of(tmp_path, manifest, {**PROJECTS[manifest], key: value}, Demands())


def made_of(folder: Path, manifest: str, data: dict[str, object], demands: Demands) -> str | None:
    text = json.dumps(data) if manifest.endswith(".json") else toml(data)
    (folder / manifest).write_text(text)
    source = folder / SOURCES[manifest]
    source.parent.mkdir(exist_ok=True)
    source.write_text(
        "from flask import Flask\napp = Flask(__name__)\n" if source.suffix == ".py" else ""
    )
    files = files_for(Repository(folder), ".", "Dockerfile", demands)
    return files["Dockerfile"] if files else None


def toml(data: dict[str, object]) -> str:
    return "".join(f"{key} = {toml_value(value)}\n" for key, value in data.items())


def toml_value(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    return json.dumps(value)


@pytest.mark.parametrize(
    ("targets", "stages"),
    [
        ((), ("build", "")),
        (("production",), ("build", "production")),
        (("build",), ("builder", "build")),
        (("base",), ("build", "base")),
        (("deps", "web"), ("deps", "web")),
        (("dev",), ("build", "")),
        (("dev", "builder", "release"), ("builder", "release")),
    ],
)
def test_the_names_of_stages(targets: tuple[str, ...], stages: tuple[str, str]) -> None:
    demands = Demands(targets=targets)
    assert (demands.build, demands.final) == stages
    assert demands.further == ()


@pytest.mark.parametrize("targets", [("0",), ("web", "worker"), ("a b",), ("dev", "web", "test")])
def test_a_stage_that_is_not_known_is_a_person_s_to_write(
    targets: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text("")
    with pytest.raises(CannotBuild):
        files_for(Repository(tmp_path), ".", "Dockerfile", Demands(targets=targets))
