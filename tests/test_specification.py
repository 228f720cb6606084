"""What the specification says of a file, held against the real Compose's own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixer.documents.yaml import YamlDocument
from fixer.stack.specification import complaints
from tests.cases import compose_says


@pytest.mark.parametrize(
    "setting",
    [
        "ports: 80",
        "ports: [true]",
        "ports: {80: 80}",
        "ports: [{published: 80}]",
        "depends_on: db",
        "depends_on: {db: {restart: true}}",
        "environment: text",
        "environment: [{A: b}]",
        "environment: {A: [b]}",
        "environment: {A: 2024-01-31}",
        "user: 1000",
        "command: 5",
        "healthcheck: text",
        "healthcheck: {disable: 1}",
        "healthcheck: {interval: 30}",
        "deploy: text",
        "deploy: {replicas: []}",
        "deploy: {resources: {limits: {memory: 5}}}",
        "deploy: {resources: {reservations: {devices: [{count: 1}]}}}",
        "mem_limit: true",
        "mem_reservation: true",
        "cpu_count: true",
        "init: 3",
        "pid: 3",
        "profiles: [1]",
        "volumes: [{source: ./a, target: /a}]",
        "volumes: [./a: /a]",
        "devices: [/dev/a: /dev/b]",
        "networks: {front: text}",
        "extra_hosts: {a: 5}",
        "ulimits: {nofile: {soft: 1}}",
        "use_api_socket: text",
        "logging: {options: {compress: true}}",
    ],
)
def test_refusals_are_in_composes_words(setting: str, tmp_path: Path) -> None:
    text = f"services:\n  a:\n    image: nginx\n    {setting}\n"
    (complaint,) = complaints(YamlDocument(text.encode()))
    (tmp_path / "compose.yaml").write_text(text)
    said = compose_says(tmp_path, "compose.yaml")
    assert said.endswith((complaint.refusal, f"compose.yaml: {complaint.refusal}"))


@pytest.mark.parametrize(
    ("key", "text", "is_right"),
    [
        ("stop_grace_period", "1h5m30.5s", True),
        ("stop_grace_period", "2w1d", True),
        ("stop_grace_period", "30", False),
        ("stop_grace_period", "1 m", False),
        ("mem_limit", "1.5 GiB", True),
        ("mem_limit", "12B", True),
        ("mem_limit", "1Gi", False),
        ("mem_limit", "-1", False),
        ("cpus", "1e-1", True),
        ("cpus", "0,5", False),
        ("pids_limit", "+5", True),
        ("pids_limit", "5.0", False),
        ("init", "YES", True),
        ("init", "1", False),
    ],
)
def test_forms_are_composes(key: str, text: str, is_right: bool, tmp_path: Path) -> None:
    content = f'services:\n  a:\n    image: nginx\n    {key}: "{text}"\n'
    (tmp_path / "compose.yaml").write_text(content)
    found = [each.problem for each in complaints(YamlDocument(content.encode()))]
    assert found == ([] if is_right else ["form"])
    assert bool(compose_says(tmp_path, "compose.yaml")) != is_right
