"""What the scripts have in common that a database runs once, while its data folder is empty."""

from __future__ import annotations

import re

from fixer.stack import Mount

FOLDER = "docker-entrypoint-initdb.d"
CONTENT = r"(?i)(schema|seed|dump|data\b|backup|table|fixture|migration|sample|ddl|dml|procedure|view)"


def is_script(mount: Mount, *endings: str) -> bool:
    """Say whether a mount is for a script that makes databases, or for the folder of such scripts. One
    that is called after a schema or data has what only the application's author knows."""
    name = mount.target.rpartition("/")[2]
    return name == FOLDER or (name.endswith(endings) and not re.search(CONTENT, name))
