"""Which version of PHP a project and its locked packages run on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.scaffold.project import Project

VERSIONS = ((8, 4), (8, 3), (8, 2), (8, 1), (8, 0))
"""Those whose images are of the Debian that the extensions' libraries are named for, the newest that
most packages support first."""

CONDITION = r"(\^|~|>=|<=|!=|>|<|=)?\s*v?(\d+)(?:\.(\d+|\*|x))?(?:\.(\d+|\*|x))?"


def version_of(project: Project) -> tuple[int, int] | None:
    """Give the newest version that the project, and if possible each of its locked packages, allows;
    None where there is none."""
    composer = project.json("composer.json")
    platform = _php(composer.get("config"), "platform")
    own = [platform or _php(composer, "require") or "*"]
    locked = [_php(package, "require") or "*" for package in locked_packages(project)]
    for constraints in ([*own, *locked], own):
        for version in VERSIONS:
            if all(allows(constraint, version) for constraint in constraints):
                return version
    return None


def locked_packages(project: Project) -> Iterator[dict[str, object]]:
    """Yield the packages of the lock file, those for development left out."""
    packages = project.json("composer.lock").get("packages")
    yield from (
        each for each in (packages if isinstance(packages, list) else ()) if isinstance(each, dict)
    )


def _php(data: object, key: str) -> str:
    table = data.get(key) if isinstance(data, dict) else None
    return str(table.get("php", "")) if isinstance(table, dict) else ""


def allows(constraint: str, version: tuple[int, int]) -> bool:
    """Say whether a constraint of Composer's allows the latest patch of a minor version."""
    alternatives = re.split(r"\|\|?", re.sub(r"(\S+)\s+-\s+(\S+)", r">=\1 <=\2", constraint))
    return any(
        all(_holds(version, *condition) for condition in re.findall(CONDITION, alternative))
        for alternative in alternatives
    )


def _holds(version: tuple[int, int], operator: str, major: str, minor: str, patch: str) -> bool:
    is_whole = not minor.isdigit()
    wanted = int(major), 0 if is_whole else int(minor)
    if operator == "^" or (operator == "~" and not patch):
        return version[0] == wanted[0] and version >= wanted
    if operator in (">=", ">"):
        return version >= wanted
    if operator == "<":
        return version < wanted
    if operator == "<=":
        return version <= wanted
    if operator == "!=":
        return True
    return version[0] == wanted[0] if is_whole else version == wanted
