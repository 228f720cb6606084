"""The plans that were applied, kept so that every one can be taken back.

A run's folder holds `run.json` and the files' contents before and after, by their hash. It is on
disk before the first file is replaced. Contents can hold secrets, so only the owner can read it.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from fixer import git, patch
from fixer.plan import FileChange, FileState, Plan, Step
from fixer.writing import replace

STARTED, APPLIED, UNDONE = "started", "applied", "undone"


class JournalError(Exception):
    """What was asked for cannot be done; nothing was changed. The message says why."""


class Run(NamedTuple):
    """One applied plan: its identifier, when it began (seconds since the epoch), its state, the
    plan, and the folders that it made."""

    identifier: str
    time: float
    state: str
    plan: Plan
    folders: tuple[str, ...]


class Journal:
    """The runs of one root: in its git directory or, where it is not the top of a checkout, in the
    user's state folder."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.folder = _folder(self.root)

    def runs(self) -> list[Run]:
        """Give all runs, the oldest first."""
        if not self.folder.is_dir():
            return []
        names = sorted(path.parent.name for path in self.folder.glob("*/run.json"))
        return [self._load(name) for name in names]

    def apply(self, plan: Plan) -> str:
        """Write a plan's files and give the run's identifier.

        Raises JournalError where a file is not what the plan started from or cannot be written.
        """
        with self._locked():
            for change in plan.changes:
                self._expect(change.path, change.before)
            folders = self._missing_folders(plan)
            made = [self._inside(folder) for folder in folders]
            identifier = self._identifier()
            self._save(Run(identifier, time.time(), STARTED, plan, folders))
            try:
                self._write_all({change.path: change.after for change in plan.changes})
            except JournalError:
                _remove_empty(made)
                self._save_state(identifier, UNDONE)
                raise
            self._save_state(identifier, APPLIED)
        return identifier

    def undo(self, identifier: str | None = None, only: str | None = None) -> list[str]:
        """Take a run back (the last one by default), or one fix of it; give the paths changed.

        An interrupted run is taken back as far as it came. Raises JournalError where a file was
        edited since so that it does not fit any more, or cannot be written; then nothing is changed.
        """
        with self._locked():
            run = self._find(identifier)
            if only is not None and only not in {step.fix for step in run.plan.steps}:
                raise JournalError(f"run {run.identifier} has no step of {only}")
            wanted = self._states_before(run, only)
            made = [self._inside(folder) for folder in run.folders]
            self._write_all(wanted)
            _remove_empty(made)
            left = tuple(step for step in run.plan.steps if only is not None and step.fix != only)
            plan = Plan(run.plan.root, left) if left else run.plan
            self._save(run._replace(state=run.state if left else UNDONE, plan=plan))
        return sorted(wanted)

    def _states_before(self, run: Run, only: str | None) -> dict[str, FileState | None]:
        """What each file must become. Computed whole before anything is written."""
        wanted: dict[str, FileState | None] = {}
        settled: set[str] = set()
        for change in run.plan.changes if only is None else ():
            current = self._state(change.path)
            if current == change.after:
                wanted[change.path] = change.before
            if current in (change.before, change.after):
                settled.add(change.path)
        for step in reversed(run.plan.steps):
            for change in step.changes:
                if only in (None, step.fix) and change.path not in settled:
                    current = wanted.get(change.path, self._state(change.path))
                    wanted[change.path] = _taken_back(change, current)
        return wanted

    def _find(self, identifier: str | None) -> Run:
        runs = [run for run in self.runs() if run.state != UNDONE]
        if identifier is not None:
            runs = [run for run in runs if run.identifier == identifier]
            if not runs:
                raise JournalError(f"there is no run {identifier} to take back (dockfix undo --list)")
        if not runs:
            raise JournalError("there is nothing to take back")
        return runs[-1]

    def _expect(self, path: str, state: FileState | None) -> None:
        if self._state(path) != state:
            raise JournalError(f"{path} changed while dockfix was at work; run it again")

    def _state(self, path: str) -> FileState | None:
        target = self._inside(path)
        if not target.is_file():
            return None
        return FileState(target.read_bytes(), target.stat().st_mode & 0o777)

    def _inside(self, path: str) -> Path:
        """The real path of a file, through links that stay inside the root."""
        target = Path(os.path.realpath(self.root / path))
        if not target.is_relative_to(self.root):
            raise JournalError(f"{path} leads out of {self.root}")
        return target

    def _write_all(self, states: Mapping[str, FileState | None]) -> None:
        """Write files. Where one cannot be written, those before it get back what they held."""
        written: dict[str, FileState | None] = {}
        try:
            for path, state in states.items():
                former = self._state(path)
                self._write(path, state)
                written[path] = former
        except OSError as error:
            for path, former in written.items():
                self._write(path, former)
            raise JournalError(f"{_why(error)}; nothing was changed") from None

    def _write(self, path: str, state: FileState | None) -> None:
        target = self._inside(path)
        if state is None:
            target.unlink(missing_ok=True)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        replace(target, state.content, state.mode)

    def _missing_folders(self, plan: Plan) -> tuple[str, ...]:
        missing: dict[str, None] = {}
        for change in plan.changes:
            if change.after is not None:
                for parent in Path(change.path).parents:
                    if not (self.root / parent).exists():
                        missing[parent.as_posix()] = None
        return tuple(missing)

    def _identifier(self) -> str:
        number = len(self.runs()) + 1
        return f"{time.strftime('%Y%m%d-%H%M%S')}-{number}"

    def _save(self, run: Run) -> None:
        folder = self.folder / run.identifier
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        steps = [
            {
                "fix": step.fix,
                "messages": list(step.messages),
                "changes": [
                    {
                        "path": change.path,
                        "before": self._keep(folder, change.before),
                        "after": self._keep(folder, change.after),
                        "source": change.source,
                    }
                    for change in step.changes
                ],
            }
            for step in run.plan.steps
        ]
        record = {
            "version": 1,
            "time": run.time,
            "state": run.state,
            "root": run.plan.root,
            "folders": list(run.folders),
            "steps": steps,
        }
        replace(folder / "run.json", json.dumps(record, indent=1).encode(), 0o600)
        for each in (folder, self.folder):
            _sync(each)

    def _save_state(self, identifier: str, state: str) -> None:
        self._save(self._load(identifier)._replace(state=state))

    def _keep(self, folder: Path, state: FileState | None) -> list[object] | None:
        if state is None:
            return None
        name = hashlib.sha256(state.content).hexdigest()
        if not (folder / name).exists():
            replace(folder / name, state.content, 0o600)
        return [name, state.mode]

    def _load(self, identifier: str) -> Run:
        folder = self.folder / identifier
        try:
            record = json.loads((folder / "run.json").read_bytes())

            def kept(entry: Any) -> FileState | None:
                if entry is None:
                    return None
                name, mode = entry
                content = (folder / name).read_bytes()
                # A name that is no hash could lead to any file, whose content undo would then write.
                if hashlib.sha256(content).hexdigest() != name:
                    raise ValueError("a content does not match its name")
                return FileState(content, mode)

            steps = tuple(
                Step(
                    step["fix"],
                    tuple(step["messages"]),
                    tuple(
                        FileChange(
                            each["path"], kept(each["before"]), kept(each["after"]), each["source"]
                        )
                        for each in step["changes"]
                    ),
                )
                for step in record["steps"]
            )
            plan = Plan(record["root"], steps)
            return Run(identifier, record["time"], record["state"], plan, tuple(record["folders"]))
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            raise JournalError(f"the journal {folder} cannot be read: {error}") from None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other runs away from this repository while one writes.

        Raises JournalError also where the journal cannot be written, or files cannot be put back.
        """
        import fcntl

        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(self.folder / "lock", "w") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise JournalError("another dockfix is at work here") from None
                yield
        except OSError as error:
            raise JournalError(f"{_why(error)}; dockfix undo takes back what a run began") from None


def _folder(root: Path) -> Path:
    # A folder inside a checkout is a root of its own: its paths mean nothing at the top.
    directory = git.git_directory(root) if git.top_level(root) == root else None
    if directory is not None:
        return directory / "dockfix"
    from platformdirs import user_state_path

    return user_state_path("dockfix") / hashlib.sha256(os.fsencode(root)).hexdigest()[:16]


def _why(error: OSError) -> str:
    return f"{error.filename2 or error.filename} cannot be written: {error.strerror}"


def _remove_empty(folders: Iterable[Path]) -> None:
    for folder in sorted(folders, reverse=True):
        # A folder that holds something else by now stays.
        with suppress(OSError):
            folder.rmdir()


def _sync(folder: Path) -> None:
    """Bring a folder's names to the disk: a file that is there can else be lost with its name."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _taken_back(change: FileChange, current: FileState | None) -> FileState | None:
    if current == change.after:
        return change.before
    if current is None or change.before is None or change.after is None:
        raise JournalError(f"{change.path} was edited, made or removed since; nothing was changed")
    content = patch.reverse(current.content, change.before.content, change.after.content)
    if content is None:
        raise JournalError(
            f"{change.path} was edited since where dockfix changed it; nothing was changed"
        )
    mode = change.before.mode if current.mode == change.after.mode else current.mode
    return FileState(content, mode)
