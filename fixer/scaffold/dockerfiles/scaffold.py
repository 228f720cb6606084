"""What a language's module gives."""

from __future__ import annotations

import re
from typing import NamedTuple

from fixer.scaffold.demands import Demands
from fixer.scaffold.project import Project
from fixer.scaffold.tables import table

SAID = ("name", "description", "license")
PLACEHOLDERS = ("Add your description here",)
"""What programs that begin a project write for someone to replace."""

LICENCE = r"(?!(?i:UNLICENSED|SEE |proprietary))[A-Za-z0-9.+() -]+"
LONGEST = 300

MANY_LINES = 50
"""With how many lines a Dockerfile is long for tally."""


class CannotBuild(Exception):
    """A build that no Dockerfile can make work; the text says what a person has to do."""


class Scaffold(NamedTuple):
    """A Dockerfile's text, and the files that it copies and the project lacks: texts by path relative
    to the context."""

    dockerfile: str
    files: dict[str, str] = {}  # noqa: RUF012


def labels_of(project: Project, demands: Demands, manifest: str = "") -> dict[str, str]:
    """Give the labels that the Open Container Initiative has for what a project's manifest says of
    itself: name, description and licence, each where it is there.
    The name is the service's where it has none."""
    data = project.toml(manifest) if manifest.endswith(".toml") else project.json(manifest)
    tables = [data, *(table(data, *keys) for keys in (("project",), ("tool", "poetry"), ("package",)))]
    said = {key: _line(each[key]) for each in reversed(tables) for key in SAID if key in each}
    own = demands.name or project.folder.rpartition("/")[2] or project.repository.root.name
    title = said.get("name", "").rpartition("/")[2] or own
    description, licence = said.get("description", ""), said.get("license", "")
    labels = {
        "title": title,
        "description": "" if description in PLACEHOLDERS else description,
        "licenses": licence if re.fullmatch(LICENCE, licence) else "",
    }
    return {f"org.opencontainers.image.{key}": text for key, text in labels.items() if text}


def _line(value: object) -> str:
    """A text as one line; empty where it is none, or too long for a label."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return text if len(text) <= LONGEST and text.isprintable() else ""


def with_its_length(dockerfile: str) -> str:
    """Have a linter accept a Dockerfile that is long, since its stack or its project asks for much."""
    lines = [line for line in dockerfile.split("\n") if line.strip() and not line.startswith("#")]
    if len(lines) <= MANY_LINES:
        return dockerfile
    first, _, rest = dockerfile.partition("\n")
    reason = "the application is built from several languages or for several targets"
    return f"{first}\n# tally global ignore=tally/max-lines;reason={reason}\n{rest}"
