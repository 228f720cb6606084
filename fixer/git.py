"""Git, called so that nothing which a repository's own configuration names is executed."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from fixer.discretion import discreet

if TYPE_CHECKING:
    import subprocess

SAFE = (
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "diff.orderFile=/dev/null",
)  # fmt: skip
"""Options that turn off what git would run, or read, by itself."""

PROGRAMS = re.compile(
    r"filter\..*\.(clean|smudge|process|required)|merge\..*\.driver|diff\..*\.(command|textconv)"
    r"|gpg\.((openpgp|x509|ssh)\.)?program|gpg\.ssh\.defaultkeycommand|trailer\..*\.(cmd|command)"
    r"|diff\.external|core\.(editor|pager|alternaterefscommand)|sequence\.editor",
    re.DOTALL,
)
"""The settings, in lower case, that name what git executes when it reads, checks out or commits."""

ROADS = re.compile(
    r"core\.(sshcommand|gitproxy|askpass)|remote\..*\.(uploadpack|receivepack|vcs)|protocol\..*allow"
    r"|credential\..*helper",
    re.DOTALL,
)
"""Those that name what reaches a remote. Only who asks for a remote has them executed: in a partial
clone git would go there by itself."""

HARMLESS = {
    "driver": "false", "required": "false", "gpg.program": "gpg", "gpg.openpgp.program": "gpg",
    "gpg.x509.program": "gpgsm", "gpg.ssh.program": "ssh-keygen", "core.editor": "true",
    "sequence.editor": "true", "core.sshcommand": "ssh", "uploadpack": "git-upload-pack",
    "receivepack": "git-receive-pack", "allow": "user",
}  # fmt: skip
"""What such a setting becomes, by its name or its last part; others become empty, which is none."""

ELSEWHERE = {
    "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_GRAFT_FILE", "GIT_REPLACE_REF_BASE", "GIT_PREFIX",
    "GIT_SHALLOW_FILE", "GIT_IMPLICIT_WORK_TREE", "GIT_NAMESPACE", "GIT_QUARANTINE_PATH",
}  # fmt: skip
"""Variables that lead git to another repository than the folder's; hooks are run with them."""


class GitError(Exception):
    """What git refuses, in its words, without what opens a remote."""


def run(folder: Path, *arguments: str) -> bytes | None:
    """Give what git prints when it only reads, or None where it fails or is not installed."""
    import subprocess

    command = ["git", "-C", str(folder), *SAFE, *arguments]
    environment = _environment({"GIT_OPTIONAL_LOCKS": "0"})
    try:
        result = subprocess.run(command, capture_output=True, env=environment, check=False)
    except OSError:
        return None
    return result.stdout if result.returncode == 0 else None


def call(
    folder: Path, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None
) -> bytes:
    """Give what git prints, also where it writes. No program that the repository's configuration names
    is run: no hook, filter, merge driver. Nobody is asked for a password.

    Raises GitError.
    """
    return _called(folder, arguments, stdin, _disarmed(folder) | dict(environment or {})).stdout


def reach(folder: Path, *arguments: str) -> str:
    """Give what git prints where a remote is asked, without the newline at its end. The ways to remotes
    are those that are configured.

    Raises GitError.
    """
    return os.fsdecode(
        _called(folder, arguments, b"", _disarmed(folder, reaching=True)).stdout
    ).removesuffix("\n")


def push(folder: Path, *arguments: str) -> str:
    """Push what is named and nothing else, and give what the remote says.

    Raises GitError.
    """
    options = ("push", "--quiet", "--no-verify", "--no-follow-tags", "--recurse-submodules=no")
    result = _called(folder, (*options, *arguments), b"", _disarmed(folder, reaching=True))
    return os.fsdecode(result.stderr)


def _called(
    folder: Path, arguments: Sequence[str], stdin: bytes, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[bytes]:
    import subprocess

    command = ["git", "-C", str(folder), *SAFE, *arguments]
    added = {"GIT_TERMINAL_PROMPT": "0", "GIT_LFS_SKIP_SMUDGE": "1", "LC_ALL": "C"}
    complete = _environment({**added, **environment})
    try:
        result = subprocess.run(command, input=stdin, capture_output=True, env=complete, check=False)
    except OSError as error:
        raise GitError(f"git cannot be run: {error.strerror}") from None
    if result.returncode != 0:
        raise GitError(_complaint(result.stderr) or f"git {arguments[0]} failed")
    return result


def text(folder: Path, *arguments: str) -> str:
    """Give what git prints as a text without the newline at its end.

    Raises GitError.
    """
    return os.fsdecode(call(folder, *arguments)).removesuffix("\n")


@cache
def _disarmed(folder: Path, reaching: bool = False) -> dict[str, str]:
    """The variables that put in place of each program which the repository's own configuration names
    the one that the user's names, or none; where a remote is asked for, what reaches it stays."""
    listed = run(folder, "config", "--show-scope", "-z", "--list") or b""
    fields = os.fsdecode(listed).split("\0")[:-1]
    named: set[str] = set()
    users: dict[str, str] = {}
    for scope, entry in zip(fields[::2], fields[1::2], strict=False):
        key, _, value = entry.partition("\n")
        name = key.lower()
        is_program = PROGRAMS.fullmatch(name) or (not reaching and ROADS.fullmatch(name))
        if is_program and scope in ("local", "worktree"):
            named.add(key)
        elif is_program:
            users[key] = value
    first = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
    variables = {"GIT_CONFIG_COUNT": str(first + len(named))}
    for number, key in enumerate(sorted(named), first):
        harmless = HARMLESS.get(key.lower()) or HARMLESS.get(key.rpartition(".")[2].lower(), "")
        variables[f"GIT_CONFIG_KEY_{number}"] = key
        variables[f"GIT_CONFIG_VALUE_{number}"] = users.get(key, harmless)
    return variables


def _environment(added: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    # A replaced object is not what the repository holds, and what is pushed.
    return {**inherited, "GIT_NO_REPLACE_OBJECTS": "1", **added}


def _complaint(stderr: bytes) -> str:
    """What git complains of, in one line."""
    lines = [line.strip() for line in os.fsdecode(stderr).splitlines()]
    told = [line for line in lines if line and not line.startswith(("hint:", "warning:", "To "))]
    return discreet("; ".join(told))


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


def commit_of(folder: Path, reference: str) -> str | None:
    """Give the hash of the commit that a reference names, or None where there is none."""
    named = f"{reference}^{{commit}}"
    found = run(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", named)
    return found.decode().strip() if found else None


def changed_since(root: Path, reference: str) -> frozenset[str]:
    """Give the paths that differ from where the history left a commit, tag or branch, with what is not
    committed or not tracked yet.

    Raises GitError where there is no such commit, or no git.
    """
    if top_level(root) is None:
        raise GitError("this is no git checkout, which alone knows what has changed")
    there = commit_of(root, reference)
    if there is None:
        raise GitError("there is no such commit here; in a shallow clone, fetch it first")
    # A shallow clone may lack the common ancestor; the commit itself shows more changes, never fewer.
    start = (run(root, "merge-base", there, "HEAD") or b"").decode().strip() or there
    listing = ("diff", "--name-only", "--no-renames", "--no-ext-diff", "--relative", "-z")
    # What was changed in a submodule without a commit, git would ask its own configuration about.
    paths = call(root, *listing, "--ignore-submodules=dirty", start, "--")
    paths += call(root, "ls-files", "-z", "--others", "--exclude-standard")
    # A repository inside that is no submodule is named with a slash.
    return frozenset(path.removesuffix("/") for path in os.fsdecode(paths).split("\0") if path)
