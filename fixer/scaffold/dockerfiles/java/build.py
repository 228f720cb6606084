"""What a build tool makes of Java or Kotlin sources, and what is asked of both tools."""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from fixer.scaffold.project import Project

LONG_TERM = (8, 11, 17, 21, 25)
"""Versions of Java that images stay maintained for."""

DEFAULT = 21
JAVA_MAIN = r"\bstatic\s+(?:final\s+)?void\s+main\s*\(|\bvoid\s+main\s*\(\s*String\b"
KOTLIN_MAIN = r"(?m)^(?:suspend\s+)?fun\s+main\s*\("


class Layout(Enum):
    """How the program lies in the image."""

    SPRING = "layers of a Spring Boot archive"
    FAST_JAR = "the folder that Quarkus makes"
    CLASS_PATH = "jars and a main class"
    WAR = "an archive for a servlet container"


class Build(NamedTuple):
    """A program of a project, and how a tool builds it. `folder` is the module's, relative to the
    project; `command` builds it in the project's folder, with `settings` as variables. `result` is the
    archive or the folder that is made, relative to the module, as a pattern, and `libraries` the folder
    of the other jars; both are empty where there is none. `image` has a gap for the version `java`.
    `spring` is the version of Spring Boot, zero where there is none. `development` runs the sources,
    after `download`, with `shared_settings`, by which all of the tool's own files lie in `/cache`."""

    folder: str
    layout: Layout
    java: int
    image: str
    cache: str
    settings: dict[str, str]
    shared_settings: dict[str, str]
    command: str
    result: str
    libraries: str
    main: str
    spring: tuple[int, int]
    dependencies: frozenset[str]
    development: tuple[str, ...]
    download: str


def long_term(version: int) -> int:
    """Give the first long-term version that has all of a version."""
    return next((each for each in LONG_TERM if each >= version), version)


def pinned_version(project: Project) -> int | None:
    """Give the version of Java that the files of version managers name."""
    lines = (
        project.text(".java-version"),
        "".join(re.findall(r"(?m)^java=(.*)", project.text(".sdkmanrc"))),
        "".join(re.findall(r"(?m)^java\s+(.*)", project.text(".tool-versions"))),
    )
    found = [match for line in lines if (match := re.search(r"(?:^|[^\d.])(?:1\.)?(\d{1,4})", line))]
    return int(found[0][1]) if found else None


def java_of_spring(spring: tuple[int, int]) -> int:
    """Give the version that a Spring Boot needs at least, and Java's own default without one."""
    if spring >= (3, 0):
        return 17
    return 11 if spring > (0, 0) else DEFAULT


def is_spring_program(project: Project, folder: str) -> bool:
    """Say whether the sources of a module, without its tests, have a class that starts Spring Boot."""
    start = f"{folder}/src/main/".lstrip("/")
    paths = (path for path in project.files if path.startswith(start))
    return any("@SpringBootApplication" in project.text(path) for path in paths)


def main_class(project: Project, folder: str) -> str | None:
    """Give the only class of a module's sources that has a main function."""
    start = f"{folder}/" if folder else ""
    found = []
    for path in project.files:
        if not path.startswith(f"{start}src/main/") or not path.endswith((".java", ".kt")):
            continue
        text, is_kotlin = project.text(path), path.endswith(".kt")
        if re.search(KOTLIN_MAIN if is_kotlin else JAVA_MAIN, text):
            package = re.search(r"(?m)^\s*package\s+([\w.]+)", text)
            stem = path.rpartition("/")[2].rpartition(".")[0]
            name = f"{stem[0].upper()}{stem[1:]}Kt" if is_kotlin else stem
            found.append(f"{package[1]}.{name}" if package else name)
    return found[0] if len(found) == 1 else None


def wrapper(project: Project, script: str, needs: str) -> str | None:
    """Give how a wrapper of the project is called, None where it has none that works."""
    if not project.has(script) or not project.has(needs) or "\r" in project.text(script):
        return None
    state = project.repository.state(f"{project.folder}/{script}".lstrip("/"))
    return f"./{script}" if state and state.mode & 0o100 else f"sh {script}"
