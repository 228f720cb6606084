"""How a Python project's dependencies are installed, and what of the system they need."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Set
from typing import Any, NamedTuple

from fixer.scaffold.dependencies import REQUIREMENT
from fixer.scaffold.dockerfiles.python.managers import (
    PDM,
    PIP,
    PIPENV,
    POETRY,
    PYPROJECT,
    SETUP,
    UV,
    Manager,
)
from fixer.scaffold.project import Project
from fixer.scaffold.tables import table

LOCKS = {
    "uv.lock": (UV, "pyproject.toml"),
    "poetry.lock": (POETRY, "pyproject.toml"),
    "pdm.lock": (PDM, "pyproject.toml"),
    "Pipfile.lock": (PIPENV, "Pipfile"),
}
"""Lock files, with the program that reads each and the manifest that it stands beside."""

REQUIREMENTS = (
    "requirements.txt", "requirements/production.txt", "requirements/prod.txt", "requirements/base.txt",
    "requirements/requirements.txt", "requirements-prod.txt", "requirements.prod.txt",
)  # fmt: skip
FOR_DEVELOPMENT = (
    "requirements-dev.txt", "requirements.dev.txt", "dev-requirements.txt", "requirements_dev.txt",
    "requirements/dev.txt", "requirements/development.txt", "requirements/local.txt",
)  # fmt: skip

INCLUDED = r"(?m)^\s*(?:-r|-c|--requirement|--constraint)[\s=]+(\S+)"
LOCAL = r"(?m)^\s*(?:(?:-e|--editable)[\s=]+)?(?:\.{1,2}(?:/|\[|\s|$)|file:)|@\s*file:"
"""A requirement that is a folder of the sources."""

LOCAL_SOURCE = r"(?m)[{,]\s*(?:path\s*=\s*[\"']|workspace\s*=\s*true)|^path\s*=\s*[\"']"
PINNED = r"(?m)^\s*([A-Za-z0-9][\w.-]*)(?:\[[^\]\n]*\])?\s*==\s*([\w.]+)"
FROM_GIT = r"git\+|(?m:^|[{,\s])git\s*=|\"git\":"
OF_WORKSPACE = r"workspace\s*=\s*true"
OWN_VERSION = r"importlib[._]metadata|pkg_resources"
VERSIONED_BY_GIT = ("setuptools-scm", "setuptools_scm", "hatch-vcs", "versioningit", "dunamai")

SYSTEM = {
    "psycopg2": (("gcc", "libc6-dev", "libpq-dev"), ("libpq5",)),
    "psycopg-c": (("gcc", "libc6-dev", "libpq-dev"), ("libpq5",)),
    "psycopg": ((), ("libpq5",)),
    "mysqlclient": (("gcc", "libc6-dev", "default-libmysqlclient-dev", "pkg-config"), ("libmariadb3",)),
    "uwsgi": (("gcc", "libc6-dev"), ()),
    "pycairo": (("gcc", "libc6-dev", "libcairo2-dev", "pkg-config"), ("libcairo2",)),
    "netifaces": (("gcc", "libc6-dev"), ()),
    "weasyprint": ((), ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")),
    "opencv-python": ((), ("libgl1", "libglib2.0-0")),
    "python-magic": ((), ("libmagic1",)),
    "lightgbm": ((), ("libgomp1",)),
    "pydub": ((), ("ffmpeg",)),
    "pytesseract": ((), ("tesseract-ocr",)),
    "pdf2image": ((), ("poppler-utils",)),
}
"""Libraries without wheels, or whose wheels lack what they call: Debian's packages for the build, and
those for running."""


class Installation(NamedTuple):
    """How dependencies come into the virtual environment.

    `manager` is the program that installs them, `manifests` are the files that it reads, a list of
    requirements first, and `development` those with what is for developing only. `names` are the
    libraries that the project itself asks for, `pinned` the releases that are installed.
    `needs_sources` says that they are partly folders of the sources, `is_package` that the project can
    be installed itself, `knows_itself` that its sources ask for its own metadata, and
    `is_versioned_by_git` that it asks git for its version. `build_packages` and `packages` are those of
    Debian that are needed to install them, and to run.
    """

    manager: Manager
    manifests: tuple[str, ...]
    development: tuple[str, ...]
    names: frozenset[str]
    pinned: dict[str, str]
    needs_sources: bool
    is_package: bool
    knows_itself: bool
    is_versioned_by_git: bool
    build_packages: tuple[str, ...]
    packages: tuple[str, ...]


def installation_of(project: Project) -> Installation | None:
    """Give how a project's dependencies are installed; None where nothing says what they are."""
    pyproject = project.toml("pyproject.toml")
    found = _manager(project, pyproject)
    if found is None:
        return None
    manager, manifests = found
    texts = [project.text(path) for path in manifests]
    names = _asked(project, manager, texts)
    pinned = _pinned(project, manifests, texts)
    installed = names | pinned.keys()
    system = [
        SYSTEM[name]
        for name in sorted(installed & SYSTEM.keys())
        if not _has_wheel(name, installed, texts)
    ]
    needs_git = any(re.search(FROM_GIT, text) for text in texts)
    requires = str(table(pyproject, "build-system").get("requires"))
    return Installation(
        manager=manager,
        manifests=manifests,
        development=_development(project, manager, manifests),
        names=names,
        pinned=pinned,
        needs_sources=manager is SETUP or _has_local(project, manager, texts),
        is_package=_is_package(project, pyproject),
        knows_itself=_knows_itself(project),
        is_versioned_by_git=any(name in requires for name in VERSIONED_BY_GIT),
        build_packages=_unique([("git",)] * needs_git + [build for build, _ in system]),
        packages=_unique([run for _, run in system]),
    )


