"""Git, called so that nothing which a repository's configuration names is executed."""

from __future__ import annotations

import os
from pathlib import Path

SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
"""Options that turn off what git would run by itself when it only reads."""

ELSEWHERE = {"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE"}
"""Variables that lead git to another repository than the folder's; hooks are run with them."""


def run(folder: Path, *arguments: str) -> bytes | None:
    """Give what git prints, or None where it fails or is not installed."""
    import subprocess

    command = ["git", "-C", str(folder), *SAFE, *arguments]
    environment = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    environment["GIT_OPTIONAL_LOCKS"] = "0"
    try:
        result = subprocess.run(command, capture_output=True, env=environment, check=False)
    except OSError:
        return None
    return result.stdout if result.returncode == 0 else None


def top_level(folder: Path) -> Path | None:
    """Give the top of the checkout that a folder lies in. No git is started: `.git` tells."""
    for each in (folder, *folder.parents):
        if (each / ".git").exists():
            return each
    return None


def git_directory(root: Path) -> Path | None:
    """Give the folder in which git keeps a checkout's own state, also for a linked worktree."""
    found = run(root, "rev-parse", "--absolute-git-dir")
    return Path(os.fsdecode(found).removesuffix("\n")) if found else None


class GitError(Exception):
    """What git refuses; the message says why."""


def changed_since(root: Path, reference: str) -> frozenset[str]:
    """Give the paths that differ from where the history left a commit, tag or branch, with what is not
    committed or not tracked yet.

    Raises GitError where there is no such commit.
    """
    named = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
    commit = run(root, *named)
    if commit is None:
        raise GitError("there is no such commit here; in a shallow clone, fetch it first")
    there = commit.decode().strip()
    # A shallow clone may lack the common ancestor; the commit itself shows more changes, never fewer.
    start = (run(root, "merge-base", there, "HEAD") or b"").decode().strip() or there
    listing = ("diff", "--name-only", "--no-renames", "--no-ext-diff", "--relative", "-z", start)
    paths = run(root, *listing, "--") or b""
    paths += run(root, "ls-files", "-z", "--others", "--exclude-standard") or b""
    return frozenset(path for path in os.fsdecode(paths).split("\0") if path)
