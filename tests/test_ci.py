"""How teams run dockfix unattended: the action, the template, the hooks, and what docs/ci.md shows."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.cases import dockfix, git
from tests.hub import TOKEN, Hub
from tests.runner import Runner
from tests.servers import needs

ROOT = Path(__file__).parent.parent
ACTION = ROOT / "action.yml"
TEMPLATE = ROOT / "docs" / "gitlab-ci.yml"
COMMIT = "0123456789abcdef0123456789abcdef01234567"

GOOD = """\
services:
  shop:
    image: bookshop/shop:1.4
"""
BROKEN = GOOD + "    volumes: [data:/srv]\n"


def finds_nothing(program: str, *arguments: str, folder: Path = ROOT) -> None:
    """Hold that one of the programs installed beside Python has nothing to say."""
    command = [str(Path(sys.executable).parent / program), *arguments]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def load(text: str) -> Any:
    return YAML(typ="safe").load(text)


def repository(folder: Path, compose: str) -> Path:
    folder.mkdir()
    (folder / "compose.yaml").write_text(compose)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "the stack as it is")
    return folder


# GitHub


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This working tree, committed, for GitHub's runner and pre-commit. pip leaves things in it."""
    folder = tmp_path_factory.mktemp("checkout") / "dockfix"
    skipped = shutil.ignore_patterns(
        ".git", ".venv", ".*_cache", "build", "*.egg-info", "fixtures", "tests"
    )
    shutil.copytree(ROOT, folder, ignore=skipped)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "dockfix")
    return folder


