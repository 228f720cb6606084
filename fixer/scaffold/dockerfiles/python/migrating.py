"""What brings a database up to date before a server starts, where the project says that itself."""

from __future__ import annotations

import re

from fixer.scaffold.dockerfiles.python.start import Start
from fixer.scaffold.project import Project

WEB = r"(?m)^web:(.+)$"
MIGRATIONS = {
    r"python3? (\./)?manage\.py migrate": "django",
    r"flask db upgrade": "flask-migrate",
    r"alembic upgrade head": "alembic",
}
"""Commands that bring a database up to date, and the package that each comes from."""

FOUND_BY_FLASK = ("app.py", "wsgi.py", ".flaskenv")
"""Files by which the command `flask` finds the application when nobody names it."""


def migrations_of(project: Project, start: Start, names: frozenset[str]) -> tuple[str, ...]:
    """Give the commands by which the `web` process of a Procfile has its database brought up to date
    before the server starts."""
    line = re.search(WEB, project.text("Procfile"))
    *before, _ = [part.strip() for part in re.split(r"&&|;", line[1] if line else "")]
    is_elsewhere = bool(start.directory) and f"cd {start.directory}" not in before
    if not start.port or is_elsewhere:
        return ()
    return tuple(part for part in before if _is_migration(project, part, names))


def _is_migration(project: Project, command: str, names: frozenset[str]) -> bool:
    if command.startswith("flask") and project.first(*FOUND_BY_FLASK) is None:
        return False
    return any(
        package in names and re.fullmatch(rf"{pattern}( --?[\w-]+)*", command)
        for pattern, package in MIGRATIONS.items()
    )
