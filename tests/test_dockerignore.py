"""What stays out of a build: what is said of a .dockerignore, and what buildah does with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixer.documents.dockerignore import IgnoreFile
from tests.base_images import run
from tests.building import build, builds, copied, remove
from tests.cases import FIXTURES, git
from tests.servers import after

pytestmark = builds

PATHS = (
    ".git/config", ".env", ".env.example", ".env.local", "web/.env", "web/.env.production", "a.log",
    "web/a.log", "web/node_modules/x/index.js", "node_modules/x/index.js", "dist/a.js", "web/dist/a.js",
    "web/src/a.js", "secrets/key", "secrets/key.example", "docs/deep/down/a.md", "docs/a.md", "a[1].txt",
    "a+b.txt", "name with blanks.txt", "Dockerfile.dev",
)  # fmt: skip
PATTERNS = (
    "**/.env*\n!**/.env.example\n!web/.env.production\n",
    "# a comment\n\n  .git  \n/secrets\n!secrets/key.example\n",
    "*.log\nweb/dist/\n./dist\n**/node_modules\n",
    "**\n!web\nweb/**/a.js\n",
    "docs/**/a.md\n?[+]b.txt\nname with*\na\\[1].txt\nDockerfile*\n",
    "docs/*\n!docs/deep/**\n*/dist\n",
    "*\n!web/src/\n!docs\n",
)
CONTEXTS = sorted(
    path.parent for path in (FIXTURES / "missing-dockerignore").glob("*/after/**/.dockerignore")
)
DOCKERFILE = "FROM scratch\nCOPY . /\n"


def taken(context: Path) -> set[str]:
    """The files that an image has which copies a whole context."""
    (context.parent / "Dockerfile").write_text(DOCKERFILE)
    image = build(context, "../Dockerfile")
    container = run("buildah", "from", "--pull-never", image).strip()
    try:
        top = Path(run("buildah", "mount", container).strip())
        found = {path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file()}
        # What buildah itself puts into every container.
        return {path for path in found if not path.startswith(("dev/", "etc/", "proc/", "run/", "sys/"))}
    finally:
        run("buildah", "rm", container)
        remove(image)


@pytest.mark.parametrize("patterns", PATTERNS)
def test_what_stays_out_is_what_buildah_leaves_out(patterns: str, tmp_path: Path) -> None:
    context = tmp_path / "context"
    for path in PATHS:
        (context / path).parent.mkdir(parents=True, exist_ok=True)
        (context / path).write_text("")
    (context / ".dockerignore").write_text(patterns)
    file = IgnoreFile(patterns)
    said = {path for path in (*PATHS, ".dockerignore") if not file.leaves_out(path)}
    assert taken(context) == said


def test_a_pattern_that_takes_for_ever_leaves_nothing_out() -> None:
    file = IgnoreFile(f"{'*a' * 12}b\n*.md\n")
    assert [file.leaves_out(path) for path in ("a" * 80, "a.md")] == [False, True]


@pytest.mark.parametrize("context", CONTEXTS, ids=lambda path: path.relative_to(FIXTURES).parts[1])
def test_no_secret_gets_into_an_image(context: Path, tmp_path: Path) -> None:
    is_top = context.name == "after"
    context = copied(context, tmp_path / "context")
    if is_top:
        git(context, "init", "-q")
    found = taken(context)
    contents = [(context / path).read_bytes() for path in found]
    assert found and not any(b"not-for-the-image" in each for each in contents)
    reads_git = b"setuptools_scm" in b"".join(contents)
    assert any(path.startswith(".git/") for path in found) == reads_git


def test_the_build_has_all_that_it_needs(tmp_path: Path) -> None:
    context = copied(after("missing-dockerignore/environment-file"), tmp_path / "context")
    git(context, "init", "-q")
    image = build(context)
    container = run("buildah", "from", "--pull-never", image).strip()
    try:
        listed = run("buildah", "run", container, "--", "ls", "-A", "/app").split()
        assert listed == [".env.example", ".gitignore", "README.md", "main.py", "requirements.txt"]
    finally:
        run("buildah", "rm", container)
        remove(image)
