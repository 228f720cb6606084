"""What a language's module gives."""

from __future__ import annotations

import re
from typing import NamedTuple

from fixer import git
from fixer.scaffold.demands import Demands
from fixer.scaffold.project import Project

REMOTE = r"(?:https?://(?:[^@/]*@)?|(?:ssh://)?git@)([\w.-]+)[:/]([\w./-]+?)(?:\.git)?/?"


class CannotBuild(Exception):
    """A build that no Dockerfile can make work; the text says what a person has to do."""


MANY_LINES = 50
"""With how many lines a Dockerfile is long for tally."""


class Scaffold(NamedTuple):
    """A Dockerfile's text, and the files that it copies and the project lacks: texts by path relative
    to the context."""

    dockerfile: str
    files: dict[str, str] = {}  # noqa: RUF012


def labels_of(project: Project, demands: Demands) -> dict[str, str]:
    """Give the labels that the Open Container Initiative has for an image's name and its sources."""
    title = demands.name or project.folder.rpartition("/")[2] or project.repository.root.name
    labels = {"org.opencontainers.image.title": title}
    remote = git.run(project.repository.root, "config", "--get", "remote.origin.url")
    found = re.fullmatch(REMOTE, (remote or b"").decode("utf-8", "replace").strip())
    if found is not None:
        labels["org.opencontainers.image.source"] = f"https://{found[1]}/{found[2]}"
    return labels


def with_its_length(dockerfile: str) -> str:
    """Have a linter accept a Dockerfile that is long, since its stack or its project asks for much."""
    lines = [line for line in dockerfile.split("\n") if line.strip() and not line.startswith("#")]
    if len(lines) <= MANY_LINES:
        return dockerfile
    first, _, rest = dockerfile.partition("\n")
    reason = "the application is built from several languages or for several targets"
    return f"{first}\n# tally global ignore=tally/max-lines;reason={reason}\n{rest}"
