"""Which Python a project runs on."""

from __future__ import annotations

import re

from fixer.scaffold.dockerfiles.python.wheels import newest_python
from fixer.scaffold.project import Project
from fixer.scaffold.tables import table

DEFAULT = (3, 13)
KNOWN = tuple((3, minor) for minor in range(8, 15))
EXACT = {
    ".python-version": r"\A\s*(?:cpython-)?3\.(\d{1,4})",
    "runtime.txt": r"(?m)^python-3\.(\d{1,4})",
    ".tool-versions": r"(?m)^python\s+3\.(\d{1,4})",
    "Pipfile": r"(?m)^python_(?:full_)?version\s*=\s*[\"']3\.(\d{1,4})",
}
"""Files that name the one version that the project is developed with."""

TRIED = {
    r"(?i)dockerfile[^/]*\Z": r"(?im)^FROM\s+(?:\S+/)?python:\S+",
    r"\A\.github/workflows/": r"python-version.*",
    r"requirements([^/]*|/[^/]+)\.txt\Z": r"pip-compile with Python \S+",
    r"\A(pyproject\.toml|setup\.py|setup\.cfg)\Z": r"Python :: \S+",
}
"""Files, and the lines in them that name versions which the project was tried with."""

CLAUSE = r"(===|==|~=|!=|<=|>=|<|>|\^|~|)\s*3(?:\.(\d{1,4}|\*))?(?:\.(\d{1,4}|\*))?"


def version_of(project: Project, pinned: dict[str, str]) -> str:
    """Give the version that the project names, else the newest one that it allows, that the `pinned`
    releases can be installed on and that most packages support."""
    for name, pattern in EXACT.items():
        found = re.search(pattern, project.text(name))
        if found is not None:
            return f"3.{found[1]}"
    asked = _asked(project)
    allowed = [version for version in KNOWN if _allows(asked, version[1])]
    newest = newest_python(pinned) or KNOWN[-1][1]
    allowed = [version for version in allowed if version[1] <= newest] or allowed
    tested = [version for version in _tested(project) if version in allowed]
    if tested:
        return _text(max(tested))
    fitting = [version for version in allowed if version <= DEFAULT] or allowed[:1] or [DEFAULT]
    return _text(max(fitting))


def _text(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _asked(project: Project) -> str:
    """The condition that the manifest has for Python's version."""
    data = project.toml("pyproject.toml")
    for asked in (
        table(data, "project").get("requires-python"),
        table(data, "tool", "poetry", "dependencies").get("python"),
    ):
        if isinstance(asked, str):
            return asked
    found = re.search(r"python_requires\s*=\s*[\"']?([^\"'\n]+)", _setup(project))
    return found[1] if found else ""


def _setup(project: Project) -> str:
    return project.text("setup.cfg") + project.text("setup.py")


def _allows(asked: str, minor: int) -> bool:
    """Whether a condition allows a version of Python 3, whichever its last number is."""
    for alternative in asked.split("||"):
        clauses = re.findall(CLAUSE, alternative)
        if all(_fits(operator, named, patch, minor) for operator, named, patch in clauses):
            return True
    return False


def _fits(operator: str, named: str, patch: str, minor: int) -> bool:
    if named in ("", "*"):
        return operator not in ("<", "!=")
    number = int(named)
    if operator in ("==", "===", "", "~") or (operator == "~=" and patch):
        return minor == number
    if operator == "!=":
        return minor != number or patch not in ("", "*")
    if operator == "<":
        # The last number counts: what is below 3.12.5 may be 3.12.
        return minor < number or (minor == number and patch not in ("", "*", "0"))
    if operator == ">":
        return minor > number or (minor == number and bool(patch))
    return minor <= number if operator == "<=" else minor >= number


def _tested(project: Project) -> list[tuple[int, int]]:
    """The versions that the project's own words say it was tried with: the images of its other
    Dockerfiles, its workflows, the lists that were made for it, its classifiers."""
    for files, line in TRIED.items():
        texts = [project.text(path) for path in project.files if re.search(files, path)]
        lines = [found[0] for text in texts for found in re.finditer(line, text)]
        if minors := [int(minor) for each in lines for minor in re.findall(r"\b3\.(\d{1,4})", each)]:
            return [(3, minor) for minor in minors]
    return []
