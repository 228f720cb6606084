"""The merged view, held against what the real Compose resolves."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixer.spelling import slip
from fixer.stack import Repository, Stack, stack_from_files
from fixer.stack.interpolation import MAXIMUM_GROWTH, InterpolationError, interpolate, unset, variables
from fixer.stack.repository import MAXIMUM_READ
from tests.cases import COMPOSE

BASE = """
x-common: &common
  TZ: UTC
  LEVEL: ${LEVEL:-info}
x-hard: &hard
  read_only: true
  tmpfs: [/tmp, /run]
services:
  db:
    image: postgres:${PG:-17}
    environment:
      <<: *common
      POSTGRES_USER: shop
      EMPTY:
    volumes:
      - data:/var/lib/postgresql/data:Z
      - ./init.sql:/docker-entrypoint-initdb.d/init.sql:ro
    networks:
      back:
        aliases: [database]
    secrets: [password]
  app:
    <<: [*hard]
    build:
      context: ./app
      args: [A=1, B=2]
    command: serve --port 80
    environment: [MODE=base, LEVEL=debug]
    ports: ["8080:80", "127.0.0.1:9000:9000/udp"]
    volumes:
      - data:/shared
      - /cache
      - {type: bind, source: ./conf, target: /conf, read_only: true}
    depends_on:
      db: {condition: service_healthy}
    networks: [front, back]
    labels: {a: "1"}
networks:
  front:
  back: {internal: true}
volumes:
  data:
  unused: {driver: local}
secrets:
  password: {file: ./password.txt}
"""

OVERRIDE = """
services:
  db:
    environment:
      - POSTGRES_USER=other
      - EXTRA=1
    volumes:
      - backup:/backup
    ports: []
  app:
    build:
      args: {B: "3"}
      target: development
    command: !override ["reload"]
    environment: {MODE: override, NEW: "$$x"}
    ports: ["8080:80", "443:443"]
    volumes:
      - ./local:/shared
    tmpfs: [/var/tmp]
    depends_on: [cache]
    security_opt: [no-new-privileges:true]
    labels: !reset {}
  cache:
    image: redis:7
    profiles: [tools]
volumes:
  backup:
  unused: !reset null
"""

EXTENDS = """
services:
  web:
    extends: {file: common.yml, service: base}
    environment: {OWN: "1"}
    volumes: ["./here:/here"]
  worker:
    extends: web
    command: work
"""

COMMON = """
services:
  base:
    image: web:1
    environment: {SHARED: "1", OWN: "0"}
    volumes: ["./there:/there"]
"""

INCLUDES = """
include:
  - parts/queue.yml
  - {path: parts/mail.yml, project_directory: .}
services:
  web:
    image: web:1
    depends_on: [queue]
"""

PARTS = {
    "parts/queue.yml": "services:\n  queue:\n    image: rabbitmq:4\n    volumes: ['./q:/q']\n",
    "parts/mail.yml": "services:\n  mail:\n    image: mail:1\n    volumes: ['./m:/m']\n",
}


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def resolved(folder: Path, files: list[str]) -> dict[str, Any]:
    """What `docker compose config` makes of a list of files."""
    names = [argument for file in files for argument in ("-f", file)]
    command = [str(COMPOSE), *names, "--profile", "*", "config", "--format", "json"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    data: dict[str, Any] = json.loads(result.stdout)
    return data


def our_view(stack: Stack, folder: Path) -> dict[str, Any]:
    """The stack's answers in the form in which Compose prints its own."""
    view: dict[str, Any] = {}
    for name, service in stack.services.items():
        mounts = {
            (mount.kind, mount.target, str(folder / (mount.path or "")) if mount.path else mount.source)
            for mount in service.mounts
            if mount.kind in ("bind", "volume")
        }
        view[name] = {
            "image": service.image.text if service.image else None,
            "context": str(folder / (service.build.context or "")) if service.build else None,
            "target": service.build.target if service.build else None,
            "args": sorted(service.build.args) if service.build else [],
            "environment": {
                each.name: each.value for each in service.environment.values() if each.text is not None
            },
            "mounts": mounts,
            "tmpfs": sorted(mount.target for mount in service.mounts if mount.kind == "tmpfs"),
            "ports": {(each.host_ip, each.published, each.target) for each in service.ports},
            "networks": sorted(service.networks),
            "secrets": sorted(each.source for each in service.secrets),
            "depends_on": service.depends_on,
            "command": service.command.words if service.command else None,
        }
    return view


