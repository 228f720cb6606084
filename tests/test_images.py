"""What is known of images is well-formed: a slip in a data file would break a user's stack."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from fixer.images import FOLDER, image_facts

FILES = sorted(FOLDER.glob("*.toml"))

TABLES: dict[str, tuple[set[str], set[str]]] = {
    "serves": ({"port", "speaks"}, {"metrics", "metrics_when"}),
    "process": ({"entrypoint", "command"}, set()),
    "file_variables": ({"as_root", "names"}, set()),
    "secrets": ({"variables"}, set()),
    "configuration": ({"program"}, {"path", "folder", "option"}),
    "health": ({"test"}, set()),
    "rotation": ({"sets", "steps"}, set()),
    "user": ({"name", "starts_as_root"}, {"uid"}),
    "data": ({"paths"}, set()),
    "writable": ({"paths"}, set()),
    "capabilities": ({"needed"}, set()),
    "file_settings": ({"settings", "since"}, set()),
}
"""Each table's keys: those it must have, and those it may. All have a source besides."""


def tables(data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (name, each)
        for name, value in data.items()
        if name not in ("repositories", "proxy", "same_as", "source")
        for each in (value if isinstance(value, list) else [value])
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_data_file_has_what_it_should(path: Path) -> None:
    data = tomllib.loads(path.read_text())
    for name, table in tables(data):
        needed, allowed = TABLES[name]
        assert needed | {"source"} <= set(table) <= needed | allowed | {"source"}, name
        assert table["source"].strip()
        for text in (*table.get("paths", []), *([table["path"]] if "path" in table else [])):
            assert text.startswith("/")
        assert 0 < table.get("port", 1) < 65536
        assert set(table.get("needed", [])) == {each.upper() for each in table.get("needed", [])}
    names = data.get("file_variables", {}).get("names", {})
    assert all(file.startswith(name) for name, file in names.items())
    test = data.get("health", {}).get("test", ["CMD"])
    assert test[0] in ("CMD", "CMD-SHELL")
    assert test[0] == "CMD" or len(test) == 2


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_data_file_is_found_by_its_repositories(path: Path) -> None:
    for repository in tomllib.loads(path.read_text())["repositories"]:
        facts = image_facts(repository)
        assert facts is not None, repository
        assert facts.name == path.stem


def test_the_images_are_the_most_used_ones() -> None:
    assert len(FILES) >= 40
    assert image_facts("nobody/nothing") is None
