"""Where a password goes when it leaves the stack's files, and what other checkouts need to know."""

from __future__ import annotations

from fixer.changes import Change, CreateFile, EditYaml, EnsureLine
from fixer.documents.dotenv import quoted
from fixer.documents.yaml import Append, Operation, Set
from fixer.stack import Service, Stack
from fixer.stack.merging import join

OWNER_ONLY = 0o600
SECRETS_FOLDER = "secrets"
MOUNTED = "/run/secrets/"


def to_dotenv(stack: Stack, name: str, value: str) -> list[Change] | None:
    """Give the changes that keep a value in the project's `.env`, which git ignores, and only its
    name in `.env.example`. None where git tracks the `.env` already."""
    folder, repository = stack.project_directory, stack.repository
    path = join(folder, ".env")
    if repository.exists(path) and repository.is_tracked(path):
        return None
    changes: list[Change] = []
    if name not in stack.environment:
        changes.append(EnsureLine(path, f"{name}={quoted(value)}", OWNER_ONLY))
    if not repository.is_ignored(path):
        changes.append(EnsureLine(join(folder, ".gitignore"), ".env"))
    changes.append(EnsureLine(join(folder, ".env.example"), f"{name}="))
    return changes


def to_file(stack: Stack, name: str, value: str) -> list[Change]:
    """Give the changes that keep a value in a file of its own, which git ignores. The file has no
    newline at its end, since some programs would take it for a part of the password."""
    folder = stack.project_directory
    path = join(folder, secret_path(name))
    changes: list[Change] = []
    if stack.repository.read(path) != value.encode():
        changes.append(CreateFile(path, value.encode(), OWNER_ONLY))
    if not stack.repository.is_ignored(path):
        changes.append(EnsureLine(join(folder, ".gitignore"), f"{SECRETS_FOLDER}/"))
    return changes


def secret_path(name: str) -> str:
    """Give the path of a secret's file, relative to the project's folder."""
    return f"{SECRETS_FOLDER}/{name}.txt"


def granted(service: Service, path: str, name: str, source: dict[str, str]) -> EditYaml:
    """Give the edit of a Compose file that declares a secret and lets a service read it."""
    operations: list[Operation] = []
    if all(reference.source != name for reference in service.secrets):
        operations.append(Append(("services", service.name, "secrets"), name))
    if not service.stack.declares("secret", name):
        operations.append(Set(("secrets", name), source))
    return EditYaml(path, tuple(operations))
