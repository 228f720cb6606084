"""A company's own fix, installed as a package, and Compose as the judge of what it does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cases import COMPOSE, dockfix, git

FIX = '''"""A service has an image.

## What is wrong

Nothing: this fix of a test makes a stack that Compose refuses.
"""

from fixer.changes import EditYaml
from fixer.documents.yaml import Rename
from fixer.finding import Finding, Fix, Safety, Severity

fix = Fix(summary="A service has an image.", severity=Severity.NOTE, safety=Safety.SAFE)


def detect(stack):
    for service in stack.services.values():
        image = service.value.get("image")
        if image is not None:
            edit = EditYaml(image.file.path, (Rename(image.route, "picture"),))
            yield Finding(image.at, "There is an image.", (edit,))
'''

STACK = "services:\n  web:\n    image: nginx:1.27\n"

CARELESS = '''"""A file has a first line.

## What is wrong

Nothing: this fix of a test writes into other files, and breaks some of them.
"""

from fixer.changes import EditText
from fixer.documents.source import Edit
from fixer.finding import Finding, Fix, Safety, Severity

fix = Fix(summary="A file has a first line.", severity=Severity.NOTE, safety=Safety.SAFE)

TEXTS = {
    "shop.py": "\\tx = 1\\n",
    "newer.py": "\\tx = 1\\n",
    "late.py": "x = 1\\n",
    "Dockerfile": "&& true\\n",
    "good.py": "x = 1\\n",
    "good.Dockerfile": "ARG VERSION\\n",
    "template.py": "x = 1\\n",
}


def detect(stack):
    at = next(iter(stack.services.values())).value.at
    for path, text in TEXTS.items():
        if (stack.repository.read(path) or b"").startswith(b"#"):
            edit = Edit(0, 1, f"{text}#")
            yield Finding(at, f"{path} has a first line.", (EditText(path, (edit,)),))
'''

FILES = {
    "shop.py": "# The shop.\nprint('open')\n",
    "newer.py": "# For a Python to come.\nmatch 1:\n    case x if (lambda: 1)(): print(f'{'a'}')\n",
    "late.py": "# The archive.\nfrom __future__ import annotations\n",
    "Dockerfile": "# The shop.\nFROM python:3.12-slim\n",
    "good.py": "# The shop.\nprint('open')\n",
    "good.Dockerfile": "# The shop.\nFROM python:3.12-slim\n",
    "template.py": "# The shop.\nprint({{ text }\n",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "compose.yaml").write_text(STACK)
    git(folder, "init", "-q")
    return folder


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder with an installed package that offers the fix."""
    folder = tmp_path / "packages"
    metadata = folder / "shop_fixes-1.0.dist-info"
    metadata.mkdir(parents=True)
    (folder / "harmful_image.py").write_text(FIX)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: shop-fixes\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[dockfix.fixes]\nharmful-image = harmful_image\n")
    return folder


