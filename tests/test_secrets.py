"""What becomes of secrets after they are moved: new values, undo, and the page about them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from dotenv import dotenv_values

from tests.cases import (
    FIXTURES,
    compose_resolves,
    compose_says,
    dockfix,
    git,
    modes,
    repository_of,
    tree,
)

STACK = """\
services:
  db:
    image: postgres:17
    environment:
      POSTGRES_PASSWORD: wq7-harbor-21
  keys:
    image: postgres:17
    environment:
      POSTGRES_PASSWORD: mill-pond-88x
  cache:
    image: redis:7
    command: redis-server --requirepass quarry-lane-5
  shop:
    build: ./shop
    environment:
      DATABASE_URL: postgres://shop:wq7-harbor-21@db/shop
      REDIS_URL: redis://:quarry-lane-5@cache:6379/0
      SESSION_SECRET: 9f2b61c4d8e7-orchard
      MAIL_PASSWORD: letter-box-77
"""
OLD = ("wq7-harbor-21", "mill-pond-88x", "quarry-lane-5", "9f2b61c4d8e7-orchard")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "compose.yaml").write_text(STACK)
    (folder / "shop").mkdir()
    (folder / "shop" / "Dockerfile").write_text("FROM alpine:3.22\nUSER nobody\n")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    return folder


def test_rotate_gives_new_values_that_all_readers_get(repository: Path) -> None:
    before = tree(repository), modes(repository)
    result = dockfix(repository, "--apply", "--rotate")
    assert result.returncode == 0, result.stderr
    assert not compose_says(repository, "compose.yaml")
    kept = {path: data.decode() for path, data in tree(repository).items()}
    assert not [value for value in OLD for data in kept.values() if value in data]
    values = dotenv_values(repository / ".env", interpolate=False)
    services = compose_resolves(repository, "compose.yaml")["services"]
    password = values["POSTGRES_PASSWORD"]
    assert services["db"]["environment"]["POSTGRES_PASSWORD"] == password
    assert services["shop"]["environment"]["DATABASE_URL"] == f"postgres://shop:{password}@db/shop"
    words = services["cache"]["command"]
    assert services["shop"]["environment"]["REDIS_URL"] == f"redis://:{words[-1]}@cache:6379/0"
    dockfix(repository, "undo")
    assert (tree(repository), modes(repository)) == before


def test_rotate_leaves_what_others_decide_on(repository: Path) -> None:
    result = dockfix(repository, "--apply", "--rotate", "--format", "json")
    rotation = json.loads(result.stdout)["rotation"]
    assert [each["name"] for each in rotation["left"]] == ["MAIL_PASSWORD"]
    assert dotenv_values(repository / ".env")["MAIL_PASSWORD"] == "letter-box-77"
    steps = {each["name"]: each["steps"] for each in rotation["renewed"]}
    assert r"docker compose exec db psql" in steps["POSTGRES_PASSWORD"]["db"]


def test_rotate_leaves_a_value_that_stands_elsewhere_too(repository: Path) -> None:
    (repository / "seed.py").write_text('connect(password="mill-pond-88x")\n')
    told = dockfix(repository, "--apply", "--rotate").stdout.decode()
    assert "seed.py has the value too" in told
    assert "mill-pond-88x" not in told
    kept = [data for path, data in tree(repository).items() if path != "seed.py"]
    assert any(b"mill-pond-88x" in data for data in kept)


def test_rotate_leaves_a_key_that_a_program_made(tmp_path: Path) -> None:
    tree_before = FIXTURES / "secret-file-in-repository" / "key-of-two-stacks" / "before"
    folder = repository_of(tree_before, tmp_path / "repository")
    key = (folder / "deploy" / "backup_key").rename(folder / "deploy" / "jwt_key").read_bytes()
    compose = folder / "compose.yaml"
    compose.write_text(compose.read_text().replace("backup_key", "jwt_key"))
    git(folder, "add", "-A")
    told = dockfix(folder, "--apply", "--rotate").stdout.decode()
    assert "jwt_key keeps its value" in told
    assert (folder / "secrets" / "jwt_key").read_bytes() == key


def test_rotate_needs_something_to_do(repository: Path) -> None:
    result = dockfix(repository, "--rotate")
    assert (result.returncode, b"goes with --apply" in result.stderr) == (2, True)


def test_undo_takes_the_secrets_and_their_folder_away(repository: Path) -> None:
    before = tree(repository)
    dockfix(repository, "--apply")
    secrets = repository / "secrets"
    assert {path.stat().st_mode & 0o777 for path in [*secrets.iterdir(), repository / ".env"]} == {0o600}
    assert dockfix(repository, "undo").returncode == 0
    assert tree(repository) == before
    assert not secrets.exists()


def test_undo_keeps_a_secret_that_was_changed_since(repository: Path) -> None:
    dockfix(repository, "--apply")
    (changed,) = (repository / "secrets").iterdir()
    changed.write_text("another-value")
    result = dockfix(repository, "undo")
    assert result.returncode == 2
    assert f"secrets/{changed.name} was edited".encode() in result.stderr
    assert changed.read_text() == "another-value"


def test_the_page_lists_every_secret_and_no_value(repository: Path) -> None:
    dockfix(repository, "--apply")
    assert dockfix(repository, "docs", "secrets").returncode == 0
    page = (repository / "docs/secrets.md").read_text()
    for name in [*dotenv_values(repository / ".env"), *(repository / "secrets").iterdir()]:
        assert f"## {name.stem if isinstance(name, Path) else name}\n" in page
    assert not [value for value in (*OLD, "letter-box-77") if value in page]
    assert b"says it all" in dockfix(repository, "docs", "secrets").stdout
    assert dockfix(repository, "undo").returncode == 0
    assert not (repository / "docs").exists()


def test_the_page_keeps_what_people_wrote_around_it(repository: Path) -> None:
    dockfix(repository, "--apply")
    page = repository / "docs/secrets.md"
    page.parent.mkdir()
    page.write_text("# Our secrets\n\nAsk the office.\n")
    dockfix(repository, "docs", "secrets")
    page.write_text(page.read_text() + "\nLast words.\n")
    compose = repository / "compose.yaml"
    compose.write_text(compose.read_text().replace("MAIL_PASSWORD", "POST_PASSWORD"))
    assert dockfix(repository, "docs", "secrets").returncode == 0
    text = page.read_text()
    assert text.startswith("# Our secrets\n\nAsk the office.\n\n<!--")
    assert text.endswith("-->\n\nLast words.\n")
    assert text.count("## POST_PASSWORD") == 1
    assert "## MAIL_PASSWORD" not in text


def test_no_page_without_secrets(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {web: {image: nginx:1.27}}\n")
    result = dockfix(tmp_path, "docs", "secrets")
    assert (result.returncode, b"read no secret" in result.stdout) == (0, True)
    assert not (tmp_path / "docs").exists()


def test_the_commands_of_the_page_make_the_secrets(repository: Path) -> None:
    """A new checkout gets what the stack needs from the page's own commands."""
    dockfix(repository, "--apply")
    dockfix(repository, "docs", "secrets")
    page = (repository / "docs/secrets.md").read_text()
    names = set(dotenv_values(repository / ".env"))
    files = sorted((repository / "secrets").iterdir())
    (repository / ".env").unlink()
    for file in files:
        file.unlink()
    for command in re.findall(r"^- Create it: `(.+?)`", page, re.MULTILINE):
        subprocess.run(["sh", "-c", command], cwd=repository, check=True)
    assert set(dotenv_values(repository / ".env")) == names
    assert all(file.stat().st_mode & 0o777 == 0o600 and file.read_bytes() for file in files)
    assert not compose_says(repository, "compose.yaml")
