"""A Go module: its programs, and the packages that one of them is built from."""

from __future__ import annotations

import re
from functools import cached_property

from fixer.scaffold.dockerfiles.programs import chosen
from fixer.scaffold.dockerfiles.scaffold import CannotBuild
from fixer.scaffold.project import Project, is_plain

IMPORTS = r"(?ms)^import\s*\(([^)]*)\)|^import\s+(?:[\w.]+\s+)?(\"[^\"\n]+\")"
REPLACED = r"(?m)^\s*(?:replace\s+)?\S+(?:\s+v\S+)?\s+=>\s+(\.\.?/\S*|\.\.?)\s*$"
TAG = r"(?m)^//\s*(?:go:build|\+build)\s+(\w+)\s*$"
SET = r"linux|unix|amd64|arm64|cgo|gc|go1\.?\d*"
"""Build tags that are set in a container."""

ELSEWHERE = r"(^|/)(vendor|testdata|node_modules|_[^/]*|\.[^/]*)/"
ASIDE = r"(^|/)(examples?|tools?|scripts?|hack|tests?|testing|e2e|benchmarks?|docs)(/|\Z)"
"""Folders whose programs are for those who work on the module."""


class Module:
    """The module that a project is. Packages are folders relative to it, the top one empty."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.text = project.text("go.mod")
        found = re.search(r"(?m)^module\s+\"?([^\s\"]+)", self.text)
        self.path = found[1] if found else ""

    @property
    def name(self) -> str:
        """The last part of its path that is no version."""
        last = re.sub(r"/v\d+\Z", "", self.path).rpartition("/")[2]
        return last if is_plain(last) else "app"

    @property
    def version(self) -> str:
        """The language's version, `1.24`, as the module or its toolchain has it; empty where old."""
        minors = re.findall(r"(?m)^(?:go\s+|toolchain\s+go)1\.(\d{1,4})", self.text)
        return f"1.{max(map(int, minors))}" if minors else ""

    @property
    def replaced(self) -> list[str]:
        """The folders that stand in for modules."""
        return re.findall(REPLACED, self.text)

    @cached_property
    def packages(self) -> dict[str, list[str]]:
        """The source files of each package."""
        nested = [
            path.removesuffix("go.mod")
            for path in self.project.files
            if path.endswith("/go.mod") and not re.search(ELSEWHERE, path)
        ]
        found: dict[str, list[str]] = {}
        for path in self.project.files:
            is_source = path.endswith(".go") and not path.endswith("_test.go")
            if is_source and not re.search(ELSEWHERE, path) and not path.startswith(tuple(nested)):
                found.setdefault(path.rpartition("/")[0], []).append(path)
        return found

    def source(self, package: str) -> str:
        """Give the text of a package's files, of those that are built."""
        texts = (self.project.text(path) for path in self.packages.get(package, ()))
        return "\n".join(text for text in texts if _is_built(text))

    @cached_property
    def programs(self) -> list[str]:
        """The packages that are programs."""
        return [
            package
            for package in self.packages
            if re.search(r"(?m)^package main\b", text := self.source(package))
            and re.search(r"(?m)^func main\(\)", text)
        ]

    def program(self, name: str) -> str | None:
        """Give the package of a service's program, None where it cannot be told."""
        programs = {
            package: [package.rpartition("/")[2] or self.name]
            for package in self.programs
            if not re.search(ASIDE, package)
        }
        # A server's name often has a `d` for daemon.
        return chosen(programs, name, f"{self.name}d", self.name)

    def closure(self, program: str) -> list[str]:
        """Give the packages that a program is built from.

        Raises CannotBuild where one is missing, since something has to make it first.
        """
        found, waiting = [program], [program]
        while waiting:
            for group, single in re.findall(IMPORTS, self.source(waiting.pop())):
                for path in re.findall(r"\"([^\"\n]+)\"", group or single):
                    package = path.removeprefix(self.path).strip("/")
                    if path != self.path and not path.startswith(f"{self.path}/"):
                        continue
                    if package not in self.packages:
                        if not self._is_of_another_module(package):
                            raise CannotBuild(
                                f"The program imports {path}, which is not in the repository: commit it,"
                                " or write a Dockerfile that makes it before `go build`."
                            )
                    elif package not in found:
                        found.append(package)
                        waiting.append(package)
        return found

    def _is_of_another_module(self, package: str) -> bool:
        """Whether a package lies in a module whose path begins like this one's."""
        parts = f"{self.path}/{package}".split("/")
        starts = ("/".join(parts[:end]) for end in range(len(parts), self.path.count("/") + 1, -1))
        return any(re.search(rf"(?m)\s{re.escape(start)}\s", self.text) for start in starts)


def _is_built(text: str) -> bool:
    """Whether a file is built at all: it asks for no build tag, or for one that is set."""
    found = re.search(TAG, text)
    return found is None or re.fullmatch(SET, found[1]) is not None
