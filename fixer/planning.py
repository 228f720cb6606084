"""From findings to file states: the changes of one fix, made in memory and proved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from fixer.changes import (
    Change,
    CopyFile,
    CreateFile,
    EditText,
    EditYaml,
    EnsureLine,
    RemoveFile,
    RenameFile,
    SetMode,
    SetVariable,
)
from fixer.documents.checking import check
from fixer.documents.dotenv import DotenvDocument
from fixer.documents.source import DishonestEdit, Edit, Source
from fixer.documents.yaml.checking import edited
from fixer.documents.yaml.operations import Operation
from fixer.documents.yaml.spans import EditError
from fixer.documents.yaml.tree import YamlDocument, YamlSyntaxError
from fixer.finding import Finding
from fixer.plan import FileChange, FileState, Step
from fixer.stack.discovery import is_below

if TYPE_CHECKING:
    from fixer.stack import Repository


class Outcome(NamedTuple):
    """What became of one fix's findings: the step (None where nothing was done), and those that
    cannot be made, with the reason. `bugs` are the ones whose result was not what they declare."""

    step: Step | None
    refused: tuple[tuple[Finding, str], ...] = ()
    bugs: tuple[tuple[Finding, str], ...] = ()


def plan_fix(repository: Repository, name: str, findings: Sequence[Finding]) -> Outcome:
    """Make the changes of one fix's findings together; where that fails, as many as go together.
    The others are found again in the next pass."""
    try:
        return Outcome(_step(repository, name, findings, _states(repository, findings)))
    except (EditError, ValueError, DishonestEdit):
        pass
    made: list[Finding] = []
    refused: list[tuple[Finding, str]] = []
    bugs: list[tuple[Finding, str]] = []
    for finding in findings:
        try:
            _states(repository, [finding])
        except EditError as error:
            refused.append((finding, str(error)))
        except (ValueError, DishonestEdit) as error:
            bugs.append((finding, str(error)))
        else:
            with suppress(EditError, ValueError, DishonestEdit):
                _states(repository, [*made, finding])
                made.append(finding)
    step = _step(repository, name, made, _states(repository, made)) if made else None
    return Outcome(step, tuple(refused), tuple(bugs))


class _States(NamedTuple):
    files: dict[str, FileState | None]
    sources: dict[str, str]


def _states(repository: Repository, findings: Iterable[Finding]) -> _States:
    """Give every file that the findings' changes touch as it will be.

    Raises EditError where a change does not fit, ValueError where two want the same characters.
    """
    changes: list[Change] = []
    for change in (each for finding in findings for each in finding.changes):
        if change not in changes:  # What several findings or stacks need is made once.
            changes.append(change)
    files: dict[str, FileState | None] = {}
    sources: dict[str, str] = {}
    for path, (operations, edits) in _edits_by_file(changes).items():
        files[path] = _edited_state(repository, path, operations, edits)
    for change in changes:
        if isinstance(change, EditYaml | EditText):
            continue
        _refuse_outside(repository, change.path)
        gone = change.source if isinstance(change, RenameFile) else change.path
        if isinstance(change, RenameFile | RemoveFile) and repository.is_link(gone):
            raise EditError(f"{gone} is a link, or lies behind one")
        state = files[change.path] if change.path in files else repository.state(change.path)
        match change:
            case EnsureLine():
                files[change.path] = _with_line(state, change)
            case SetVariable():
                files[change.path] = _with_variable(state, change)
            case CreateFile():
                _refuse_existing(repository, change.path, state)
                files[change.path] = FileState(change.content, change.mode)
            case CopyFile() | RenameFile():
                source = repository.state(change.source)
                if source is None:
                    raise EditError(f"{change.source} is not there")
                _refuse_existing(repository, change.path, state)
                files[change.path] = source
                sources[change.path] = change.source
                if isinstance(change, RenameFile):
                    files[change.source] = None
            case RemoveFile():
                files[change.path] = None
            case SetMode():
                if state is None:
                    raise EditError(f"{change.path} is not there")
                files[change.path] = FileState(state.content, change.mode)
    return _States(files, sources)


def _edits_by_file(
    changes: Iterable[Change],
) -> dict[str, tuple[list[Operation], list[Edit]]]:
    by_file: dict[str, tuple[list[Operation], list[Edit]]] = {}
    for change in changes:
        if isinstance(change, EditYaml):
            by_file.setdefault(change.path, ([], []))[0].extend(change.operations)
        elif isinstance(change, EditText):
            by_file.setdefault(change.path, ([], []))[1].extend(change.edits)
    return by_file


def _edited_state(
    repository: Repository, path: str, operations: list[Operation], edits: list[Edit]
) -> FileState:
    _refuse_outside(repository, path)
    state = repository.state(path)
    if state is None:
        raise EditError(f"{path} is not there")
    if operations and edits:
        raise ValueError(f"{path} is edited both as YAML and as text")
    if not operations:
        after = Source(state.content).edited(dict.fromkeys(edits))
        check(path, state.content, after)
        return FileState(after, state.mode)
    try:
        return FileState(edited(YamlDocument(state.content), operations), state.mode)
    except YamlSyntaxError as error:
        raise EditError(f"{path} is no YAML: {error.message}") from None


def _with_line(state: FileState | None, change: EnsureLine) -> FileState:
    line = change.line
    if state is None:
        return FileState(f"{line}\n".encode(), change.mode)
    source = Source(state.content)
    if any(text.strip() == line.strip() for _, text in source.lines()):
        return state
    end = len(source.text)
    start = "" if not source.text or source.text.endswith("\n") else "\n"
    return FileState(source.edited([Edit(end, end, f"{start}{line}\n")]), state.mode)


def _with_variable(state: FileState | None, change: SetVariable) -> FileState:
    content, mode = (state.content, state.mode) if state else (b"", change.mode)
    document = DotenvDocument(content)
    held = document.get(change.name)
    if held == change.value or (held is not None and not change.value):
        return FileState(content, mode)
    if held:
        raise EditError(f"{change.path} has another value for {change.name}")
    return FileState(document.source.edited([document.set(change.name, change.value)]), mode)


def _refuse_outside(repository: Repository, path: str) -> None:
    if repository.outside(path):
        raise EditError(f"{path} leads out of the repository")
    if is_below(path, repository.submodules):
        raise EditError(f"{path} lies in a submodule, which is a repository of its own")


def _refuse_existing(repository: Repository, path: str, state: FileState | None) -> None:
    if state is not None or repository.exists(path):
        raise EditError(f"{path} exists already")


def _step(
    repository: Repository, name: str, findings: Sequence[Finding], states: _States
) -> Step | None:
    changes = tuple(
        FileChange(path, before, after, states.sources.get(path))
        for path, after in sorted(states.files.items())
        if (before := repository.state(path)) != after
    )
    messages = tuple(f"{each.place}: {each.message}" for each in findings)
    return Step(name, messages, changes) if changes else None