def compose_view(data: dict[str, Any]) -> dict[str, Any]:
    view: dict[str, Any] = {}
    for name, service in data["services"].items():
        build = service.get("build") or {}
        view[name] = {
            "image": service.get("image"),
            "context": build.get("context"),
            "target": build.get("target"),
            "args": sorted(build.get("args") or {}),
            "environment": {
                key: value.replace("$$", "$")
                for key, value in (service.get("environment") or {}).items()
                if value is not None
            },
            "mounts": {
                (each["type"], each["target"], each["source"])
                for each in service.get("volumes", [])
                if each.get("source")
            },
            "tmpfs": sorted(service.get("tmpfs") or []),
            "ports": {
                (each.get("host_ip", ""), each.get("published", ""), str(each["target"]))
                for each in service.get("ports", [])
            },
            "networks": sorted(service.get("networks") or {}),
            "secrets": sorted(each["source"] for each in service.get("secrets", [])),
            "depends_on": {
                key: value["condition"] for key, value in (service.get("depends_on") or {}).items()
            },
            "command": service.get("command"),
        }
    return view


CASES = {
    "base": ({"a.yml": BASE}, ["a.yml"]),
    "override": ({"a.yml": BASE, "b.yml": OVERRIDE}, ["a.yml", "b.yml"]),
    "extends": ({"a.yml": EXTENDS, "common.yml": COMMON}, ["a.yml"]),
    "include": ({"a.yml": INCLUDES, **PARTS}, ["a.yml"]),
    "in-a-folder": ({"deploy/a.yml": COMMON, ".env": "PG=1\n"}, ["deploy/a.yml"]),
    "dotenv": (
        {"a.yml": BASE, ".env": "# versions\nPG='16'\nLEVEL=warn # quiet\nexport X=${PG}\n"},
        ["a.yml"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_merged_view_is_what_compose_resolves(name: str, tmp_path: Path) -> None:
    texts, files = CASES[name]
    write(tmp_path, texts)
    stacks, problems, _ = stack_from_files(Repository(tmp_path), files)
    assert not problems
    data = resolved(tmp_path, files)
    assert our_view(stacks[0], tmp_path) == compose_view(data)
    for kind in ("volume", "secret", "config"):
        assert set(stacks[0].declarations(kind)) >= set(data.get(f"{kind}s") or {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$A-$$A-${A}", "1-$A-1"),
        ("${B:-x}${B-y}${E:-z}${E-z}", "xyz"),
        ("${A:+set}${B:+set}", "set"),
        ("${B:-${A:-n}}", "1"),
        ("${B:-a}b}", "ab}"),
        ("$2y$10$A $ a$", "$2y$101 $ a$"),
        ("${B:-$2y$10}", "$2y$10"),
    ],
)
def test_interpolation(text: str, expected: str) -> None:
    assert interpolate(text, {"A": "1", "E": ""}) == expected


@pytest.mark.parametrize("text", ["${A", "${}", "${A!}", "${A:}", "${a.b}", "${A:-" * 60 + "}" * 60])
def test_malformed_interpolation(text: str) -> None:
    with pytest.raises(InterpolationError):
        variables(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${A} ${B}", ["B"]),
        ("${EMPTY} ${EMPTY?} ${EMPTY:?}", ["EMPTY", "EMPTY"]),
        ("${B:-${C}} ${A:-${D}}", ["C"]),
        ("${A:+${C}} ${B:+${D}} ${B-x}", ["C"]),
        ("$B $$C", ["B"]),
    ],
)
def test_variables_without_value_or_default(text: str, expected: list[str]) -> None:
    assert [variable.name for variable in unset(text, {"A": "a", "EMPTY": ""})] == expected


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        ("bakend", ["backend", "frontend"], "backend"),
        ("postgers", ["postgres"], "postgres"),
        ("db_data", ["db-data", "db"], "db-data"),
        ("app", ["api"], None),
        ("db1", ["db2", "db"], None),
        ("webs", ["web", "web-s"], None),
    ],
)
def test_slips_of_the_fingers(word: str, known: list[str], expected: str | None) -> None:
    assert slip(word, known) == expected


