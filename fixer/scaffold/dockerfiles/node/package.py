"""The manifest of a Node.js package."""

from __future__ import annotations

import re
from functools import cached_property

from fixer.scaffold.project import Project

OF_THE_INSTALLATION = ("preinstall", "install", "postinstall", "prepare")
"""Scripts that a package manager runs when it installs the package's dependencies."""

NEEDS_NO_SOURCES = (
    r"\s*(husky(\s+install)?|simple-git-hooks|lefthook install|is-ci\b.*|exit 0|true)?"
    r"(\s*\|\|\s*(true|exit 0))?\s*"
)

NAME = r"(@[\w.~-]+/)?[\w.~-]+"
COMPILED = (
    "argon2", "bcrypt", "better-sqlite3", "bufferutil", "canvas", "couchbase", "leveldown", "libpq",
    "node-gyp", "node-pty", "node-sass", "pg-native", "re2", "serialport", "sqlite3", "usb",
    "utf-8-validate", "zeromq",
)  # fmt: skip
"""Packages that are compiled when they are installed, where no binary fits."""


BEFORE_THE_START = ("prestart:prod", "prestart:production", "prestart")
"""Scripts that npm runs before the one that starts the project."""

COMPILES = r"(npx\s+)?(rimraf\s+[\w./-]+\s*&&\s*)?(tsc|nest build)\b[^&|;]*"


class Package:
    """A `package.json`: its scripts, and the packages that it asks for."""

    def __init__(self, project: Project) -> None:
        self.data = project.json("package.json")
        self.scripts = self._table("scripts")
        self.production = self._table("dependencies")
        self.development = self._table("devDependencies")

    def _table(self, key: str) -> dict[str, str]:
        table = self.data.get(key)
        if not isinstance(table, dict):
            return {}
        return {name: value for name, value in table.items() if isinstance(value, str)}

    @cached_property
    def name(self) -> str:
        """The name, with its scope; empty where it is none that npm takes."""
        name = str(self.data.get("name", ""))
        return name if re.fullmatch(NAME, name) else ""

    @cached_property
    def dependencies(self) -> dict[str, str]:
        """All packages that it asks for, and in which versions."""
        return {**self.development, **self.production}

    def asks_for(self, *names: str) -> bool:
        """Say whether it depends on one of these packages."""
        return any(name in self.dependencies for name in names)

    @property
    def installs_with_sources(self) -> bool:
        """Whether a script that runs at the installation may read the package's sources."""
        scripts = [self.scripts.get(name, "") for name in OF_THE_INSTALLATION]
        return not all(re.fullmatch(NEEDS_NO_SOURCES, script) for script in scripts)

    @property
    def build_script(self) -> str:
        """The name of the script that builds the project, empty where none does."""
        before = (
            name for name in BEFORE_THE_START if re.fullmatch(COMPILES, self.scripts.get(name, ""))
        )
        return "build" if "build" in self.scripts else next(before, "")

    def major(self, name: str) -> int | None:
        """Give the major version in which it asks for a package; None where that is not written."""
        found = re.match(r"[~^>=v]*(\d{1,4})", self.dependencies.get(name, ""))
        return int(found[1]) if found else None

    @property
    def compiles(self) -> bool:
        """Whether its installation needs a compiler, or git."""
        sources = ("git", "github:", "bitbucket:", "gitlab:")
        return self.asks_for(*COMPILED) or any(
            version.startswith(sources) or re.fullmatch(r"[\w.-]+/[\w.-]+(#.*)?", version)
            for version in self.dependencies.values()
        )
