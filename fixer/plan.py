"""The changes chosen for one run, as the states of files before and after."""

from __future__ import annotations

from typing import NamedTuple


class FileState(NamedTuple):
    """A file's bytes and permission bits (0o644). Where a file is absent, None stands instead."""

    content: bytes
    mode: int


class FileChange(NamedTuple):
    """A file before and after; `source` names the file it was copied or renamed from."""

    path: str
    before: FileState | None
    after: FileState | None
    source: str | None = None


class Step(NamedTuple):
    """What one fix does in one pass: its name, where each finding is and what it says
    (`file:line:column: message`), its file changes, and whether containers behave differently."""

    fix: str
    messages: tuple[str, ...]
    changes: tuple[FileChange, ...]
    unsafe: bool = False


class Plan(NamedTuple):
    """Steps in the order in which they apply, each on what the steps before it left."""

    root: str
    steps: tuple[Step, ...]

    @property
    def changes(self) -> tuple[FileChange, ...]:
        """What the whole plan does to each file, by path; files that end as they began are left out."""
        whole: dict[str, FileChange] = {}
        for step in self.steps:
            for change in step.changes:
                first = whole.get(change.path)
                before = first.before if first else change.before
                source = (first.source if first else None) or change.source
                whole[change.path] = FileChange(change.path, before, change.after, source)
        return tuple(change for _, change in sorted(whole.items()) if change.before != change.after)
