"""A plan judged by the real Compose before anything is written: it is asked about each stack as it is,
and as the plan would leave it in a copy that stands in for the repository.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from fixer import compose
from fixer.compose import Files
from fixer.documents.source import Position
from fixer.options import Options
from fixer.place import Place, Problem
from fixer.plan import FileState, Plan
from fixer.progress import Progress, untold
from fixer.report import Report
from fixer.stack import Repository
from fixer.stack.discovery import is_below
from fixer.wording import counted


def judged(
    report: Report,
    program: str,
    check: Callable[[Options], Report],
    options: Options,
    progress: Progress = untold,
) -> Report:
    """Give the report, or that of another check without the fixes that would leave a stack refused
    which Compose accepts as it is. It holds what Compose says of the stacks that stay refused.

    Raises OSError where the program cannot be run, or the copy cannot be made.
    """
    dropped: list[Problem] = []
    while True:
        asked = touched(report)
        progress("Asking Compose", counted(len(asked), "stack"))
        before = compose.refusals(program, Path(report.plan.root), asked)
        after = _planned(program, report, report.plan, asked)
        worse = [files for files in after if files not in before]
        if not worse:
            return report._replace(problems=(*report.problems, *dropped), refused=after)
        culprits = {_culprit(program, report, files): files for files in worse}
        for fix, files in culprits.items():
            message = f"{fix} is dropped: Compose would refuse {' with '.join(files)}: {after[files]}"
            dropped.append(Problem(Place(files[0], Position(1, 1)), message, internal=True))
        options = options._replace(ignore=(*options.ignore, *culprits))
        report = check(options)


def touched(report: Report) -> list[Files]:
    """Give the stacks that a plan may touch, through their files or through others of the project."""
    changed = [change.path for change in report.plan.changes]
    return [
        files
        for files, members in report.stacks.items()
        if any(path in members or _is_near(path, files) for path in changed)
    ]


def _is_near(path: str, files: Files) -> bool:
    """Whether a path lies below the project's folder, where `.env` and its like are."""
    folder = files[0].rpartition("/")[0]
    return not folder or is_below(path, [folder])


def refused_before(report: Report, program: str) -> dict[Files, str]:
    """Give what Compose says of the stacks that it refuses as they are, in a checkout that has the
    private files which the plan makes: git will have none of them, so a branch mends nothing by them.

    Raises OSError where the program cannot be run, or the copy cannot be made.
    """
    states = {
        change.path: change.after
        for change in report.plan.changes
        if change.before is None and change.after is not None and not change.after.mode & 0o077
    }
    with _stand_in(report, states) as folder:
        return compose.refusals(program, folder, report.stacks)


def _planned(program: str, report: Report, plan: Plan, stacks: Sequence[Files]) -> dict[Files, str]:
    """What Compose refuses once a plan is carried out."""
    states = {change.path: change.after for change in plan.changes}
    with _stand_in(report, states) as folder:
        return compose.refusals(program, folder, stacks)


def _culprit(program: str, report: Report, files: Files) -> str:
    """The first fix of a plan after which Compose refuses a stack."""
    steps = report.plan.steps
    for count in range(1, len(steps)):
        if _planned(program, report, Plan(report.plan.root, steps[:count]), [files]):
            return steps[count - 1].fix
    return steps[-1].fix


@contextmanager
def _stand_in(report: Report, states: Mapping[str, FileState | None]) -> Iterator[Path]:
    """A folder like the root but with other states of some files. What does not change is a link, but
    for the stacks' own files, of which Compose must not see where they really lie."""
    from tempfile import TemporaryDirectory

    root = Path(report.plan.root)
    repository = Repository(root)
    members = {path for each in report.stacks.values() for path in each}
    own = {path: repository.state(path) for path in members}
    with TemporaryDirectory(prefix="dockfix-") as name:
        folder = Path(name).resolve()
        _fill(folder, root, "", {**own, **states})
        yield folder


def _fill(folder: Path, root: Path, prefix: str, states: Mapping[str, FileState | None]) -> None:
    """Put into `folder` what the root has below `prefix`, or will have."""
    depth = len(prefix)
    inside = {path[depth:]: state for path, state in states.items() if path.startswith(prefix)}
    folders = {path.partition("/")[0] for path, state in inside.items() if "/" in path and state}
    for name, state in inside.items():
        if "/" not in name and state is not None:
            (folder / name).write_bytes(state.content)
    existing = os.listdir(root / prefix) if (root / prefix).is_dir() else []
    for name in dict.fromkeys([*existing, *folders]):
        if name in folders:
            (folder / name).mkdir()
            _fill(folder / name, root, f"{prefix}{name}/", states)
        elif name not in inside:
            (folder / name).symlink_to(root / prefix / name)
