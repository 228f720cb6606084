"""Which findings fail a run, and what a path stands for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import dockfix
from tests.shops import DOCKERFILE, STACK, put, run, written


class TestFailOn:
    @pytest.mark.parametrize(
        ("severity", "expected"), [("error", [0, 0, 0]), ("warning", [1, 1, 0]), ("note", [1, 1, 1])]
    )
    def test_lesser_findings_are_told_and_do_not_fail(
        self, severity: str, expected: list[int], tmp_path: Path
    ) -> None:
        text = "services:\n  web:\n    image: web:1\n    # dockfix: ignore[nonsense]\n"
        text += "    environment: [A=1, A=2]\n"
        folder = written(tmp_path / "shop", compose_yaml=text)
        names = "--select=duplicate-variable,unused-ignore"
        results = [
            dockfix(folder, names, f"--fail-on={severity}", *mode)
            for mode in ([], ["--dry-run"], ["--apply"])
        ]
        assert [each.returncode for each in results] == expected
        assert b"unused-ignore" in results[0].stdout

    def test_a_stack_that_cannot_be_read_always_fails(self, tmp_path: Path) -> None:
        folder = written(tmp_path / "shop", compose_yaml="services: [")
        assert dockfix(folder, "--fail-on", "error").returncode == 2

    def test_a_wrong_severity_is_told(self, tmp_path: Path) -> None:
        result = dockfix(written(tmp_path / "shop", compose_yaml=STACK), "--fail-on", "fatal")
        assert (result.returncode, b"give error, warning or note" in result.stderr) == (2, True)


class TestNamedFiles:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = written(
            tmp_path / "shop",
            compose_yaml=(
                "services:\n  shop:\n    build: api\n    volumes: [data:/d]\n"
                "  prometheus:\n    image: prom/prometheus:v2.50.0\n"
                "    volumes: [./prometheus.yml:/etc/prometheus/prometheus.yml]\n"
            ),
            api__Dockerfile=DOCKERFILE,
            other__Dockerfile=DOCKERFILE,
            k8s__service_yaml="apiVersion: v1\nkind: Service\nmetadata: {name: shop}\n",
            chart__values_yaml="kind: {{ .Values.kind }}\n{{- if .Values.a }}\na: [b\n{{ end }}\n",
            prometheus_yml=(
                "scrape_configs:\n  - job_name: shop\n"
                "    basic_auth: {username: shop, password: correct-horse-9}\n"
            ),
        )
        put(folder, ".github/workflows/ci.yml", "on: push\njobs:\n  a:\n    services:\n      db: {}\n")
        put(folder, "broken/stack.yml", "services:\n  shop: [\n")
        return folder

    def paths(self, folder: Path, *arguments: str) -> set[str]:
        return {each["path"] for each in run(folder, *arguments)["findings"]}

    def test_a_file_stands_for_itself_in_the_stacks_that_read_it(self, folder: Path) -> None:
        assert self.paths(folder, "api/Dockerfile") == {"api/Dockerfile"}
        assert self.paths(folder / "api", "Dockerfile") == {"api/Dockerfile"}
        assert self.paths(folder, "prometheus.yml") == {"prometheus.yml"}

    def test_a_compose_file_among_them_is_looked_at_as_ever(self, folder: Path) -> None:
        alone = run(folder, "compose.yaml")["findings"]
        assert run(folder, "compose.yaml", "api/Dockerfile", "k8s/service.yaml")["findings"] == alone

    def test_what_is_of_no_stack_is_passed_over(self, folder: Path) -> None:
        names = ["other/Dockerfile", "k8s/service.yaml", ".github/workflows/ci.yml", "chart/values.yaml"]
        for paths in ([each] for each in names):
            assert dockfix(folder, *paths).returncode == 0
        assert dockfix(folder, *names).returncode == 0

    def test_what_may_be_a_compose_file_is_not(self, folder: Path) -> None:
        for paths in (["broken/stack.yml"], ["broken/stack.yml", "other/Dockerfile"]):
            result = dockfix(folder, *paths)
            assert (result.returncode, b"broken/stack.yml:" in result.stdout) == (2, True)

    def test_a_stack_around_that_cannot_be_read_is_told(self, folder: Path) -> None:
        put(folder, "compose.yaml", "services: [\n")
        put(folder, "else/compose.yaml", "services: [\n")
        put(folder, "else/deep/Dockerfile", DOCKERFILE)
        for settings in ("", '[stacks]\nshop = ["compose.yaml"]\n'):
            put(folder, "dockfix.toml", settings)
            result = dockfix(folder, "api/Dockerfile")
            assert (result.returncode, result.stdout.count(b"not readable as YAML")) == (2, 1)
            assert result.stdout.startswith(b"compose.yaml:")
        put(folder, "compose.yaml", STACK)
        assert dockfix(folder, "api/Dockerfile").returncode == 0
        assert dockfix(folder, "--apply", "else/deep/Dockerfile").returncode == 0
        put(folder, "dockfix.toml", "")
        assert dockfix(folder, "--apply", "else/deep/Dockerfile").returncode == 2
        assert (folder / "else" / "compose.yaml").read_text() == "services: [\n"
