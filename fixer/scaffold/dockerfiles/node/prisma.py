"""Prisma, whose client is made from the project's schema."""

from __future__ import annotations

import re

from fixer.scaffold.dockerfiles.node.package import Package
from fixer.scaffold.project import Project


def generates_later(project: Project, package: Package) -> bool:
    """Say whether the client is still to be made when the packages are installed: the schema was not
    there then, and no script of the build makes it."""
    scripts = " ".join(package.scripts.get(name, "") for name in ("postinstall", "prebuild", "build"))
    has_schema = any(re.search(r"(^|/)schema\.prisma$", path) for path in project.files)
    return package.asks_for("prisma") and has_schema and "prisma generate" not in scripts
