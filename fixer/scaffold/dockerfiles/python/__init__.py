"""Python: dependencies in a virtual environment, as the project locks them, and what starts it."""

from __future__ import annotations

import posixpath
import re
import shlex
from typing import NamedTuple

from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles.debian import packages_of_programs
from fixer.scaffold.dockerfiles.python.installing import Installation, installation_of
from fixer.scaffold.dockerfiles.python.managers import SETUP, Manager
from fixer.scaffold.dockerfiles.python.start import Start
from fixer.scaffold.dockerfiles.python.starting import start_of
from fixer.scaffold.dockerfiles.python.versions import version_of
from fixer.scaffold.dockerfiles.scaffold import Scaffold, labels_of
from fixer.scaffold.project import Project
from fixer.scaffold.rendering import render

VERSION = "PYTHON_VERSION"
USER = (10001, 10001)
SEARCH_PATH = "/opt/venv/bin:$PATH"

READ_BY_MANAGERS = ("PIP_", "UV_", "POETRY_", "PDM_", "PIPENV_")
"""How build arguments begin that tell where packages come from."""

HANDLES_TERM = r"\bSIGTERM\b"

KEEPERS = (".gitkeep", ".keep", ".gitignore")
WRITTEN = ("instance", "logs", "media", "uploads")
"""Folders of many projects that are written to, whatever lies in them already."""

DATABASE = r"[^/]+\.(sqlite3?|db)"


def scaffold(project: Project, demands: Demands) -> Scaffold | None:
    """Give the Dockerfile of a Python project."""
    installation = installation_of(project)
    start = start_of(project, demands, installation) if installation else None
    if installation is None or start is None:
        return None
    port = demands.port or start.port
    number, group = _user(demands)
    workdir, installs_itself = _workdir(project, demands), _installs_itself(installation, start)
    arguments = [name for name in demands.arguments if name != VERSION]
    text = render(
        "dockerfile/python.Dockerfile.j2",
        version=version_of(project, installation.pinned),
        demands=demands,
        build_arguments=[name for name in arguments if name.startswith(READ_BY_MANAGERS)],
        arguments=[name for name in arguments if not name.startswith(READ_BY_MANAGERS)],
        sources=project.prefix or ".",
        prefix=project.prefix,
        manager=_called(installation),
        installation=installation._replace(packages=_packages(installation, demands)),
        copies_sources=installation.needs_sources or installs_itself,
        with_sources=_with_sources(installation, installs_itself),
        directory=start.directory,
        static_files=start.static_files,
        stages={
            "development": _stage(project, demands, start.reloading, port),
            "final": _stage(project, demands, start.command, port, start.migrations),
        },
        build_variables={
            "PATH": SEARCH_PATH,
            "VIRTUAL_ENV": "/opt/venv",
            **installation.manager.environment,
        },
        variables=_variables(start, workdir, installs_itself),
        ports=demands.ports or ((start.port,) if start.port else ()),
        check=[] if demands.is_shared else _check(port, demands.health_path or start.health_path),
        workdir=workdir,
        number=number,
        group=group,
        writable=[
            *([] if demands.read_only else [".", *_kept_folders(project, start, workdir)]),
            *demands.data,
        ],
        databases=() if demands.read_only else _databases(project, start),
        labels=labels_of(project, demands, "pyproject.toml"),
    )
    # What is left out leaves its empty lines behind.
    return Scaffold(re.sub(r"\n{3,}", "\n\n", text))


def _called(installation: Installation) -> Manager:
    """The manager with the lists in place that its commands read."""
    manager, listed = installation.manager, (*installation.manifests, "")[0]
    return manager._replace(
        dependencies=manager.dependencies.format(list=listed),
        developing=manager.developing.format(list=(*installation.development, "")[0]),
    )


def _with_sources(installation: Installation, installs_itself: bool) -> list[str]:
    """The commands that need all of the sources."""
    manager = _called(installation)
    needed = [manager.dependencies] if installation.needs_sources and manager.dependencies else []
    return [*needed, *([manager.itself] if installs_itself else [])]


def _workdir(project: Project, demands: Demands) -> str:
    """Where the sources lie: where the stack mounts them, too."""
    if not demands.sources:
        return demands.folder or "/app"
    return posixpath.join(demands.sources[0], project.prefix).rstrip("/")


class Stage(NamedTuple):
    """The command of a stage that is run, and the signal that ends it, empty for the usual one."""

    command: list[str]
    stop_signal: str


def _stage(
    project: Project, demands: Demands, words: tuple[str, ...], port: str, before: tuple[str, ...] = ()
) -> Stage:
    command = [word if demands.command else word.replace("{port}", port) for word in words]
    ignores = command[:1] in (["python"], ["flask"]) and not any(
        re.search(HANDLES_TERM, project.text(path)) for path in project.files if path.endswith(".py")
    )
    if before:
        command = ["sh", "-c", " && ".join((*before, f"exec {shlex.join(command)}"))]
    # Python does nothing on SIGTERM where it is a container's first process.
    return Stage(command, "SIGINT" if ignores else "")


def _check(port: str, path: str) -> list[str]:
    """The words of a health check: whether a page is there, else whether the program listens."""
    if not port:
        return []
    script = f"import socket; socket.create_connection(('127.0.0.1', {port}), 3)"
    if path:
        url = f"http://127.0.0.1:{port}{path}"
        script = f"import urllib.request; urllib.request.urlopen('{url}', timeout=3)"
    return ["python", "-c", script]


def _variables(start: Start, workdir: str, installs_itself: bool) -> dict[str, str]:
    variables = {
        "PATH": SEARCH_PATH,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }
    if start.search_path and not installs_itself:
        variables["PYTHONPATH"] = posixpath.normpath(f"{workdir}/{start.search_path}")
    return {**variables, **start.variables}


def _user(demands: Demands) -> tuple[int, int]:
    """The numbers of the user and its group; root is what the stack alone may ask for."""
    number, _, group = demands.user.partition(":")
    return (int(number), int(group or number)) if number.strip("0") else USER


def _packages(installation: Installation, demands: Demands) -> tuple[str, ...]:
    return tuple(sorted({*installation.packages, *packages_of_programs(demands)}))


def _installs_itself(installation: Installation, start: Start) -> bool:
    """Whether the sources alone do not do: they lie in a folder of their own, ask for the project's
    version, or are started by a program that the installation makes."""
    is_needed = start.needs_install or start.search_path == "src" or installation.knows_itself
    return installation.manager is SETUP or (is_needed and installation.is_package)


def _kept_folders(project: Project, start: Start, workdir: str) -> list[str]:
    """The folders that are written to: those that are kept under version control without anything in
    them, and those by the usual names where the project is started."""
    kept = {path.rpartition("/")[0] for path in project.files if path.rpartition("/")[2] in KEEPERS}
    files = [path for path in project.files if path.rpartition("/")[2] not in KEEPERS]
    holding = {path[:at] for path in files for at, letter in enumerate(path) if letter == "/"}
    usual = {posixpath.join(start.directory, name) for name in WRITTEN}
    empty, used = kept - {""} - holding, usual & holding
    # Relative paths are seen from the folder that the project is started in.
    return sorted(
        posixpath.join(workdir, folder) if start.directory else folder for folder in empty | used
    )


def _databases(project: Project, start: Start) -> list[str]:
    """SQLite's files where the project is started, which are written to."""
    pattern = posixpath.join(re.escape(start.directory), DATABASE)
    return [path for path in project.files if re.fullmatch(pattern, path)]
