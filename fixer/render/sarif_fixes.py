"""What the changes of findings do to files, as the `fixes` of SARIF."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fixer.documents.source import Edit, Source
from fixer.plan import FileChange
from fixer.planning import plan_fix
from fixer.render.replacing import replacements, words_near_secrets, words_of, words_of_value
from fixer.render.words import advice, from_top, legible
from fixer.report import Report, Reported
from fixer.stack import Repository

TOP = "%SRCROOT%"
"""What GitHub calls the top of the repository."""

MOST_TEXT = 2_000_000
"""Bytes of files that are planned, one finding after the other. The findings after those have no fix."""


def artifact(report: Report, path: str) -> dict[str, str]:
    """Give a file's location in the repository."""
    return {"uri": quote(os.fsencode(from_top(report, path))), "uriBaseId": TOP}


class Fixes:
    """The fixes of a report's findings, as long as nothing was planned: after that, what a finding says
    may be of files as they will be."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.repository = Repository(Path(report.plan.root))
        self.left = MOST_TEXT

    def of(self, each: Reported) -> list[dict[str, Any]]:
        """Give the fix of a finding, if it has one that only edits files and moves no secret."""
        is_planned = bool(self.report.plan.steps)
        is_secret = each.exposed or each.family == "secrets"
        if is_planned or is_secret or each.outcome not in ("fixable", "unsafe") or self.left < 0:
            return []
        step = plan_fix(self.repository, each.fix, [each.finding]).step
        changes = [self._change(change) for change in step.changes] if step else []
        known = [change for change in changes if change is not None]
        if not known or len(known) < len(changes):
            return []
        return [{"description": {"text": legible(advice(self.report, each))}, "artifactChanges": known}]

    def _change(self, change: FileChange) -> dict[str, Any] | None:
        """A change of a file as replacements; None where they cannot say it or must not."""
        before, after = change.before, change.after
        if before is None or after is None or before.mode != after.mode:
            return None
        self.left -= len(before.content)
        old, new = Source(before.content), Source(after.content)
        is_utf_8 = old.text.isascii() or not any("\ud800" <= each <= "\udfff" for each in old.text)
        if old.bom != new.bom or not is_utf_8:
            return None
        edits = list(replacements(old.text, new.text))
        if any(words_of(edit.text) & self._guarded for edit in edits):
            return None
        return {
            "artifactLocation": artifact(self.report, change.path),
            "replacements": [_replacement(old, edit) for edit in edits],
        }

    @cached_property
    def _guarded(self) -> set[str]:
        """The words that may be part of a secret of one of the files from which a fix may take text."""
        guarded: set[str] = set()
        paths = {path for members in self.report.stacks.values() for path in members}
        paths |= {each.finding.place.path for each in self.report.findings}
        texts = {path: Source(self.repository.read(path) or b"").text for path in paths}
        for text in texts.values():
            guarded |= words_near_secrets(text)
        for each in self.report.findings:
            path, (number, _) = each.finding.place
            if each.exposed:
                guarded |= words_of_value(texts[path].split("\n")[number - 1])
        return guarded


def _replacement(source: Source, edit: Edit) -> dict[str, Any]:
    (line, column), (end_line, end_column) = source.position(edit.start), source.position(edit.end)
    region = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
    inserted = {"insertedContent": {"text": edit.text}} if edit.text else {}
    return {"deletedRegion": region, **inserted}
