"""The modules of a Python project: which import each other, and from which folder they are found."""

from __future__ import annotations

import re
from functools import cached_property

from fixer.documents.python import Instance, PythonDocument, PythonSyntaxError
from fixer.scaffold.project import Project

ASIDE = (
    r"(?i)(^|/)(\.[^/]+|tests?|testing|examples?|samples?|demos?|docs?|benchmarks?|scripts|tools|"
    r"notebooks?|migrations|alembic|deploy|cookiecutter[^/]*|templates?)/"
    r"|(^|/)(test_[^/]*|[^/]*_test|conftest|setup|manage|noxfile|fabfile|tasks\.invoke)\.py\Z"
)
"""Modules that belong to a project's development and not to what runs."""

IMPORT = r"(?m)^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import\b|import[ \t]+([\w., \t]+))"
IS_RUN = r"(?m)^if\s+__name__\s*==\s*[\"']__main__[\"']"


class Modules:
    """The modules of a project that may run, by their paths."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._instances: dict[str, list[Instance]] = {}

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The modules' paths, those of tests, examples and tools left out."""
        return tuple(
            path
            for path in self.project.files
            if path.endswith(".py") and not re.search(ASIDE, path.removeprefix("src/"))
        )

    def naming(self, pattern: str) -> list[str]:
        """Give the modules whose text matches a pattern."""
        return [path for path in self.paths if re.search(pattern, self.project.text(path))]

    def instances(self, path: str) -> list[Instance]:
        """Give what a module's top level makes; nothing where it is no Python."""
        if path not in self._instances:
            try:
                self._instances[path] = PythonDocument(self.project.text(path).encode()).instances
            except PythonSyntaxError:
                self._instances[path] = []
        return self._instances[path]

    def base(self, path: str) -> str:
        """Give the folder that a module's imports are looked up from, empty for the project's own: the
        nearest to the top from which most of them are found."""
        counts = self._counts(path)
        best = max(counts.values())
        if best == 0 and path.startswith("src/") and path.count("/") > 1:
            return "src"
        return next(base for base, count in counts.items() if count == best)

    def finds_beside(self, path: str) -> bool:
        """Say whether a module finds the others from its own folder, as one that is run does."""
        counts = self._counts(path)
        is_part = re.search(r"(?m)^\s*from\s+\.", self.project.text(path)) is not None
        return not is_part and counts[path.rpartition("/")[0]] == max(counts.values())

    def _counts(self, path: str) -> dict[str, int]:
        """How many of a module's imports are found from each of the folders above it."""
        parts = path.split("/")[:-1]
        bases = ["/".join(parts[:count]) for count in range(len(parts) + 1)]
        names = self._imported(path)
        return {base: sum(self._has(base, name) for name in names) for base in bases}

    def name(self, path: str) -> str:
        """Give a module's dotted name, seen from its base."""
        base = self.base(path)
        below = path[len(base) + 1 :] if base else path
        return below.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def _imported(self, path: str) -> set[str]:
        """The first parts of the names that a module imports."""
        found = re.findall(IMPORT, self.project.text(path))
        names = {name for of, several in found for name in (of, *several.split(","))}
        return {name.strip().partition(".")[0] for name in names} - {""}

    def _has(self, base: str, name: str) -> bool:
        start = f"{base}/{name}" if base else name
        return f"{start}.py" in self._all or start in self._folders

    @cached_property
    def _all(self) -> frozenset[str]:
        return frozenset(path for path in self.project.files if path.endswith(".py"))

    @cached_property
    def _folders(self) -> frozenset[str]:
        """The folders that hold modules, at any depth."""
        return frozenset(
            "/".join(parts[:count])
            for path in self._all
            for parts in [path.split("/")]
            for count in range(1, len(parts))
        )

    def unimported(self, paths: list[str]) -> list[str]:
        """Give those of some modules that none of the others imports."""
        imported = {
            name
            for path in self.paths
            for of, several in re.findall(IMPORT, self.project.text(path))
            for name in (of, *(each.strip().partition(" ")[0] for each in several.split(",")))
        }
        return [path for path in paths if self.name(path) not in imported]

    def is_run(self, path: str) -> bool:
        """Say whether a module does something when it is run by itself."""
        return re.search(IS_RUN, self.project.text(path)) is not None
