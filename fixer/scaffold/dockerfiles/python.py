"""Python: what pip installs, served by what the project has."""

from __future__ import annotations

import re

from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles.scaffold import Scaffold
from fixer.scaffold.project import Project
from fixer.scaffold.rendering import render

APPLICATION = r"(?m)^(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?(FastAPI|Flask|Starlette)\("
ENTRY_FILES = ("main.py", "app.py", "server.py", "run.py", "src/main.py", "app/main.py")
DEFAULT_PORTS = {"FastAPI": "8000", "Starlette": "8000", "Flask": "5000", "django": "8000"}


def scaffold(project: Project, demands: Demands) -> Scaffold | None:
    """Give the Dockerfile of a Python project."""
    install = project.first("requirements.txt", "pyproject.toml")
    if install is None:
        return None
    start = _start(project)
    if start is None:
        return None
    framework, command, port = start
    if command[0] == "uvicorn" and not re.search(
        r"(?i)uvicorn|fastapi\[(standard|all)", project.text(install)
    ):
        # What serves the application would not be installed.
        return None
    port = demands.port or port
    text = render(
        "dockerfile/python.Dockerfile.j2",
        install=install,
        version=_version(project),
        framework=framework,
        command=[word.replace("{port}", port) for word in command],
        port=port,
    )
    return Scaffold(text)


def _start(project: Project) -> tuple[str, list[str], str] | None:
    """The framework, the command that serves it, and its usual port."""
    if project.has("manage.py"):
        command = ["python", "manage.py", "runserver", "0.0.0.0:{port}"]
        return "django", command, DEFAULT_PORTS["django"]
    for name in ENTRY_FILES:
        if not project.has(name):
            continue
        module = name.removesuffix(".py").replace("/", ".")
        found = re.search(APPLICATION, project.text(name))
        if found is None:
            return "script", ["python", name], ""
        framework, target = found[2], f"{module}:{found[1]}"
        if framework == "Flask":
            command = ["flask", "--app", target, "run", "--host", "0.0.0.0", "--port", "{port}"]
        else:
            command = ["uvicorn", target, "--host", "0.0.0.0", "--port", "{port}"]
        return framework, command, DEFAULT_PORTS[framework]
    return None


def _version(project: Project) -> str:
    """The version that the project asks for, else the newest one that most packages support."""
    found = re.match(r"(3\.\d+)", project.text(".python-version").strip())
    return found[1] if found else "3.13"
