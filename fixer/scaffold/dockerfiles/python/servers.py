"""The servers of ASGI and WSGI applications, and how each is told what to serve."""

from __future__ import annotations

import re

from fixer.scaffold.dockerfiles.python.applications import Application
from fixer.scaffold.project import Project

HOST = "0.0.0.0"
BRINGS_UVICORN = r"(?i)\b(fastapi|litestar)\s*\[[^\]]*\b(standard|all)\b"
IN_MEMORY = ("--worker-tmp-dir", "/dev/shm")
"""Gunicorn's workers show that they are alive by a file, which must not wait for a disk."""


def servers(project: Project, names: frozenset[str]) -> frozenset[str]:
    """Give the libraries that are installed, with the servers that others of them bring."""
    manifests = ("pyproject.toml", "Pipfile", "requirements.txt")
    brought = {
        "uvicorn": any(re.search(BRINGS_UVICORN, project.text(name)) for name in manifests),
        "hypercorn": "quart" in names,
        "flask": any(name.startswith(("flask-", "apiflask")) for name in names),
    }
    return names | {name for name, is_there in brought.items() if is_there}


def asgi(target: str, is_factory: bool, names: frozenset[str]) -> tuple[str, ...]:
    """Give the command that serves an ASGI application; nothing where no server is installed."""
    factory = ("--factory",) if is_factory else ()
    if "uvicorn" in names:
        return ("uvicorn", target, *factory, "--host", HOST, "--port", "{port}")
    if "granian" in names:
        address = ("--host", HOST, "--port", "{port}")
        return ("granian", "--interface", "asgi", *factory, *address, target)
    if "hypercorn" in names:
        return ("hypercorn", f"{target}()" if is_factory else target, "--bind", f"{HOST}:{{port}}")
    if "daphne" in names and not is_factory:
        return ("daphne", "-b", HOST, "-p", "{port}", target)
    return ()


def wsgi(target: str, is_factory: bool, names: frozenset[str]) -> tuple[str, ...]:
    """Give the command that serves a WSGI application; nothing where no server is installed."""
    if "gunicorn" in names:
        application = f"{target}()" if is_factory else target
        return ("gunicorn", application, "--bind", f"{HOST}:{{port}}", *IN_MEMORY, *_sockets(names))
    if "waitress" in names:
        call = ("--call",) if is_factory else ()
        return ("waitress-serve", "--host", HOST, "--port", "{port}", *call, target)
    return flask(target) if "flask" in names else ()


def _sockets(names: frozenset[str]) -> tuple[str, ...]:
    """What Flask-SocketIO needs: one process that holds many connections."""
    if "flask-socketio" not in names:
        return ()
    if "eventlet" in names:
        return ("--worker-class", "eventlet")
    return ("--worker-class", "gevent") if "gevent" in names else ("--threads", "100")


def flask(target: str, *options: str) -> tuple[str, ...]:
    """Give the command of Flask's own server."""
    return ("flask", "--app", target, "run", "--host", HOST, "--port", "{port}", *options)


def serving(application: Application, names: frozenset[str]) -> tuple[str, ...]:
    """Give the command that serves an application; nothing where no server is installed."""
    serve = asgi if application.kind == "asgi" else wsgi
    return serve(application.target, application.is_factory, names)


def reloading(application: Application, command: tuple[str, ...]) -> tuple[str, ...]:
    """Give the command that serves an application and starts it anew when its sources change."""
    if command[0] == "uvicorn":
        return (*command, "--reload")
    if application.framework == "flask.Flask":
        return flask(application.target, "--debug")
    return (*command, "--reload") if command[0] in ("gunicorn", "hypercorn", "granian") else command
