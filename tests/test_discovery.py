"""Which files are read together, and what becomes of those that cannot be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fixer.stack import Repository, discover
from fixer.stack.repository import MAXIMUM_READ
from tests.test_stack import write


def stacks_of(folder: Path, *paths: str) -> list[list[str]]:
    stacks, *_ = discover(Repository(folder), paths)
    return [[file.path for file in stack.files] for stack in stacks]


SERVICE = "services:\n  web:\n    image: web:1\n"
OTHER = "services:\n  shop:\n    image: shop:1\n"
LEANING = "services:\n  tool:\n    image: tool:1\n    depends_on: [web]\n"
FRAGMENT = "services:\n  web:\n    ports: ['80:80']\n"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"compose.yaml": SERVICE}, [["compose.yaml"]]),
        (
            {"compose.yaml": SERVICE, "compose.override.yml": FRAGMENT},
            [["compose.yaml"], ["compose.yaml", "compose.override.yml"]],
        ),
        (
            {"docker-compose.yml": SERVICE, "docker-compose.dev.yml": FRAGMENT},
            [["docker-compose.yml"], ["docker-compose.yml", "docker-compose.dev.yml"]],
        ),
        (
            {"docker-compose.yml": SERVICE, "docker-compose.dev.yml": SERVICE},
            [["docker-compose.dev.yml"], ["docker-compose.yml"]],
        ),
        ({"docker-compose.dev.yml": FRAGMENT}, []),
        ({"docker-compose.yml": FRAGMENT}, [["docker-compose.yml"]]),
        ({"docker-compose.yml": FRAGMENT, "compose.yml": "a: [\n"}, []),
        (
            {"docker-compose.yml": OTHER, "docker-compose.dev.yml": FRAGMENT},
            [["docker-compose.yml"], ["docker-compose.yml", "docker-compose.dev.yml"]],
        ),
        (
            {
                "stacks/base.yml": SERVICE,
                ".devcontainer/compose.yaml": FRAGMENT,
                ".devcontainer/devcontainer.json": '{"dockerComposeFile": [\n// both\n'
                '"../stacks/base.yml",\n"compose.yaml"]}',
            },
            [["stacks/base.yml"], ["stacks/base.yml", ".devcontainer/compose.yaml"]],
        ),
        (
            {"docker-compose.yml": SERVICE, "docker-compose.tools.yml": LEANING},
            [["docker-compose.yml"], ["docker-compose.yml", "docker-compose.tools.yml"]],
        ),
        (
            {"docker-compose.yml": LEANING, "docker-compose.override.yml": SERVICE},
            [["docker-compose.yml", "docker-compose.override.yml"]],
        ),
        (
            {"docker-compose.yml": OTHER, "docker-compose.tools.yml": LEANING},
            [["docker-compose.tools.yml"], ["docker-compose.yml"]],
        ),
        (
            {
                "base.yml": SERVICE,
                "extra.yml": SERVICE,
                "run.sh": "docker compose \\\n  -f base.yml \\\n  --file extra.yml up\n",
            },
            [["base.yml"], ["base.yml", "extra.yml"]],
        ),
        (
            {"a.yml": SERVICE, "b.yml": SERVICE, ".env": "COMPOSE_FILE=a.yml:b.yml\n"},
            [["a.yml"], ["a.yml", "b.yml"]],
        ),
        (
            {"compose.yaml": "include: [parts/compose.yaml]\n" + SERVICE, "parts/compose.yaml": SERVICE},
            [["parts/compose.yaml", "compose.yaml"]],
        ),
        (
            {
                "docker-compose.yml": SERVICE,
                "prod.yml": "services:\n  web: {extends: {file: docker-compose.yml, service: web}}\n",
            },
            [["docker-compose.yml"], ["docker-compose.yml", "prod.yml"]],
        ),
        (
            {"k8s.yml": "apiVersion: v1\nservices:\n  web: {image: x}\n", "stack.yml": SERVICE},
            [["stack.yml"]],
        ),
    ],
)
def test_files_are_grouped_as_they_are_used(
    texts: dict[str, str], expected: list[list[str]], tmp_path: Path
) -> None:
    write(tmp_path, texts)
    assert stacks_of(tmp_path) == expected


def test_one_file_brings_its_base(tmp_path: Path) -> None:
    write(tmp_path, {"docker-compose.yml": SERVICE, "docker-compose.dev.yml": FRAGMENT})
    assert stacks_of(tmp_path, "docker-compose.dev.yml") == [
        ["docker-compose.yml", "docker-compose.dev.yml"]
    ]


def test_a_pipe_beside_a_compose_file_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": SERVICE})
    os.mkfifo(tmp_path / "compose.dev.yaml")
    assert stacks_of(tmp_path, "compose.yaml") == [["compose.yaml"]]


def test_a_huge_file_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": SERVICE})
    with open(tmp_path / "compose.dev.yaml", "wb") as file:
        file.truncate(MAXIMUM_READ + 1)
    stacks, problems, _ = discover(Repository(tmp_path), [])
    assert [stack.named for stack in stacks] == [("compose.yaml",)]
    assert [problem.place.path for problem in problems] == ["compose.dev.yaml"]


def _alias_bomb() -> dict[str, str]:
    lines = ["x-a: &a [" + ",".join(["x"] * 9) + "]"]
    for one, other in zip("bcdefghi", "abcdefgh", strict=True):
        lines.append(f"x-{one}: &{one} [" + ",".join([f"*{other}"] * 9) + "]")
    return {"compose.yaml": "\n".join(lines) + "\n" + SERVICE}


def _extends_bomb() -> dict[str, str]:
    names = "".join(f"  s{number}: {{extends: base, dns: [b]}}\n" for number in range(9_000))
    return {"compose.yaml": f"services:\n  base: {{image: web, dns: [{'a, ' * 90_000}]}}\n{names}"}


def _include_bomb() -> dict[str, str]:
    files = {
        f"i{number}.yml": f"include: [i{number + 1}.yml, i{number + 1}.yml]\n" for number in range(30)
    }
    return {**files, "i30.yml": SERVICE, "compose.yaml": f"include: [i0.yml]\n{SERVICE}"}


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (_alias_bomb(), "unfolds"),
        (_extends_bomb(), "unfolds"),
        (_include_bomb(), "includes"),
        (
            {
                "compose.yaml": "services:\n  s0: {image: web}\n"
                + "".join(f"  s{number}: {{extends: s{number + 1}}}\n" for number in range(2_000))
            },
            "too deeply",
        ),
    ],
    ids=["aliases", "extends", "include", "depth"],
)
def test_a_stack_made_to_be_large_ends_in_a_problem(
    texts: dict[str, str], message: str, tmp_path: Path
) -> None:
    write(tmp_path, texts)
    _, problems, _ = discover(Repository(tmp_path), [])
    assert any(message in problem.message for problem in problems)
