"""What the configuration files of frameworks, which are programs, say in plain strings."""

from __future__ import annotations

import re

from fixer.scaffold.project import Project, is_plain


class Configuration:
    """The configuration files of a project, by the name of the tool."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def of(self, tool: str) -> str:
        """Give the text of a tool's configuration, comments left out."""
        names = [f"{tool}.config.{suffix}" for suffix in ("ts", "js", "mjs", "mts", "cjs")]
        names += [".eleventy.js"] if tool == "eleventy" else []
        found = self._project.first(*names)
        text = self._project.text(found) if found else ""
        return re.sub(r"(?m)/\*[\s\S]*?\*/|(^|\s)//.*$", " ", text)

    def string(self, tool: str, key: str) -> str | None:
        """Give the path that a key has; None where it has none that is written out."""
        found = re.search(rf"\b{key}:\s*[\"']([^\"'\n]+)[\"']", self.of(tool))
        return found[1] if found and is_plain(found[1]) else None
