"""Which libraries a project asks for, whatever its language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.scaffold.project import Project
from fixer.scaffold.tables import table

REQUIREMENT = r"(?m)^\s*([A-Za-z0-9][\w.-]*)(?:\[[\w, .-]*\])?\s*(?:[<>=!~;@# ]|$)"
LINES = {
    "go.mod": r"(?m)^\s*(?:require\s+)?([\w.-]+\.[\w.-]+/[\w./-]+)\s+v\d",
    "Gemfile": r"(?m)^\s*gem\s+[\"']([\w-]+)[\"']",
    "mix.exs": r"\{\s*:(\w+)\s*,",
    "pom.xml": r"<artifactId>\s*([\w.-]+)\s*</artifactId>",
    "build.gradle": r"[\"'][\w.-]+:([\w.-]+)(?::[^\"']*)?[\"']",
    "build.gradle.kts": r"[\"'][\w.-]+:([\w.-]+)(?::[^\"']*)?[\"']",
    "Pipfile": r"(?m)^\s*[\"']?([A-Za-z0-9][\w.-]*)[\"']?\s*=",
}
"""Manifests that are no data format of Python's own library, and what names a library in them."""


def dependencies(project: Project) -> frozenset[str]:
    """Give the names of the libraries that the project's manifests name, in small letters, `_` as
    `-`; of a Go module its whole path."""
    return frozenset(name.lower().replace("_", "-") for name in _names(project))


def _names(project: Project) -> Iterator[str]:
    for path in project.files:
        name = path.rpartition("/")[2]
        if re.fullmatch(r"requirements[\w.-]*\.(txt|in)", name) or re.fullmatch(
            r"requirements/[\w.-]+\.(txt|in)", path
        ):
            yield from re.findall(REQUIREMENT, project.text(path))
    pyproject = project.toml("pyproject.toml")
    own = table(pyproject, "project")
    groups = [own.get("dependencies"), *table(own, "optional-dependencies").values()]
    groups += table(pyproject, "dependency-groups").values()
    for group in groups:
        for line in group if isinstance(group, list) else []:
            yield from re.findall(REQUIREMENT, str(line))
    poetry = table(pyproject, "tool", "poetry")
    yield from table(poetry, "dependencies")
    for group in table(poetry, "group").values():
        yield from table(group, "dependencies") if isinstance(group, dict) else ()
    for manifest, kinds in (
        ("package.json", ("dependencies", "devDependencies", "peerDependencies")),
        ("composer.json", ("require", "require-dev")),
    ):
        data = project.json(manifest)
        for kind in kinds:
            yield from table(data, kind)
    for kind in ("dependencies", "dev-dependencies", "build-dependencies"):
        yield from table(project.toml("Cargo.toml"), kind)
    for manifest, pattern in LINES.items():
        yield from re.findall(pattern, project.text(manifest))
    for path in project.files:
        if path.endswith(".csproj"):
            yield from re.findall(r"<PackageReference\s+Include=\"([\w.-]+)\"", project.text(path))
