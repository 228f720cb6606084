"""Writes the `after` of fixture cases from what dockfix makes of `before` now, for you to read.

python -m tests.accept FIX/CASE ...
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.cases import FIXTURES, Case, differences, dockfix, repository_of, tree


def accept(case: Case) -> None:
    """Write a case's `after`, or remove it where nothing is changed, and print what dockfix says and how
    `after` differs from `before`."""
    with tempfile.TemporaryDirectory() as folder:
        repository = repository_of(case.before, Path(folder, "repository"))
        result = dockfix(repository, *case.command)
        shutil.rmtree(repository / ".git")
        shutil.rmtree(case.after, ignore_errors=True)
        print(result.stdout.decode(), result.stderr.decode(), sep="")
        changed = differences(tree(case.before), tree(repository))
        if changed:
            shutil.copytree(repository, case.after, symlinks=True)
    print(changed or "Nothing is changed: the case has no after.")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        if not (FIXTURES / name / "before").is_dir():
            sys.exit(f"fixtures/{name}/before is no folder: name a case as FIX/CASE")
        accept(Case(name.partition("/")[0], FIXTURES / name))