def with_packages(packages: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    paths = [str(packages), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-m", "fixer", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, env=environment)


def test_an_installed_fix_is_found(packages: Path, repository: Path) -> None:
    assert b"harmful-image" in with_packages(packages, repository, "list").stdout
    assert b"There is an image." in with_packages(packages, repository).stdout


def test_a_fix_whose_result_compose_refuses_is_dropped_alone(packages: Path, repository: Path) -> None:
    (repository / "compose.yaml").write_text(f"version: '3'\n{STACK}")
    result = with_packages(packages, repository, "--apply", "--engine", str(COMPOSE))
    assert result.returncode == 3
    dropped = b"compose.yaml:1:1: harmful-image is dropped: Compose would refuse compose.yaml: "
    assert dropped + b"validating compose.yaml: services.web additional properties" in result.stdout
    assert (repository / "compose.yaml").read_text() == STACK


def test_the_dry_run_is_judged_as_well(packages: Path, repository: Path) -> None:
    result = with_packages(packages, repository, "--dry-run", "--engine", str(COMPOSE))
    assert (result.returncode, result.stdout) == (3, b"")


def test_what_compose_still_refuses_is_told(repository: Path) -> None:
    (repository / "app").mkdir()
    (repository / "app" / "compose.yaml").write_text(f"version: '3'\n{STACK}    ports: [web]\n")
    result = dockfix(repository, "--apply", "--select", "obsolete-version", "--engine", str(COMPOSE))
    assert result.returncode == 1
    assert b"Compose still refuses app/compose.yaml:\n    invalid containerPort: web" in result.stdout


def test_without_a_judge_the_fix_is_applied(packages: Path, repository: Path) -> None:
    result = with_packages(packages, repository, "--apply", "--engine", "never")
    assert b"(harmful-image)" in result.stdout
    assert b"picture:" in (repository / "compose.yaml").read_bytes()


def test_a_judge_that_cannot_be_run_is_told(repository: Path) -> None:
    (repository / "compose.yaml").write_text(f"version: '3'\n{STACK}")
    result = dockfix(repository, "--apply", "--engine", "/nowhere/docker-compose")
    assert result.returncode == 2
    assert b"cannot be run" in result.stderr
    assert (repository / "compose.yaml").read_text().startswith("version")


@pytest.mark.parametrize(
    "line",
    ["include: [https://example.org/shop.git]", "x-a: &a {b: *a}", "include: [/etc/compose.yaml]"],
)
def test_what_leads_elsewhere_or_has_no_end_is_not_asked_about(repository: Path, line: str) -> None:
    (repository / "compose.yaml").write_text(f"version: '3'\n{line}\n{STACK}")
    judge = repository.parent / "judge"
    judge.write_text("#!/bin/sh\necho asked >&2\nexit 1\n")
    judge.chmod(0o755)
    result = dockfix(repository, "--apply", "--select", "obsolete-version", "--engine", str(judge))
    assert b"asked" not in result.stdout
    assert not (repository / "compose.yaml").read_text().startswith("version")


def test_a_line_of_an_environment_file_is_not_repeated(repository: Path) -> None:
    (repository / "compose.yaml").write_text(f"version: '3'\n{STACK}    env_file: shop.env\n")
    (repository / "shop.env").write_text('hunter2!secret\nPASSWORD="hunter2secret\n')
    result = dockfix(repository, "--apply", "--select", "obsolete-version", "--engine", str(COMPOSE))
    assert b"Compose still refuses compose.yaml" in result.stdout
    assert b"hunter2" not in result.stdout


def test_an_edit_that_breaks_a_module_or_a_dockerfile_is_dropped_alone(
    packages: Path, repository: Path
) -> None:
    (packages / "harmful_image.py").write_text(CARELESS)
    for path, text in FILES.items():
        (repository / path).write_text(text)
    result = with_packages(packages, repository, "--apply", "--select", "harmful-image")
    output = " ".join(result.stdout.decode().split())
    assert result.returncode == 3
    for path in ("shop.py", "newer.py", "late.py"):
        assert f"harmful-image is dropped here: {path} would be no Python any more" in output
    assert "harmful-image is dropped here: Dockerfile would be no Dockerfile any more" in output
    changed = {path for path, text in FILES.items() if (repository / path).read_text() != text}
    assert changed == {"good.py", "good.Dockerfile", "template.py"}


def test_a_fix_that_fails_leaves_the_fix_branch_as_it_is(packages: Path, repository: Path) -> None:
    (repository / "compose.yaml").write_text(f"version: '3'\n{STACK}")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "the stack")
    branch = ("branch", "--engine", "never")
    assert with_packages(packages, repository, *branch).returncode == 0
    before = git(repository, "for-each-ref")
    (packages / "harmful_image.py").write_text(FIX.replace("stack.services.values()", "stack.nothing"))
    result = with_packages(packages, repository, *branch)
    assert result.returncode == 3
    assert (
        b"harmful-image failed here (AttributeError, ../packages/harmful_image.py:16)" in result.stderr
    )
    assert b"dockfix/fixes was left as it is; --ignore FIX does without one" in result.stderr
    assert git(repository, "for-each-ref") == before
    assert with_packages(packages, repository, *branch, "--ignore", "harmful-image").returncode == 0


@pytest.mark.parametrize("way", ["detect(stack)", "review(unused)", "propose(broken)"])
def test_a_fix_that_fails_in_whatever_it_does_is_told_and_the_others_go_on(
    way: str, packages: Path, repository: Path
) -> None:
    failing = FIX[: FIX.index("def detect")] + f"def {way}:\n    yield from [][0]\n"
    (packages / "harmful_image.py").write_text(failing)
    text = f"# dockfix: ignore[]\nversion: '3'\n{STACK}  shop\n    image: shop:1\n"
    (repository / "compose.yaml").write_text(text)
    result = with_packages(packages, repository, "--dry-run")
    assert result.returncode == 3
    assert b"harmful-image failed here (IndexError, " in result.stderr
    assert b"missing-colon" in result.stderr
    assert b"-version: '3'" in result.stdout
