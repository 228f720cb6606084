"""Continuous integration: what looks at images, their contents and secrets before they are used."""

from __future__ import annotations

import re

from fixer import git
from fixer.scaffold.ci.jobs import Jobs, jobs_of, plain
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.stack import Repository, Stack

GITHUB = ".github/workflows/containers.yml"
GITLAB = ".gitlab-ci.yml"
GITLAB_INCLUDED = ".gitlab/containers.yml"

ACTIONS = {
    "artifact": "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0",
    "bake": "docker/bake-action@a66e1c87e2eca0503c343edf1d208c716d54b8a8 # v7.1.0",
    "buildx": "docker/setup-buildx-action@37fe631027851001ddb9b187196cc803df7f5f0e # v4.3.0",
    "checkout": "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
    "sarif": "github/codeql-action/upload-sarif@8aad20d150bbac5944a9f9d289da16a4b0d87c1e # v4.36.2",
    "trivy": "aquasecurity/setup-trivy@81e514348e19b6112ce2a7e3ecbafe19c1e1f567 # v0.3.1",
}
"""The actions of a workflow, each at the commit that its release's tag names."""

VERSIONS = {"docker": "29", "gitleaks": "v8.30.1", "hadolint": "v2.15.1", "trivy": "v0.74.0"}

POLICIES = {
    "trivy.yaml": ("trivy.yml",),
    ".trivyignore": (".trivyignore.yaml",),
    ".hadolint.yaml": (".hadolint.yml",),
}
"""The files that say what must not be in an image or a Dockerfile, with their other names."""


def files(stack: Stack) -> Files:
    """Give the files, by path relative to the root."""
    repository, jobs = stack.repository, jobs_of(stack)
    is_on_gitlab = _is_on_gitlab(repository)
    pipeline = _pipeline(repository, jobs) if is_on_gitlab else {GITHUB: _workflow(jobs)}
    policies = [
        name for name, others in POLICIES.items() if not any(repository.is_file(each) for each in others)
    ]
    return {**pipeline, **{name: render(f"ci/{name.lstrip('.')}.j2") for name in policies}}


def _workflow(jobs: Jobs) -> str:
    return render(
        "ci/github.yml.j2",
        jobs=jobs,
        plain=plain,
        actions=ACTIONS,
        versions=VERSIONS,
        expression=lambda text: f"${{{{ {text} }}}}",
    )


def _pipeline(repository: Repository, jobs: Jobs) -> Files:
    own = repository.read(GITLAB)
    path = GITLAB_INCLUDED if own is not None else GITLAB
    stage = _stage((own or b"").decode("utf-8", "replace"))
    values = {"versions": VERSIONS, "stage": stage, "included": own is not None}
    return {path: render("ci/gitlab.yml.j2", jobs=jobs, plain=plain, **values)}


def _stage(pipeline: str) -> str:
    """The stage of a pipeline that tests: GitLab has one of that name where none is listed."""
    listed = re.search(r"(?m)^stages:[ \t]*(\[[^\]]*\]|(\n[ \t]*-.*)+)", pipeline)
    stages = re.findall(r"[\w.-]*\w[\w.-]*", listed[1]) if listed else []
    return "test" if "test" in stages or not stages else stages[0]


def _is_on_gitlab(repository: Repository) -> bool:
    """Whether the repository's pipelines run on GitLab, by where it is pushed to or what it has."""
    remote = (git.run(repository.root, "config", "--get", "remote.origin.url") or b"").decode()
    if "github.com" in remote or "gitlab" in remote:
        return "gitlab" in remote
    return repository.is_file(GITLAB) and not repository.is_directory(".github")
