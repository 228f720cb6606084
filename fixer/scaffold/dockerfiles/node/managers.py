"""The package manager of a project, told by its lock file."""

from __future__ import annotations

import re
from typing import NamedTuple

from fixer.scaffold.dockerfiles.node.package import Package
from fixer.scaffold.project import Project

LOCK_FILES = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
}
BESIDE = {
    "npm": (".npmrc",),
    "pnpm": ("pnpm-workspace.yaml", ".npmrc", ".pnpmfile.cjs"),
    "yarn": (".yarnrc", ".npmrc"),
    "berry": (".yarnrc.yml",),
    "bun": ("bunfig.toml", ".npmrc"),
}
"""What a manager reads beside the manifest and the lock file."""

FOLDERS = {"pnpm": ("patches",), "berry": (".yarn",), "bun": ("patches",)}
"""Folders that a manager reads, where the project has them."""

PNPM = {"5": "7", "6": "8"}
"""The version of pnpm that wrote a lock file, by the version of the lock file's format."""


class Manager(NamedTuple):
    """A package manager. `program` is what is called, `install_name` the package with its version
    that has to be installed for it, empty where the image has it. `files` are what it reads beside the
    manifests, `folders` the folders."""

    name: str
    program: str
    install_name: str = ""
    is_locked: bool = False
    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    is_current: bool = True


def manager_of(project: Project, package: Package) -> Manager:
    """Give the manager of a project, or of the workspace that it is the root of."""
    name, _, version = str(package.data.get("packageManager", "")).partition("+")[0].partition("@")
    lock = _lock(project, package, name)
    kind = LOCK_FILES[lock] if lock else name if name in BESIDE else "npm"
    version = version if kind == name and re.fullmatch(r"[\w.-]+", version) else ""
    if kind == "yarn" and _is_berry(project, lock, version):
        kind = "berry"
    files = [each for each in BESIDE[kind] if project.has(each)]
    tops = {path.partition("/")[0] for path in project.files if "/" in path}
    folders = [each for each in FOLDERS.get(kind, ()) if each in tops]
    return Manager(
        name=kind,
        program="yarn" if kind == "berry" else kind,
        install_name=_install_name(project, kind, version),
        is_locked=lock is not None and not _is_stale(project, package, lock),
        files=(*((lock,) if lock else ()), *files),
        folders=tuple(folders),
        is_current=not version.startswith(("2", "3")),
    )


def _lock(project: Project, package: Package, name: str) -> str | None:
    """The lock file of the manager that the manifest names, else the first one there is that was kept
    up to date."""
    named = [lock for lock, kind in LOCK_FILES.items() if kind == name]
    kept = [each for each in LOCK_FILES if project.has(each) and not _is_stale(project, package, each)]
    return project.first(*named) or next(iter(kept), None) or project.first(*LOCK_FILES)


def _is_stale(project: Project, package: Package, lock: str) -> bool:
    """Whether a lock file of Yarn 1 lacks something that the manifest asks for, which Yarn refuses."""
    text = project.text(lock)
    # The packages of a workspace depend on one another.
    is_compared = "# yarn lockfile v1" in text and "workspaces" not in package.data
    return is_compared and any(
        f"{name}@{version}" not in text
        for name, version in package.dependencies.items()
        if not version.startswith("link:")
    )


def _is_berry(project: Project, lock: str | None, version: str) -> bool:
    if version:
        return not version.startswith("1.")
    return project.has(".yarnrc.yml") or "__metadata:" in (project.text(lock) if lock else "")


def _install_name(project: Project, kind: str, version: str) -> str:
    if kind == "pnpm":
        found = re.search(r"(?m)^lockfileVersion:\s*'?(\d)", project.text("pnpm-lock.yaml"))
        return f"pnpm@{version or (PNPM.get(found[1], '10') if found else '10')}"
    if kind == "bun":
        return f"bun@{version or '1'}"
    if kind == "berry" and "yarnPath:" not in project.text(".yarnrc.yml"):
        # The name under which Yarn 2 and newer are published for npm.
        return f"@yarnpkg/cli-dist@{version or '4'}"
    return ""
