"""A folder of sources, as a build sees it: questions on its files and manifests."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from fixer.stack import Repository
from fixer.stack.merging import join

PLAIN = r"[\w.@+/][\w.@+~=%/-]*"
"""A path that no line of a Dockerfile has to quote, neither for Docker nor for a shell."""


def is_plain(text: str) -> bool:
    """Say whether a path or a name can stand in a line of a Dockerfile as it is."""
    return re.fullmatch(PLAIN, text) is not None


class Project:
    """The sources of one image. `context` is the folder that the build sees, `folder` the one below it,
    or the same, that the sources lie in; both relative to the root. Paths that are asked for
    are relative to `folder`. A file whose name is not plain counts as none: what a project is built from
    and started by is named in the Dockerfile."""

    def __init__(self, repository: Repository, context: str, folder: str | None = None) -> None:
        self.repository = repository
        self.context = "" if context == "." else context
        self.folder = self.context if folder is None else folder

    @property
    def prefix(self) -> str:
        """What stands before a path of the project in the build: `apps/web/`, or nothing."""
        below = self.folder.removeprefix(self.context).strip("/")
        return f"{below}/" if below else ""

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The files of the project that git would show."""
        return tuple(filter(is_plain, self.all_files))

    @cached_property
    def all_files(self) -> tuple[str, ...]:
        """These, and those whose names are not plain."""
        start = len(self.folder) + 1 if self.folder else 0
        return tuple(path[start:] for path in self.repository.below(self.folder))

    def has(self, name: str) -> bool:
        """Say whether the project has a file of that path."""
        return is_plain(name) and self.repository.is_file(join(self.folder, name))

    def first(self, *names: str) -> str | None:
        """Give the first of these files that the project has."""
        return next((name for name in names if self.has(name)), None)

    def text(self, name: str) -> str:
        """Give a file's text, empty where there is none."""
        if not is_plain(name):
            return ""
        content = self.repository.searchable(join(self.folder, name)) or b""
        # What a shell of Windows writes into a file.
        encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
        return content.decode(encoding, "replace")

    def json(self, name: str) -> dict[str, Any]:
        """Give what a JSON file holds, empty where there is none that can be read."""
        import json

        try:
            data = json.loads(self.text(name) or "{}")
        except (ValueError, RecursionError):
            return {}
        return data if isinstance(data, dict) else {}

    def toml(self, name: str) -> dict[str, Any]:
        """Give what a TOML file holds, empty where there is none that can be read."""
        import tomllib

        try:
            return tomllib.loads(self.text(name))
        except (ValueError, RecursionError):
            return {}