def test_nothing_is_read_through_a_link_that_leads_out(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("outside")
    root = tmp_path / "repository"
    root.mkdir()
    (root / "link.txt").symlink_to("../secret.txt")
    repository = Repository(root)
    assert repository.read("link.txt") is None
    assert repository.read("../secret.txt") is None
    assert repository.outside("link.txt")


def test_a_pipe_and_a_huge_file_read_as_absent(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yml")
    with open(tmp_path / "huge.yml", "wb") as file:
        file.truncate(MAXIMUM_READ + 1)
    repository = Repository(tmp_path)
    assert repository.read("pipe.yml") is None
    assert repository.read("huge.yml") is None
    assert repository.exists("pipe.yml")


def test_only_the_very_path_is_tracked(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": ""})
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "a.txt"], cwd=tmp_path, check=True)
    repository = Repository(tmp_path)
    assert repository.is_tracked("a.txt")
    assert not repository.is_tracked("*.txt")


def test_variables_that_double_one_another_stay_small(tmp_path: Path) -> None:
    lines = ["A0=x", *(f"A{number}=$A{number - 1}$A{number - 1}" for number in range(1, 60))]
    text = "services:\n  web:\n    image: $A59\n"
    write(tmp_path, {".env": "\n".join(lines), "compose.yaml": text})
    (stack,), *_ = stack_from_files(Repository(tmp_path), ["compose.yaml"])
    assert max(len(value) for value in stack.environment.values()) <= MAXIMUM_GROWTH


keys = st.sampled_from(
    ["services", "web", "image", "build", "volumes", "ports", "environment", "<<", "extends", "include",
     "networks", "healthcheck", "test", "command", "file", "service", "secrets", "tmpfs", "configs"]
)  # fmt: skip
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.just("web") | st.just("a:b:c"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(keys, odd, max_size=4))
def test_odd_files_never_raise(data: dict[str, Any]) -> None:
    from tempfile import TemporaryDirectory

    from fixer.engine import check
    from fixer.options import Options

    with TemporaryDirectory() as folder:
        Path(folder, "compose.yaml").write_text(json.dumps(data))
        report = check(Repository(Path(folder)), [], Options(unsafe=True), fix=True)
        assert not [problem for problem in report.problems if problem.internal]


def test_a_service_says_how_often_and_in_which_profiles_it_runs(tmp_path: Path) -> None:
    text = """
    services:
      one: {image: x, scale: 2, profiles: [dev, "${PROFILE:-test}"]}
      two: {image: x, deploy: {replicas: "${REPLICAS:-3}"}}
      three: {image: x, deploy: {replicas: "${REPLICAS}"}}
    """
    (tmp_path / "compose.yaml").write_text(text)
    (stack,) = stack_from_files(Repository(tmp_path), ["compose.yaml"]).stacks
    replicas = {name: service.replicas for name, service in stack.services.items()}
    assert replicas == {"one": 2, "two": 3, "three": 1}
    assert stack.services["one"].profiles == {"dev", "test"}
    assert stack.services["two"].profiles == frozenset()
