"""The real Compose, asked what it makes of a stack. It needs no Docker engine for that."""

from __future__ import annotations

import os
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

PATIENCE = 120
"""Seconds after which Compose has lost itself, as it does in a mapping that merges itself."""


def find() -> str | None:
    """Give the path of the Compose on this machine, or None."""
    from shutil import which

    places = [Path(folder).expanduser() / "docker-compose" for folder in PLUGINS]
    plugin = next((str(path) for path in places if os.access(path, os.X_OK)), None)
    return plugin or which("docker-compose")


def refusals(program: str, root: Path, stacks: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """Give what Compose says of each `-f` list that it refuses; those it accepts are left out.

    Raises OSError where the program cannot be run.
    """
    import subprocess

    found: dict[tuple[str, ...], str] = {}
    for files in stacks:
        names = [argument for file in files for argument in ("-f", file)]
        command = [program, *names, "--profile", "*", "config", "--quiet"]
        try:
            result = subprocess.run(
                command, cwd=root, capture_output=True, text=True, check=False, timeout=PATIENCE
            )
        except subprocess.TimeoutExpired:
            found[files] = f"no answer within {PATIENCE} seconds"
            continue
        if result.returncode != 0:
            found[files] = (result.stderr.strip().splitlines() or ["no message"])[-1]
    return found
