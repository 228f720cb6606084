"""How Compose is called for a stack, and which files a checkout makes before."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from shlex import quote

from fixer.stack import Repository, Stack
from fixer.stack.discovery import DEFAULT_NAMES
from fixer.stack.merging import join

EXAMPLES = ("{path}.example", "{path}.sample", "{path}.template", "{path}.dist", "{folder}env.example",
            "{folder}example.env")  # fmt: skip
"""What the example of a file of variables is called."""


def compose_command(stack: Stack, folder: str) -> str:
    """Give the words that a command for a stack begins with, where it is run in a folder."""
    repository = stack.repository
    default = next((name for name in DEFAULT_NAMES if repository.is_file(join(folder, name))), "")
    stem = default.rpartition(".")[0]
    overrides = (f"{stem}.override.{ending}" for ending in ("yml", "yaml"))
    override = next((name for name in overrides if repository.is_file(join(folder, name))), None)
    names = [os.path.relpath(path, folder or ".") for path in stack.named]
    if names == [default, *([override] if override else ())]:
        return "docker compose"
    return " ".join(("docker compose", *(f"-f {quote(name)}" for name in names)))


def example_of(repository: Repository, path: str) -> str:
    """Give the example under version control of a file of variables, empty where there is none."""
    folder = path.removesuffix(path.rpartition("/")[2])
    names = [form.format(path=path, folder=folder) for form in EXAMPLES]
    return next((name for name in names if name in repository.files), "")


def files_to_make(stack: Stack) -> Iterator[tuple[str, str, bool]]:
    """Yield the files of variables that a fresh clone lacks, with their example, empty where there is
    none, and whether Compose refuses the stack without."""
    repository = stack.repository
    needed = [file for service in stack.services.values() for file in service.env_files if file.required]
    required = [file.path for file in needed if file.path]
    others: Iterable[str] = (stack.dotenv_of(file) for file in stack.files)
    for path in dict.fromkeys([*required, *others]):
        if path not in repository.files:
            yield path, example_of(repository, path), path in required
