"""What `--verbose` tells of a run: what was looked at, what was left out, and how long it took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os.path import relpath
from pathlib import Path

from fixer.cli import version_line
from fixer.render.terminal import printable, shown
from fixer.report import Report
from fixer.wording import counted


def account(
    report: Report, settings: Path | None, engine: str, spent: Mapping[str, float]
) -> Iterator[str]:
    """Yield the lines."""
    root = report.plan.root
    yield f"{version_line()} in {printable(root)}"
    yield f"Configuration: {printable(relpath(settings)) if settings else 'none'}"
    for files, count in sorted(report.services.items()):
        names = " ".join(f"-f {shown(root, path)}" for path in files)
        yield f"Stack: {names}: {counted(count, 'service')}"
    left = ", ".join(f"{count} by {what}" for what, count in sorted(report.left_out.items()))
    yield f"Left out: {left or 'nothing'}"
    yield f"Compose: {_judge(report, engine)}"
    yield f"Time: {', '.join(f'{phase.lower()} {seconds:.2f} s' for phase, seconds in spent.items())}"


def _judge(report: Report, engine: str) -> str:
    """Which Compose judged, or why none did."""
    from fixer import compose

    if not report.plan.changes:
        return "not asked, since there are no changes to judge"
    if engine == "never":
        return "not asked, as --engine says"
    program = compose.named(engine)
    if program is None:
        return "not asked, since none is installed"
    version = compose.version(program) or "of an unknown version"
    return f"{version} judged the changes ({printable(program)})"