@pytest.fixture(scope="session")
def runner(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """A runner on which the action's first step has installed dockfix."""
    runner = Runner(checkout, tmp_path_factory.mktemp("runner"))
    runner.install()
    return runner


def test_check_fails_on_findings_alone(runner: Runner, tmp_path: Path) -> None:
    ran = runner.run(repository(tmp_path / "broken", BROKEN))
    assert (ran.status, ran.outputs["status"], ran.outputs["findings"]) == (1, "1", "1")
    assert "compose.yaml:4:15: error undeclared-volume" in ran.log
    sarif = json.loads(Path(ran.outputs["sarif"]).read_text())
    assert [each["ruleId"] for each in sarif["runs"][0]["results"]] == ["undeclared-volume"]
    ran = runner.run(repository(tmp_path / "good", GOOD))
    assert (ran.status, ran.outputs["status"], ran.outputs["findings"]) == (0, "0", "0")


def test_the_runner_obeys_nothing_that_a_check_prints(runner: Runner, tmp_path: Path) -> None:
    folder = repository(tmp_path / "broken", GOOD)
    (folder / "::error::compose.yaml").write_text(BROKEN)
    lines = runner.run(folder).log.splitlines()
    start = next(line for line in lines if line.startswith("::stop-commands::"))
    end = f"::{start.removeprefix('::stop-commands::')}::"
    assert "::error::compose.yaml" in lines[lines.index(start) : lines.index(end)]


def test_annotate_shows_findings_at_their_lines_and_in_the_summary(
    runner: Runner, tmp_path: Path
) -> None:
    ran = runner.run(repository(tmp_path / "broken", BROKEN), mode="annotate")
    assert ran.status == 1
    assert re.search(r"(?m)^::error .*file=compose\.yaml,.*line=4", ran.log)
    assert "undeclared-volume" in ran.summary


def test_a_file_that_cannot_be_read_hides_no_findings(runner: Runner, tmp_path: Path) -> None:
    folder = repository(tmp_path / "shop", BROKEN)
    (folder / "compose.other.yaml").write_text("services:\n  a: [b\n  c: }\n  d: {\n")
    ran = runner.run(folder, mode="annotate")
    assert (ran.status, ran.outputs["findings"]) == (2, "1")
    assert "undeclared-volume" in ran.summary


def test_the_inputs_are_options(runner: Runner, tmp_path: Path) -> None:
    folder = repository(tmp_path / "shop", 'version: "3"\n' + GOOD)
    assert runner.run(folder).status == 1
    assert runner.run(folder, fail_on="error").status == 0
    assert runner.run(folder, changed_since="HEAD").status == 0
    assert runner.run(folder, arguments="--ignore\nobsolete-version\n").status == 0
    (folder / "a b").mkdir()
    assert runner.run(folder, paths="a b").status == 0
    assert runner.run(folder, paths="a b\ncompose.yaml\n").status == 1
    dockfix(folder, "--baseline", "accepted.json", "--write-baseline")
    assert runner.run(folder, baseline="accepted.json").status == 0
    wrong = runner.run(folder, fail_on="$(touch x)")
    assert (wrong.status, wrong.outputs) == (2, {"status": "2"})
    assert not (folder / "x").exists()


def test_a_wrong_mode_is_told(runner: Runner, tmp_path: Path) -> None:
    ran = runner.run(repository(tmp_path / "shop", GOOD), mode="fix")
    assert (ran.status, ran.log) == (2, "::error::mode must be check, annotate or branch.\n")


def test_only_mode_branch_sees_the_token_and_gives_it_to_git(runner: Runner, tmp_path: Path) -> None:
    step = runner.action["runs"]["steps"][1]
    assert "secret" not in runner.settings(step, {"mode": "annotate", "token": "secret"}).values()
    settings = runner.settings(step, {"mode": "branch"})
    question = "protocol=https\nhost=github.com\n\n"
    told = subprocess.run(
        ["git", "credential", "fill"],
        cwd=tmp_path,
        env={**os.environ, **settings, "GIT_CONFIG_GLOBAL": os.devnull},
        input=question,
        capture_output=True,
        text=True,
    )
    assert told.stdout.endswith("username=x-access-token\npassword=the-job's-token\n")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bare repository `octo/app.git` which takes push options, at every host that ssh goes to."""
    folder = tmp_path / "server" / "octo" / "app.git"
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "--bare", "-b", "main")
    git(folder, "config", "receive.advertisePushOptions", "true")
    hook = folder / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nenv | grep ^GIT_PUSH_OPTION_ >options\ntrue\n")
    hook.chmod(0o755)
    ssh = tmp_path / "ssh"
    ssh.write_text(f'#!/bin/sh\nfor command; do :; done\ncd "{tmp_path}/server" && eval "$command"\n')
    ssh.chmod(0o755)
    monkeypatch.setenv("GIT_SSH", str(ssh))
    monkeypatch.setenv("GIT_SSH_VARIANT", "simple")
    return folder


def published(folder: Path, url: str) -> Path:
    """A broken stack's repository, pushed, and cloned as a runner does."""
    original = repository(folder.parent / "original", BROKEN)
    git(original, "push", "-q", url, "main")
    git(folder.parent, "clone", "-q", "--depth", "1", url, str(folder))
    return folder


@needs("gh", "openssl")
def test_mode_branch_opens_a_pull_request_and_brings_it_up_to_date(
    runner: Runner, hub: Hub, server: Path, tmp_path: Path
) -> None:
    folder = published(tmp_path / "shop", "git@localhost:octo/app.git")
    inputs = {"mode": "branch", "token": TOKEN}
    first = runner.run(folder, f"https://{hub.host}", **inputs)
    address = f"https://{hub.host}/octo/app/pull/1"
    assert (first.status, first.outputs) == (0, {"status": "0", "pull-request": address})
    assert "undeclared-volume" in git(server, "log", "-1", "--format=%B", "dockfix/fixes").decode()
    again = runner.run(folder, f"https://{hub.host}", **inputs)
    assert again.outputs == first.outputs
    assert len(hub.pulls) == 1
    assert TOKEN not in first.log + again.log + (folder / ".git" / "config").read_text()


@needs("shellcheck")
def test_shellcheck_finds_nothing_in_the_steps(tmp_path: Path) -> None:
    for step in load(ACTION.read_text())["runs"]["steps"]:
        path = tmp_path / "step.sh"
        path.write_text("#!/bin/bash\n" + step["run"])
        result = subprocess.run(["shellcheck", str(path)], capture_output=True, text=True)
        assert result.returncode == 0, result.stdout


def test_linters_find_nothing_in_the_action_and_the_workflow() -> None:
    finds_nothing("check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml")
    finds_nothing("actionlint")
    finds_nothing("zizmor", "--offline", "--persona=pedantic", "action.yml", ".github/workflows")


# GitLab


def job(name: str) -> list[str]:
    script = load(TEMPLATE.read_text())[name]["script"]
    assert isinstance(script, list)
    return script


def run_job(runner: Runner, folder: Path, script: list[str], **variables: str) -> int:
    """Run the lines of a job's script as GitLab's runner does, with dockfix installed."""
    path = f"{runner.temporary}/dockfix/bin:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "DOCKFIX_ARGUMENTS": "", **variables}
    command = ["sh", "-ec", "\n".join(script)]
    return subprocess.run(command, cwd=folder, env=environment).returncode


def test_the_template_is_what_gitlab_takes() -> None:
    finds_nothing("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", str(TEMPLATE))


def test_the_check_on_gitlab_reports_code_quality(runner: Runner, tmp_path: Path) -> None:
    folder = repository(tmp_path / "shop", BROKEN)
    assert run_job(runner, folder, job("dockfix")) == 1
    name = load(TEMPLATE.read_text())["dockfix"]["artifacts"]["reports"]["codequality"]
    (entry,) = json.loads((folder / name).read_text())
    assert entry["location"]["path"] == "compose.yaml"
    assert run_job(runner, folder, job("dockfix"), DOCKFIX_ARGUMENTS="--ignore undeclared-volume") == 0
    assert json.loads((folder / name).read_text()) == []


def test_the_branch_on_gitlab_is_pushed_with_the_masked_token_alone(
    runner: Runner, tmp_path: Path
) -> None:
    folder = repository(tmp_path / "shop", GOOD)
    git(folder, "remote", "add", "origin", "https://gitlab-ci-token:job@gitlab.example.org/shop.git")
    git(folder, "config", "credential.helper", "!echo password=job; echo username=job; :")
    *setting, branch = job("dockfix-branch")
    assert branch.startswith("dockfix branch --push")
    question = "protocol=https\\nhost=gitlab.example.org\\n\\n"
    ask = f"git credential fill >told <<.\n{question}.".encode().decode("unicode_escape")
    url = "https://gitlab.example.org/shop"
    token = {"DOCKFIX_TOKEN": "glpat-example", "CI_PROJECT_URL": url}
    assert run_job(runner, folder, [*setting, ask], **token) == 0
    assert (folder / "told").read_text().endswith("username=dockfix\npassword=glpat-example\n")
    assert git(folder, "remote", "get-url", "origin").decode() == f"{url}.git\n"
    assert "glpat" not in (folder / ".git" / "config").read_text()


def test_the_scheduled_job_on_gitlab_pushes_the_branch(
    runner: Runner, server: Path, tmp_path: Path
) -> None:
    url = "git@gitlab.example.org:octo/app"
    folder = published(tmp_path / "shop", f"{url}.git")
    git(folder, "checkout", "-q", "--detach")
    variables = {"CI_PROJECT_URL": url, "CI_COMMIT_REF_NAME": "main", "DOCKFIX_TOKEN": "glpat-example"}
    assert run_job(runner, folder, job("dockfix-branch"), **variables) == 0
    assert "undeclared-volume" in git(server, "log", "-1", "--format=%B", "dockfix/fixes").decode()
    options = (server / "options").read_text()
    assert "merge_request.create" in options
    assert "merge_request.target=main" in options


# pre-commit


@pytest.fixture
def shop(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository for pre-commit, whose environments are made once."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(checkout.parent / "home"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return repository(tmp_path / "shop", GOOD)


def configure(folder: Path, checkout: Path, *names: str) -> None:
    commit = git(checkout, "rev-parse", "HEAD").decode().strip()
    listed = ", ".join(f"{{id: {name}}}" for name in names)
    text = f"repos:\n- repo: {checkout}\n  rev: {commit}\n  hooks: [{listed}]\n"
    (folder / ".pre-commit-config.yaml").write_text(text)
    git(folder, "add", "-A")


def pre_commit(folder: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pre_commit", *arguments]
    result = subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return result.returncode, result.stdout


def test_the_check_hook_lets_no_broken_stack_be_committed(shop: Path, checkout: Path) -> None:
    configure(shop, checkout, "dockfix")
    status, printed = pre_commit(shop, "run", "--all-files")
    assert status == 0, printed
    status, printed = pre_commit(shop, "install")
    assert status == 0, printed
    git(shop, "commit", "-qm", "A hook")
    (shop / "compose.yaml").write_text(BROKEN)
    with pytest.raises(subprocess.CalledProcessError):
        git(shop, "commit", "-qam", "A broken stack")
    status, printed = pre_commit(shop, "run", "--all-files")
    assert status == 1
    assert "compose.yaml:4:15: error undeclared-volume" in printed
    assert (shop / "compose.yaml").read_text() == BROKEN


def test_the_fix_hook_repairs_and_fails_until_that_is_staged(shop: Path, checkout: Path) -> None:
    (shop / "compose.yaml").write_text(BROKEN)
    configure(shop, checkout, "dockfix-fix", "dockfix")
    status, printed = pre_commit(shop, "run", "--all-files")
    assert status == 1
    assert "files were modified by this hook" in printed
    assert (shop / "compose.yaml").read_text() == BROKEN + "\nvolumes:\n  data:\n    driver: local\n"
    git(shop, "add", "-A")
    status, printed = pre_commit(shop, "run", "--all-files")
    assert status == 0, printed


@pytest.mark.parametrize(
    ("path", "is_looked_at"),
    [
        ("compose.yaml", True),
        ("deploy/docker-compose.prod.yml", True),
        ("shop.compose.yml", True),
        ("docker-stack.yml", True),
        ("api/Dockerfile", True),
        ("worker.Dockerfile", True),
        ("Dockerfile.dev", True),
        ("Containerfile", True),
        (".env", True),
        ("api/.env.example", True),
        (".dockerignore", True),
        ("composer.json", False),
        ("decompose.yaml", False),
        ("docs/dockerfiles.md", False),
        ("environment.yml", False),
    ],
)
def test_the_hooks_know_files_by_name(path: str, is_looked_at: bool) -> None:
    patterns = {hook["files"] for hook in load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    (pattern,) = patterns
    assert bool(re.search(pattern, path)) == is_looked_at


# What docs/ci.md shows


def shown() -> dict[str, str]:
    """The files of docs/ci.md by the path in their first line, numbered where it comes again."""
    text = (ROOT / "docs" / "ci.md").read_text()
    blocks = re.findall(r"(?ms)^```yaml\n# (\S+)\n(.*?)^```$", text)
    filled = [
        (path, block.replace("OWNER", "owner").replace("COMMIT", COMMIT)) for path, block in blocks
    ]
    return {f"{number}/{path}": block for number, (path, block) in enumerate(filled)}


CHECKS = {
    "workflows": [
        ["actionlint"],
        ["zizmor", "--offline"],
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"],
    ],
    ".gitlab-ci.yml": [["check-jsonschema", "--builtin-schema", "vendor.gitlab-ci"]],
    ".pre-commit-config.yaml": [["pre-commit", "validate-config"]],
}


@pytest.mark.parametrize("path", shown())
def test_what_the_page_shows_is_valid(path: str, tmp_path: Path) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(shown()[path])
    (checks,) = (each for name, each in CHECKS.items() if name in path)
    for command in checks:
        finds_nothing(*command, str(file), folder=tmp_path)


@pytest.mark.parametrize("path", [path for path in shown() if "workflows" in path])
def test_the_page_gives_the_action_the_inputs_that_it_has(path: str) -> None:
    action = load(ACTION.read_text())
    for each in load(shown()[path])["jobs"].values():
        for step in each["steps"]:
            if "dockfix@" in step["uses"]:
                assert step.get("with", {}).keys() <= action["inputs"].keys()
            for output in re.findall(r"steps\.dockfix\.outputs\.([\w-]+)", str(step)):
                assert output in action["outputs"]


def test_the_page_names_every_input_and_output() -> None:
    text = (ROOT / "docs" / "ci.md").read_text()
    action = load(ACTION.read_text())
    named = set(re.findall(r"(?m)^\| `([\w-]+)` \|", text))
    assert named == action["inputs"].keys() | action["outputs"].keys()


# The project's own Docker files


def test_linters_find_nothing_in_the_container_of_the_checks() -> None:
    finds_nothing("hadolint", ".ci/Dockerfile")
    finds_nothing("tally", "lint", ".ci/Dockerfile")


def test_dockfix_finds_nothing_in_its_own_repository() -> None:
    result = dockfix(ROOT, "--fail-on", "note")
    assert result.returncode == 0, result.stdout.decode()
