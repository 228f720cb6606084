"""The fixture folders as test cases: each case's tree is copied to a repository of its own."""

from __future__ import annotations

import difflib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import compose  # type: ignore[import-untyped]

from fixer import registry

FIXTURES = Path(__file__).parent.parent / "fixtures"
COMPOSE = Path(compose.__file__).parent / "docker-compose"


SCAFFOLD = "scaffold-"
"""What the names of the folders start with whose cases are a scaffold's."""


class Case(NamedTuple):
    """A folder `fixtures/<fix>/<name>`; `after` does not exist where the fix must stay silent. Of
    a scaffold's case, `fix` is the folder's name too."""

    fix: str
    folder: Path

    @property
    def name(self) -> str:
        return f"{self.fix}/{self.folder.name}"

    @property
    def before(self) -> Path:
        return self.folder / "before"

    @property
    def after(self) -> Path:
        return self.folder / "after"

    @property
    def options(self) -> dict[str, Any]:
        path = self.folder / "options.toml"
        return tomllib.loads(path.read_text()) if path.exists() else {}

    @property
    def may_resolve_otherwise(self) -> bool:
        """Whether a stack that Compose accepts need not stay the same: unsafe fixes, those that give
        values by another road, and those of what Compose accepts but Docker does not."""
        family = {rule.name: rule.family for rule in registry.all_rules()}.get(self.fix)
        is_for_compose = family in ("syntax", "compose", "references", "conflicts", "ignores")
        # What a variable of `.env` takes the place of stays the same for the containers.
        is_moved = self.fix in ("hardcoded-password", "password-hash-in-label", "token-in-repository")
        is_moved = is_moved and "strategies" not in self.options and not any(self.after.rglob("secrets"))
        is_for_compose = is_for_compose or is_moved
        return not is_for_compose or any(self.options.get(key) for key in ("unsafe", "docker_refuses"))

    @property
    def arguments(self) -> list[str]:
        """The command line's options, with which the case is run."""
        options = self.options
        arguments = [] if self.fix == "stacks" else ["--select", self.fix]
        arguments += ["--unsafe"] if options.get("unsafe") else []
        for name, value in options.get("strategies", {}).items():
            arguments += ["--strategy", f"{name}={value}"]
        for file in options.get("files", []):
            arguments += ["-f", file]
        return [*arguments, *options.get("paths", [])]

    @property
    def command(self) -> list[str]:
        """The command line that makes `after` of `before`."""
        if not self.fix.startswith(SCAFFOLD):
            return ["--apply", *self.arguments]
        options = self.options
        files = [word for file in options.get("files", []) for word in ("-f", file)]
        return ["scaffold", self.fix.removeprefix(SCAFFOLD), *files, *options.get("paths", [])]


def cases() -> list[Case]:
    """The cases of fixes."""
    return [case for case in _folders() if case.fix != "stacks" and not case.fix.startswith(SCAFFOLD)]


def scaffolds() -> list[Case]:
    """The cases of what `dockfix scaffold` writes: `fixtures/scaffold-<name>/<case>`."""
    return [case for case in _folders() if case.fix.startswith(SCAFFOLD)]


def _folders() -> list[Case]:
    return [
        Case(folder.name, case)
        for folder in sorted(FIXTURES.iterdir())
        if folder.is_dir()
        for case in sorted(folder.iterdir())
    ]


def stacks() -> list[Case]:
    """The whole stacks of `fixtures/stacks`, which every fix is run on."""
    return [case for case in _folders() if case.fix == "stacks"]


def repository_of(tree: Path, folder: Path) -> Path:
    """Make a git repository in `folder` with the content of `tree`, committed."""
    shutil.copytree(tree, folder, symlinks=True)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "the stack as it is", "--allow-empty")
    return folder


def git(folder: Path, *arguments: str, stdin: bytes | None = None) -> bytes:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    command = ["git", "-c", "core.autocrlf=false", *identity, *arguments]
    return subprocess.run(command, cwd=folder, input=stdin, stdout=subprocess.PIPE, check=True).stdout


def dockfix(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command line in a folder."""
    environment = {**os.environ, "XDG_STATE_HOME": str(folder.parent / "state")}
    command = [sys.executable, "-m", "fixer", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, env=environment)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path, git's own left out."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files_below(folder)}


def differences(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> str:
    """How two trees differ, as a diff to read."""
    lines: list[str] = []
    for path in sorted(before.keys() | after.keys()):
        old, new = (
            [repr(line)[2:-1] for line in each.get(path, b"").splitlines(keepends=True)]
            for each in (before, after)
        )
        lines += difflib.unified_diff(old, new, path, path, lineterm="")
        if (path in before) != (path in after) and not old + new:
            lines.append(f"{path} is empty, and in one of the trees only")
    return "\n".join(lines)


def modes(folder: Path) -> dict[str, int]:
    """The permission bits of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.stat().st_mode & 0o777 for path in files_below(folder)
    }


def files_below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and ".git" not in path.relative_to(folder).parts:
            yield path


def compose_says(folder: Path, *files: str) -> str:
    """What the real Compose objects to in a list of files; empty where it accepts them."""
    names = [argument for file in files for argument in ("-f", file)]
    command = [str(COMPOSE), *names, "--profile", "*", "config", "-q"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return result.stderr.strip() if result.returncode else ""


def compose_resolves(folder: Path, *files: str) -> Any:
    """What the real Compose makes of a list of files, paths relative to the folder; None where it
    refuses them."""
    names = [argument for file in files for argument in ("-f", file)]
    command = [str(COMPOSE), *names, "--profile", "*", "config", "--format", "json"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return json.loads(result.stdout.replace(str(folder), ".")) if result.returncode == 0 else None


def compose_lists(case: Case, folder: Path) -> list[tuple[str, ...]]:
    """The `-f` lists that a case's stack is used with: the ones it names, else its default."""
    options = case.options
    if "stacks" in options:
        return [tuple(files) for files in options["stacks"]]
    if "files" in options:
        return [tuple(options["files"])]
    for base in ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"):
        if (folder / base).exists():
            override = base.replace(".y", ".override.y")
            return [(base, override) if (folder / override).exists() else (base,)]
    return []
