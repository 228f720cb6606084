"""What the formats for machines and services say alike of findings, problems and paths."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from fixer import git
from fixer.documents.source import Position
from fixer.place import Place, Problem
from fixer.report import Report, Reported

LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def advice(report: Report, each: Reported) -> str:
    """Say what can be done about a finding, or what was done."""
    if each.outcome == "fixed":
        return "Fixed." if report.is_written else "Would be fixed."
    if each.outcome == "fixable":
        return f"dockfix --apply --select {each.fix} fixes it."
    parts = {
        "unsafe": f"dockfix --apply --unsafe --select {each.fix} fixes it; containers then behave"
        " differently.",
        "dropped": f"Not fixed: {each.reason}.",
        "manual": "" if each.finding.steps else "It needs a person.",
    }
    steps = f"To do: {each.finding.steps}" if each.finding.steps else ""
    return " ".join(part for part in (parts[each.outcome], steps) if part)


def problems(report: Report) -> Iterator[Problem]:
    """Yield what kept files or fixes from being looked at, and what Compose still refuses."""
    yield from report.problems
    for files, message in report.refused.items():
        names = " with ".join(from_top(report, path) for path in files)
        place = Place(files[0], Position(1, 1))
        yield Problem(place, f"Compose still refuses {names}: {message}")


def from_top(report: Report, path: str) -> str:
    """Give a path of the report as seen from the top of the repository, which is how services name
    files; the report's root may be a folder of it."""
    return _folder_in_repository(report.plan.root) + path


@cache
def _folder_in_repository(root: str) -> str:
    folder = Path(root)
    # A checkout without git is a plain copy, of which GitHub's runner says where it is.
    top = git.top_level(folder) or Path(os.environ.get("GITHUB_WORKSPACE", root))
    if folder == top or not folder.is_relative_to(top):
        return ""
    return f"{folder.relative_to(top).as_posix()}/"


def legible(text: str) -> str:
    """Give a text with escapes for the bytes of a file's name that are no UTF-8: encoders and those who
    read what they write refuse them."""
    return LONE_SURROGATE.sub(lambda found: _escape(ord(found[0])), text)


def _escape(surrogate: int) -> str:
    if 0xDC80 <= surrogate <= 0xDCFF:
        return f"\\x{surrogate - 0xDC00:02x}"
    return f"\\u{surrogate:04x}"