def _manager(project: Project, pyproject: dict[str, Any]) -> tuple[Manager, tuple[str, ...]] | None:
    """The program that installs the dependencies and the files that it reads: a lock file counts more
    than a list, a list more than a manifest."""
    for lock, (manager, manifest) in LOCKS.items():
        if project.has(lock) and project.has(manifest):
            if table(pyproject, "tool", "uv", "workspace"):
                return _for_workspace(manager), (lock, manifest)
            return manager, (lock, manifest)
    requirements = project.first(*REQUIREMENTS)
    if requirements is not None:
        return PIP, _included(project, requirements)
    if re.search(OF_WORKSPACE, project.text("pyproject.toml")):
        # Its lock file and what it needs lie in folders above.
        return None
    if table(pyproject, "project").get("dependencies") is not None:
        return PYPROJECT, ("pyproject.toml",)
    if table(pyproject, "tool", "poetry"):
        return POETRY, ("pyproject.toml",)
    if project.has("Pipfile"):
        return PIPENV._replace(dependencies="pipenv install"), ("Pipfile",)
    return (SETUP, ()) if pyproject.get("build-system") or project.has("setup.py") else None


def _for_workspace(uv: Manager) -> Manager:
    """uv, told to install what all projects of a workspace need."""
    return uv._replace(
        dependencies=f"{uv.dependencies} --all-packages",
        itself=f"{uv.itself} --all-packages",
        developing=f"{uv.developing} --all-packages",
    )


def _development(project: Project, manager: Manager, manifests: tuple[str, ...]) -> tuple[str, ...]:
    if manager in (SETUP, PYPROJECT) or (manager is not PIP and len(manifests) == 1):
        return ()
    if manager is not PIP:
        return manifests
    listed = project.first(*FOR_DEVELOPMENT)
    return _included(project, listed) if listed else ()


def _unique(groups: list[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({name for group in groups for name in group}))


def _included(project: Project, path: str) -> tuple[str, ...]:
    """A list of requirements and those that it includes."""
    found, waiting = [], [path]
    while waiting:
        each = waiting.pop(0)
        if each not in found and project.has(each):
            found.append(each)
            folder = posixpath.dirname(each)
            names = re.findall(INCLUDED, project.text(each))
            waiting += [posixpath.normpath(posixpath.join(folder, name)) for name in names]
    return tuple(found)


def _asked(project: Project, manager: Manager, texts: list[str]) -> frozenset[str]:
    """The libraries that the project asks for where it runs, in small letters, `_` as `-`."""
    if manager is PIP:
        names = [name for text in texts for name in re.findall(REQUIREMENT, text)]
    else:
        pyproject = project.toml("pyproject.toml")
        listed = table(pyproject, "project").get("dependencies")
        lines = "\n".join(str(line) for line in listed) if isinstance(listed, list) else ""
        names = [
            *re.findall(REQUIREMENT, lines),
            *table(pyproject, "tool", "poetry", "dependencies"),
            *table(project.toml("Pipfile"), "packages"),
        ]
    return frozenset(name.lower().replace("_", "-") for name in names)


def _pinned(project: Project, manifests: tuple[str, ...], texts: list[str]) -> dict[str, str]:
    """The releases that a lock file or a list of requirements names, by library."""
    lock = manifests[0] if manifests else ""
    found: list[tuple[str, str]] = []
    if lock == "Pipfile.lock":
        default = table(project.json(lock), "default")
        found = [(name, str(table(default, name).get("version", ""))) for name in default]
    elif lock.endswith(".lock"):
        packages = project.toml(lock).get("package")
        tables = packages if isinstance(packages, list) else []
        found = [
            (str(each.get("name")), str(each.get("version", "")))
            for each in tables
            if isinstance(each, dict)
        ]
    else:
        found = [each for text in texts for each in re.findall(PINNED, text)]
    return {name.lower().replace("_", "-"): release.lstrip("=") for name, release in found}


def _has_wheel(name: str, names: Set[str], texts: list[str]) -> bool:
    """Whether another package brings what the library calls."""
    if name == "psycopg":
        has_binary = any(re.search(r"psycopg\[[^\]]*(binary|c)\b", text) for text in texts)
        return has_binary or bool({"psycopg-binary", "psycopg-c"} & names)
    return name == "psycopg2" and "psycopg2-binary" in names


def _has_local(project: Project, manager: Manager, texts: list[str]) -> bool:
    if manager is PIP:
        return any(re.search(LOCAL, text) for text in texts)
    own = project.text("pyproject.toml") + project.text("Pipfile")
    return re.search(LOCAL_SOURCE, own) is not None or "[tool.uv.workspace]" in own


def _is_package(project: Project, pyproject: dict[str, Any]) -> bool:
    """Whether the project can be built: it says with what, and its modules lie where that looks."""
    tool = table(pyproject, "tool")
    if table(tool, "uv").get("package") is False or table(tool, "poetry").get("package-mode") is False:
        return False
    if not pyproject.get("build-system"):
        return project.has("setup.py") or project.has("setup.cfg")
    name = table(pyproject, "project").get("name") or table(tool, "poetry").get("name") or ""
    folder = re.sub(r"[-.]", "_", str(name)).lower()
    says_where = (
        table(tool, "poetry").get("packages")
        or table(tool, "hatch", "build")
        or (table(tool, "setuptools") or table(tool, "pdm", "build") or table(tool, "flit"))
    )
    return bool(says_where) or any(
        path.lower().startswith((f"{folder}/", f"src/{folder}/")) for path in project.files
    )


def _knows_itself(project: Project) -> bool:
    """Whether the sources ask for the metadata that only an installed project has."""
    return any(
        path.endswith(".py") and "test" not in path and re.search(OWN_VERSION, project.text(path))
        for path in project.files
    )
