"""A Dockerfile written from what a build context holds."""

from __future__ import annotations

import re
from typing import Any

from fixer.stack import Build, Repository, Service, Stack
from fixer.stack.merging import join
from fixes.scaffold._ports import listening_ports
from fixes.scaffold._templates import render

APPLICATION = rb"(?m)^(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?(FastAPI|Flask|Starlette)\("
ENTRY_FILES = ("main.py", "app.py", "server.py", "run.py", "src/main.py", "app/main.py")
LOCK_FILES = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn", "package-lock.json": "npm"}
DEFAULT_PORTS = {"FastAPI": "8000", "Starlette": "8000", "Flask": "5000", "django": "8000"}


def dockerfile_for(stack: Stack, service: Service, build: Build) -> str | None:
    """Give a Dockerfile's text for a build's context, or None where no project is known there."""
    context = build.context or ""
    ports = listening_ports(service)
    for write in (_python, _node, _go, _static):
        content = write(stack.repository, context, ports)
        if content is not None:
            return content
    return None


def _python(repository: Repository, context: str, ports: list[str]) -> str | None:
    install = next(
        (name for name in ("requirements.txt", "pyproject.toml") if _has(repository, context, name)),
        None,
    )
    if install is None:
        return None
    start = _python_start(repository, context)
    if start is None:
        return None
    framework, command, port = start
    wanted = repository.read(join(context, install)) or b""
    if command[0] == "uvicorn" and not re.search(rb"(?i)uvicorn|fastapi\[(standard|all)", wanted):
        # What serves the application would not be installed.
        return None
    port = ports[0] if ports else port
    return render(
        "dockerfile/python.Dockerfile.j2",
        install=install,
        version=_python_version(repository, context),
        framework=framework,
        command=[word.replace("{port}", port) for word in command],
        port=port,
    )


def _python_start(repository: Repository, context: str) -> tuple[str, list[str], str] | None:
    """The framework, the command that serves it, and its usual port."""
    if _has(repository, context, "manage.py"):
        command = ["python", "manage.py", "runserver", "0.0.0.0:{port}"]
        return "django", command, DEFAULT_PORTS["django"]
    for name in ENTRY_FILES:
        content = repository.read(join(context, name))
        if content is None:
            continue
        module = name.removesuffix(".py").replace("/", ".")
        found = re.search(APPLICATION, content)
        if found is None:
            return "script", ["python", name], ""
        framework, target = found[2].decode(), f"{module}:{found[1].decode()}"
        if framework == "Flask":
            command = ["flask", "--app", target, "run", "--host", "0.0.0.0", "--port", "{port}"]
        else:
            command = ["uvicorn", target, "--host", "0.0.0.0", "--port", "{port}"]
        return framework, command, DEFAULT_PORTS[framework]
    return None


def _python_version(repository: Repository, context: str) -> str:
    """The version that the project asks for, else the newest one that most packages support."""
    content = repository.read(join(context, ".python-version")) or b""
    found = re.match(rb"(3\.\d+)", content.strip())
    return found[1].decode() if found else "3.13"


def _node(repository: Repository, context: str, ports: list[str]) -> str | None:
    content = repository.read(join(context, "package.json"))
    if content is None:
        return None
    import json

    try:
        package: dict[str, Any] = json.loads(content)
    except ValueError:
        return None
    scripts = package.get("scripts") or {}
    dependencies = {**(package.get("dependencies") or {}), **(package.get("devDependencies") or {})}
    manager = next((LOCK_FILES[name] for name in LOCK_FILES if _has(repository, context, name)), "")
    values = {"manager": manager, "has_build": "build" in scripts, "version": "22"}
    if "vite" in dependencies and "express" not in dependencies and "build" in scripts:
        return render("dockerfile/vite.Dockerfile.j2", port=ports[0] if ports else "8080", **values)
    main = _node_main(repository, context, package)
    if main is None:
        return None
    return render("dockerfile/node.Dockerfile.j2", port=ports[0] if ports else "", main=main, **values)


def _node_main(repository: Repository, context: str, package: dict[str, Any]) -> str | None:
    """The script that `npm start` runs with node, or the package's main file."""
    start = str((package.get("scripts") or {}).get("start", ""))
    found = re.match(r"node\s+([\w./-]+)\Z", start.strip())
    names = [found[1] if found else "", str(package.get("main", "")), "server.js", "index.js"]
    return next((name for name in names if name and _has(repository, context, name)), None)


def _go(repository: Repository, context: str, ports: list[str]) -> str | None:
    content = repository.read(join(context, "go.mod"))
    if content is None or not _has(repository, context, "main.go"):
        return None
    found = re.search(rb"(?m)^go\s+(1\.\d+)", content)
    return render(
        "dockerfile/go.Dockerfile.j2",
        version=found[1].decode() if found else "1.24",
        has_sums=_has(repository, context, "go.sum"),
        port=ports[0] if ports else "",
    )


def _static(repository: Repository, context: str, ports: list[str]) -> str | None:
    if not _has(repository, context, "index.html"):
        return None
    return render("dockerfile/static.Dockerfile.j2", port=ports[0] if ports else "8080")


def _has(repository: Repository, context: str, name: str) -> bool:
    return repository.is_file(join(context, name))
