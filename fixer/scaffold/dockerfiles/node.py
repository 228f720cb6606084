"""Node.js: a server, or pages that are built and served by nginx."""

from __future__ import annotations

import re
from typing import Any

from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles.scaffold import Scaffold
from fixer.scaffold.project import Project
from fixer.scaffold.rendering import render

LOCK_FILES = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn", "package-lock.json": "npm"}


def scaffold(project: Project, demands: Demands) -> Scaffold | None:
    """Give the Dockerfile of a Node.js project."""
    package = project.json("package.json")
    if not package:
        return None
    scripts = package.get("scripts") or {}
    dependencies = {**(package.get("dependencies") or {}), **(package.get("devDependencies") or {})}
    lock = project.first(*LOCK_FILES)
    manager = LOCK_FILES[lock] if lock else ""
    values = {"manager": manager, "has_build": "build" in scripts, "version": "22"}
    if "vite" in dependencies and "express" not in dependencies and "build" in scripts:
        text = render("dockerfile/vite.Dockerfile.j2", port=demands.port or "8080", **values)
        return Scaffold(text)
    main = _main(project, package)
    if main is None:
        return None
    text = render("dockerfile/node.Dockerfile.j2", port=demands.port, main=main, **values)
    return Scaffold(text)


def _main(project: Project, package: dict[str, Any]) -> str | None:
    """The script that `npm start` runs with node, or the package's main file."""
    start = str((package.get("scripts") or {}).get("start", ""))
    found = re.match(r"node\s+([\w./-]+)\Z", start.strip())
    names = [found[1] if found else "", str(package.get("main", "")), "server.js", "index.js"]
    return next((name for name in names if name and project.has(name)), None)
