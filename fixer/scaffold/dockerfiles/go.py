"""Go: one static binary."""

from __future__ import annotations

import re

from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles.scaffold import Scaffold
from fixer.scaffold.project import Project
from fixer.scaffold.rendering import render


def scaffold(project: Project, demands: Demands) -> Scaffold | None:
    """Give the Dockerfile of a Go module."""
    if not project.has("go.mod") or not project.has("main.go"):
        return None
    found = re.search(r"(?m)^go\s+(1\.\d+)", project.text("go.mod"))
    text = render(
        "dockerfile/go.Dockerfile.j2",
        version=found[1] if found else "1.24",
        has_sums=project.has("go.sum"),
        port=demands.port,
    )
    return Scaffold(text)
