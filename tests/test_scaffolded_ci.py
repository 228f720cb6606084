"""The pipelines that dockfix writes: given to the linters of their platform, their commands run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.cases import COMPOSE, FIXTURES, git, repository_of, tree

WORKFLOWS = sorted((FIXTURES / "scaffold-ci").glob("*/after/.github/workflows/containers.yml"))
PIPELINES = [
    path
    for after in sorted((FIXTURES / "scaffold-ci").glob("*/after"))
    for path in (after / ".gitlab-ci.yml", after / ".gitlab/containers.yml")
    if path.exists() and path.relative_to(after).as_posix() not in tree(after.parent / "before")
]
BOTH = [*WORKFLOWS, *PIPELINES]


def case_of(path: Path) -> str:
    return path.relative_to(FIXTURES).parts[1]


def after_of(path: Path) -> Path:
    return FIXTURES / "scaffold-ci" / case_of(path) / "after"


def finds_nothing(program: str, *arguments: str, folder: Path | None = None) -> None:
    """Hold that one of the programs installed beside Python has nothing to say."""
    command = [str(Path(sys.executable).parent / program), *arguments]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def load(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text())


@pytest.mark.parametrize("path", WORKFLOWS, ids=case_of)
def test_the_linters_of_workflows_find_nothing(path: Path) -> None:
    finds_nothing("actionlint", str(path))
    finds_nothing("zizmor", "--offline", "--persona=pedantic", str(path))
    finds_nothing("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(path))


@pytest.mark.parametrize("path", PIPELINES, ids=case_of)
def test_a_pipeline_is_what_gitlab_takes(path: Path) -> None:
    finds_nothing("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", str(path))
    stages = (load(after_of(path) / ".gitlab-ci.yml") or {}).get("stages", ["test"])
    jobs = load(path)
    assert jobs[".containers"]["stage"] in stages


def scripts(path: Path) -> list[list[str]]:
    """The commands of a pipeline, line by line, job by job."""
    data = load(path)
    if "jobs" in data:
        steps = [
            [step["run"] for step in job["steps"] if "run" in step] for job in data["jobs"].values()
        ]
        return [
            [line for run in each for line in run.replace("\\\n", "").splitlines()] for each in steps
        ]
    return [job["script"] for job in data.values() if isinstance(job, dict) and "script" in job]


@pytest.mark.parametrize("path", BOTH, ids=case_of)
def test_compose_takes_the_stack_in_a_fresh_clone(path: Path, tmp_path: Path) -> None:
    repository = repository_of(after_of(path), tmp_path / "repository")
    data = load(path)
    variables = {
        name: str(value) for name, value in (data.get("env") or data.get("variables") or {}).items()
    }
    services = [
        name
        for job in data.values()
        for each in (job.values() if "jobs" in data and isinstance(job, dict) else [job])
        if isinstance(each, dict)
        for name in services_of(each)
    ]
    ran = 0
    for number, lines in enumerate(scripts(path)):
        clone = tmp_path / str(number)
        git(tmp_path, "clone", "-q", str(repository), str(clone))
        for line in lines:
            if line.startswith(("cp ", "touch ", "docker compose ")):
                for service in services if "$SERVICE" in line else [""]:
                    environment = {**os.environ, **variables, "SERVICE": service}
                    command = line.replace("docker compose", str(COMPOSE))
                    subprocess.run(["sh", "-c", command], cwd=clone, env=environment, check=True)
                    ran += 1
    assert services and ran > len(services)


def services_of(job: dict[str, Any]) -> list[str]:
    matrix = (job.get("strategy") or {}).get("matrix") or {}
    parallel = (job.get("parallel") or {}).get("matrix") or [{}]
    return [*matrix.get("service", []), *parallel[0].get("SERVICE", [])]


@pytest.mark.parametrize("path", BOTH, ids=case_of)
def test_hadolint_reads_its_policy_and_the_dockerfiles(path: Path) -> None:
    lines = [line for each in scripts(path) for line in each if "hadolint " in line]
    assert lines
    for line in lines:
        finds_nothing("hadolint", *line.rpartition("hadolint ")[2].split(), folder=after_of(path))
