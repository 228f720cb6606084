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
    """Write a case's `after`, and print what dockfix says and how `after` differs from `before`."""
    with tempfile.TemporaryDirectory() as folder:
        repository = repository_of(case.before, Path(folder, "repository"))
        result = dockfix(repository, *case.command)
        shutil.rmtree(repository / ".git")
        shutil.rmtree(case.after, ignore_errors=True)
        shutil.copytree(repository, case.after, symlinks=True)
    print(result.stdout.decode(), result.stderr.decode(), sep="")
    print(differences(tree(case.before), tree(case.after)))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        accept(Case(name.partition("/")[0], FIXTURES / name))
