"""Static files, served by nginx."""

from __future__ import annotations

from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles.scaffold import Scaffold
from fixer.scaffold.project import Project
from fixer.scaffold.rendering import render


def scaffold(project: Project, demands: Demands) -> Scaffold | None:
    """Give the Dockerfile of a folder of pages."""
    if not project.has("index.html"):
        return None
    return Scaffold(render("dockerfile/static.Dockerfile.j2", port=demands.port or "8080"))
