"""The real Compose, asked what it makes of a stack. It needs no Docker engine for that."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

PLUGINS = (
    "~/.docker/cli-plugins",
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
    "/Applications/Docker.app/Contents/Resources/cli-plugins",
)
"""Where Docker looks for its `compose` plugin."""

QUOTING = r"(unexpected character|unterminated quoted value).*"
"""Where Compose goes on with a line of an environment file, which can be a secret."""

Files = tuple[str, ...]
"""The `-f` list of a stack, as paths relative to the root."""

PATIENCE = 20
"""Seconds after which Compose has lost itself, as it does in a mapping that merges itself."""


def find() -> str | None:
    """Give the path of the Compose on this machine, or None."""
    from shutil import which

    places = [Path(folder).expanduser() / "docker-compose" for folder in PLUGINS]
    plugin = next((str(path) for path in places if os.access(path, os.X_OK)), None)
    return plugin or which("docker-compose")


def version(program: str) -> str | None:
    """Give the version that a Compose says it is of, or None where it does not say."""
    import subprocess

    command = [program, "version", "--short"]
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout.strip() or None


def named(engine: str) -> str | None:
    """Give the Compose that `--engine` names, or None where none is asked."""
    if engine == "never":
        return None
    return find() if engine == "auto" else engine


def refusals(program: str, root: Path, stacks: Iterable[Files]) -> dict[Files, str]:
    """Give what Compose says of each stack that it refuses; those it accepts are left out.

    Raises OSError where the program cannot be run.
    """
    from concurrent.futures import ThreadPoolExecutor

    asked = list(stacks)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = pool.map(lambda files: _answer(program, root, files), asked)
        return {files: answer for files, answer in zip(asked, answers, strict=True) if answer}


def _answer(program: str, root: Path, files: Files) -> str:
    """What Compose says when it refuses a stack; empty where it accepts it."""
    import subprocess

    names = [argument for file in files for argument in ("-f", file)]
    command = [program, *names, "--profile", "*", "config", "--quiet"]
    try:
        result = subprocess.run(
            command, cwd=root, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {PATIENCE} seconds"
    if result.returncode == 0:
        return ""
    lines = result.stderr.replace(f"{root}/", "").splitlines()
    # Warnings come first, and the text that an error is about, which can be a secret, last.
    line = next((line for line in lines if line and not line.startswith("time=")), "no message")
    return re.sub(QUOTING, r"\1", line)
