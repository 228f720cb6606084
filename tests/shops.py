"""Repositories made of a few texts, and what is found in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cases import dockfix, git

STACK = """services:
  shop:
    image: registry.example.org/shop:2.4
    volumes:
      - uploads:/srv/uploads
      - cache:/srv/cache
"""

DOCKERFILE = 'FROM python:3.12-slim\nCOPY . /srv\nENV DB_PASSWORD=correct-horse-9\nCMD ["python"]\n'


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
