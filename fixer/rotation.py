"""New values for the secrets that a plan moves out of the repository, which has shown them to everyone
who could read it.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote

from fixer.documents.dotenv import DotenvDocument
from fixer.documents.source import Source
from fixer.plan import FileChange, FileState, Plan, Step
from fixer.stack import Repository, Stack
from fixer.stack.secrets import KeptSecret, kept_secrets

NAME = "rotate"
ALPHABET = string.ascii_letters + string.digits
LENGTH = 32
"""Characters of a new value, which have about 190 bits."""

SHORTEST = 6
"""Characters of a value that is looked for in other files; shorter ones may be words of any text."""


class Rotation(NamedTuple):
    """The plan with the step that puts new values in place; the secrets that have one now, and the moved
    ones that keep theirs, each with the reason."""

    plan: Plan
    renewed: tuple[KeptSecret, ...]
    left: tuple[tuple[KeptSecret, str], ...]


def rotated(plan: Plan, repository: Repository, stacks: Sequence[Stack]) -> Rotation:
    """Give a plan that renews the secrets which it moves. `repository` and `stacks` are what they are
    once it is carried out."""
    groups: dict[str, list[KeptSecret]] = {}
    for secret in kept_secrets(stacks):
        value = _value_of(secret, repository)
        if value:
            groups.setdefault(value, []).append(secret)
    unlisted = _unlisted(stacks, repository)
    states: dict[str, FileState] = {}
    renewed: list[KeptSecret] = []
    left: list[tuple[KeptSecret, str]] = []
    for value, group in groups.items():
        moved = [secret for secret in group if _is_moved(plan, secret)]
        reason = _reason_to_keep(value, group, moved, repository, unlisted)
        if moved and reason:
            left += [(secret, reason) for secret in moved]
        elif moved:
            new = new_value()
            for secret in moved:
                state = states.get(secret.path) or repository.state(secret.path)
                if state is not None:
                    states[secret.path] = _renewed(secret, state, new)
            renewed += moved
    changes = tuple(FileChange(path, repository.state(path), state) for path, state in states.items())
    if not changes:
        return Rotation(plan, (), tuple(left))
    step = Step(NAME, tuple(f"{each.name} gets a new value" for each in renewed), changes)
    return Rotation(plan._replace(steps=(*plan.steps, step)), tuple(renewed), tuple(left))


def _value_of(secret: KeptSecret, repository: Repository) -> str:
    content = repository.read(secret.path) if secret.path else None
    if content is None:
        return ""
    if secret.kind == "file":
        return content.decode("utf-8", "replace")
    return DotenvDocument(content).get(secret.name) or ""


def _reason_to_keep(
    value: str,
    group: Sequence[KeptSecret],
    moved: Sequence[KeptSecret],
    repository: Repository,
    unlisted: Sequence[str],
) -> str:
    """Why what has one value, as the moved secrets of a group, cannot get another one; empty where it
    can."""
    if not any(secret.is_own for secret in group):
        return "somebody else decides on it"
    if "\n" in value.strip():
        return "it is a file that a program makes"
    if len(moved) < len(group):
        other = next(each for each in group if each not in moved)
        return f"{other.name} of {other.path} has the same value"
    if len(value) < SHORTEST:
        return "it is too short to be looked for elsewhere"
    spelt = {value.encode(), quote(value, safe="").encode()}
    for path in dict.fromkeys((*repository.files, *unlisted, *(secret.path for secret in group))):
        known = sum(secret.path == path for secret in group)
        content = repository.searchable(path) or b""
        if sum(content.count(each) for each in spelt) > known:
            return f"{path} has the value too"
    return ""


def _unlisted(stacks: Sequence[Stack], repository: Repository) -> list[str]:
    """The files that git does not show and that the stacks may read all the same: those beside Compose
    files, and those that services mount or get variables from."""
    folders = {file.path.rpartition("/")[0] for each in stacks for file in each.files}
    found = [path for folder in sorted(folders) for path in repository.listed(folder)]
    for service in (each for one in stacks for each in one.services.values()):
        found += [mount.path for mount in service.bind_mounts if mount.path]
        found += [file.path for file in service.env_files if file.path]
    return [path for path in dict.fromkeys(found) if repository.is_file(path)]


def _is_moved(plan: Plan, secret: KeptSecret) -> bool:
    """Whether the plan is what puts the secret where it is kept."""
    change = next((each for each in plan.changes if each.path == secret.path), None)
    if change is None or change.after is None:
        return False
    if secret.kind == "file":
        return change.before is None
    held = DotenvDocument(change.before.content).get(secret.name) if change.before else None
    return not held and bool(DotenvDocument(change.after.content).get(secret.name))


def _renewed(secret: KeptSecret, state: FileState, value: str) -> FileState:
    if secret.kind == "file":
        return FileState(value.encode(), state.mode)
    edit = DotenvDocument(state.content).set(secret.name, value)
    return FileState(Source(state.content).edited([edit]), state.mode)


def new_value() -> str:
    """Give a strong value that begins with a letter and has capitals, small letters and digits, as some
    servers want, and nothing that a shell, a URL or a `.env` file changes."""
    while True:
        value = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        wanted = (str.isupper, str.islower, str.isdigit)
        if value[0].isalpha() and all(any(map(is_kind, value)) for is_kind in wanted):
            return value
