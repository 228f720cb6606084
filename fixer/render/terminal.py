"""A report for people, readable in 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from os.path import relpath
from typing import TYPE_CHECKING

from fixer.finding import Severity
from fixer.place import Place
from fixer.report import Report, Reported
from fixer.wording import counted

if TYPE_CHECKING:
    from fixer.rotation import Rotation

BOLD, DIM, RED, YELLOW, BLUE, GREEN, RESET = (
    "\033[1m", "\033[2m", "\033[31m", "\033[33m", "\033[34m", "\033[32m", "\033[0m",
)  # fmt: skip
COLOURS = {Severity.ERROR: RED, Severity.WARNING: YELLOW, Severity.NOTE: BLUE}
OUTCOMES = {
    "fixed": "fixed",
    "fixable": "fix with --apply",
    "unsafe": "fix with --apply --unsafe",
    "manual": "needs a person",
    "dropped": "not fixed",
}
WIDTH = 80


def render(report: Report, colour: bool) -> str:
    """Give the findings grouped by file, the problems, and a summary. Paths are relative to the
    current folder, so that a click on them opens the file."""
    paint = _Painter(colour)
    root = report.plan.root
    lines: list[str] = []
    path = None
    for each in report.findings:
        if each.finding.place.path != path:
            path = each.finding.place.path
            lines += [""] if lines else []
            lines += [paint(BOLD, shown(root, path))]
        lines += _finding(each, paint, report)
    if report.problems:
        lines += [""] if lines else []
        lines += _problems(report, root)
    lines += ["", *summary(report)] if lines else list(summary(report))
    if report.gone:
        lines.append(f"{_gone(report.gone)} gone: write it anew with --write-baseline.")
    lines += _refusals(report, root)
    if report.rotation is not None:
        lines += _rotation(report.rotation, root)
    return "\n".join(lines) + "\n"


def brief(report: Report, colour: bool) -> str:
    """Give what is left for somebody to do, a line each; nothing where nothing is."""
    paint = _Painter(colour)
    root = report.plan.root
    lines = [
        f"{_heading(each, paint, root)}: {printable(' '.join(each.finding.message.split()))}"
        for each in report.findings
        if each.outcome != "fixed"
    ]
    lines += [*_problems(report, root), *_refusals(report, root)]
    if report.rotation is not None:
        lines += _rotation(report.rotation, root)
    return "".join(f"{line}\n" for line in lines)


def _problems(report: Report, root: str) -> Iterator[str]:
    for each in report.problems:
        yield f"{_spelt(each.place, root)}: {printable(each.message)}"


def _refusals(report: Report, root: str) -> Iterator[str]:
    for files, message in report.refused.items():
        yield f"Compose still refuses {' with '.join(shown(root, path) for path in files)}:"
        yield from _wrapped(message)


def _rotation(rotation: Rotation, root: str) -> Iterator[str]:
    """Which secrets have new values, what else those need, and which ones were left."""
    for secret in rotation.renewed:
        yield f"{shown(root, secret.path)}: {printable(secret.name)} has a new value."
        for service, steps in secret.rotation.items():
            yield from _wrapped(f"{service}: {steps}") if steps else ()
    for secret, reason in rotation.left:
        yield f"{shown(root, secret.path)}: {printable(secret.name)} keeps its value:"
        yield from _wrapped(f"{reason}.")


def shown(root: str, path: str) -> str:
    """Give a path of the repository as seen from the current folder, fit for a terminal."""
    return printable(relpath(f"{root}/{path}"))


def printable(text: str) -> str:
    """Give a text with escapes for what could steer a terminal or hide what stands there: names
    come from files that anyone may have written."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def _spelt(place: Place, root: str) -> str:
    return str(place._replace(path=shown(root, place.path)))


def _heading(each: Reported, paint: _Painter, root: str) -> str:
    severity = paint(COLOURS[each.severity], each.severity.name.lower())
    return f"{_spelt(each.finding.place, root)}: {severity} {each.fix}"


def outcome(report: Report, each: Reported) -> str:
    """Say what became of a finding, or can."""
    is_planned = each.outcome == "fixed" and not report.is_written
    return "would be fixed" if is_planned else OUTCOMES[each.outcome]


def _finding(each: Reported, paint: _Painter, report: Report) -> Iterator[str]:
    done = paint(GREEN if each.outcome == "fixed" else DIM, outcome(report, each))
    yield f"{_heading(each, paint, report.plan.root)} ({done})"
    yield from _wrapped(each.finding.message)
    if each.finding.steps and each.outcome != "fixable":
        yield from _wrapped(f"To do: {each.finding.steps}")
    if each.reason:
        yield from _wrapped(f"Not fixed: {each.reason}.")


def _wrapped(text: str) -> Iterator[str]:
    """A text in lines that fit the width; words are never broken, for they are paths and names."""
    from textwrap import wrap

    for paragraph in text.split("\n"):
        yield from wrap(
            printable(paragraph),
            WIDTH,
            initial_indent="    ",
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]


def summary(report: Report) -> Iterator[str]:
    """Yield the lines that say how many findings there are and what can be done about them."""
    counts = dict.fromkeys(OUTCOMES, 0)
    for each in report.findings:
        counts[each.outcome] += 1
    total = len(report.findings)
    files = counted(report.files, "Compose file")
    if report.since and not (total or report.files or report.problems):
        yield f"No stack was changed since {printable(report.since)}."
        return
    if not total:
        yield f"{files} checked, nothing found."
        return
    parts = [
        f"{counts['fixed']} {'' if report.is_written else 'would be '}fixed" if counts["fixed"] else "",
        f"{counts['fixable']} can be fixed with --apply" if counts["fixable"] else "",
        f"{counts['unsafe']} more with --unsafe" if counts["unsafe"] else "",
        f"{counts['dropped']} could not be fixed" if counts["dropped"] else "",
        _people(counts["manual"]) if counts["manual"] else "",
    ]
    found = counted(total, "finding")
    yield f"{found} in {files}: {', '.join(part for part in parts if part)}."
    if report.rotation is None and any(each.exposed for each in report.findings):
        yield "Secrets that were written out stay in the repository's history: change them, too."
        yield "With --rotate those that dockfix moves get new values, where it can make them."


def _gone(count: int) -> str:
    return f"{counted(count, 'finding')} of the baseline {'is' if count == 1 else 'are'}"


def _people(count: int) -> str:
    return f"{count} {'needs' if count == 1 else 'need'} a person"


class _Painter:
    def __init__(self, colour: bool) -> None:
        self.colour = colour

    def __call__(self, code: str, text: str) -> str:
        return f"{code}{text}{RESET}" if self.colour else text


def coloured_patch(patch: bytes) -> bytes:
    """Give a patch with its added and removed lines in colour, for reading only."""
    lines: list[bytes] = []
    for line in patch.splitlines(keepends=True):
        code = b""
        if line.startswith((b"diff ", b"--- ", b"+++ ")):
            code = BOLD.encode()
        elif line.startswith(b"+"):
            code = GREEN.encode()
        elif line.startswith(b"-"):
            code = RED.encode()
        elif line.startswith(b"@@"):
            code = BLUE.encode()
        body = line.rstrip(b"\r\n")
        lines.append(code + body + RESET.encode() + line[len(body) :] if code else line)
    return b"".join(lines)
