"""What builds the pages of an application with Node.js, where the application is in another language."""

from __future__ import annotations

import re
from typing import NamedTuple

from fixer.scaffold.project import Project

LOCK_FILES = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn", "package-lock.json": "npm"}
CACHES = {
    "npm": "/root/.npm",
    "pnpm": "/root/.local/share/pnpm/store",
    "yarn": "/usr/local/share/.cache/yarn",
}
UNKNOWN_LOCK_FILES = ("bun.lock", "bun.lockb", "deno.lock")
NODE = "22"
LAST_WITH_COREPACK = 24


class Pages(NamedTuple):
    """The package manager, the version of Node.js, and the scripts that the package has."""

    manager: str
    lock: str
    version: str
    scripts: frozenset[str]

    @property
    def install(self) -> list[str]:
        """The commands that install what the lock file says."""
        if self.manager == "npm":
            return ["npm ci" if self.lock else "npm install"]
        return ["corepack enable", f"{self.manager} install --frozen-lockfile"]

    @property
    def cache(self) -> str:
        """Where the manager keeps what it has fetched, in a container of root's."""
        return CACHES[self.manager]


def pages_of(project: Project, folder: str = "") -> Pages | None:
    """Give how the pages of a folder are built, None where there are none or the manager is unknown."""
    package = project.json(f"{folder}package.json")
    if not package or project.first(*(folder + name for name in UNKNOWN_LOCK_FILES)):
        return None
    lock = project.first(*(folder + name for name in LOCK_FILES)) or ""
    lock = lock.removeprefix(folder)
    manager, version = LOCK_FILES.get(lock, "npm"), _version(project, package, folder)
    if manager != "npm" and int(version) > LAST_WITH_COREPACK:
        version = str(LAST_WITH_COREPACK)
    scripts = package.get("scripts")
    return Pages(
        manager=manager,
        lock=lock,
        version=version,
        scripts=frozenset(scripts if isinstance(scripts, dict) else ()),
    )


def _version(project: Project, package: dict[str, object], folder: str) -> str:
    """The major version that the project names, else the newest one with long-term support."""
    engines = package.get("engines")
    asked = engines.get("node") if isinstance(engines, dict) else None
    for text in (project.text(f"{folder}.nvmrc"), project.text(f"{folder}.node-version"), str(asked)):
        found = re.match(r"[v^~]?(\d{2})\b", text.strip())
        if found:
            return found[1]
    return NODE
