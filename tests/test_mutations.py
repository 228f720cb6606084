"""Compose files with a slip of the keyboard in them: nothing fails, and what is planned holds."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from fixer.documents.yaml import YamlDocument, YamlSyntaxError
from fixer.engine import check
from fixer.options import Options
from fixer.report import Report
from fixer.stack import Repository
from tests.cases import cases, stacks

FAMILIES = ("syntax", "compose", "references", "conflicts")
FILES = sorted(
    path
    for case in (*cases(), *stacks())
    for path in case.before.rglob("*.y*ml")
    if "compose" in path.name and path.stat().st_size < 4000
)
SIGNS = " \t\n:-\"'[]{}#*&@`%,|>!?\\a0\x00é"

slips = st.tuples(st.sampled_from(["insert", "delete", "replace", "swap"]), st.sampled_from(SIGNS))


def slipped(text: str, kind: str, sign: str, at: int) -> str:
    at %= max(len(text), 1)
    match kind:
        case "insert":
            return text[:at] + sign + text[at:]
        case "delete":
            return text[:at] + text[at + 1 :]
        case "replace":
            return text[:at] + sign + text[at + 1 :]
        case _:
            return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


def planned(folder: Path) -> Report:
    return check(Repository(folder), [], Options(unsafe=True, select=FAMILIES), fix=True)


def content_after(report: Report, before: bytes) -> bytes:
    changes = [each for each in report.plan.changes if each.path == "compose.yaml"]
    after = changes[0].after if changes else None
    return after.content if after else before


@given(st.sampled_from(FILES), st.lists(st.tuples(slips, st.integers(0, 4000)), min_size=1, max_size=3))
def test_a_slip_does_no_harm(file: Path, chosen: list[tuple[tuple[str, str], int]]) -> None:
    text = file.read_bytes().decode("utf-8", "surrogateescape")
    for (kind, sign), at in chosen:
        text = slipped(text, kind, sign, at)
    content = text.encode("utf-8", "surrogateescape")
    with TemporaryDirectory() as folder:
        path = Path(folder, "compose.yaml")
        path.write_bytes(content)
        report = planned(Path(folder))
        # A change that does not hold what it declares is dropped; that is what the check is for.
        bugs = [each.message for each in report.problems if each.internal]
        assert not [each for each in bugs if "is dropped here" not in each]
        after = content_after(report, content)
        if after != content:
            # What could be read still can, and a second run has nothing to add.
            path.write_bytes(after)
            assert is_yaml(after) or not is_yaml(content)
            assert content_after(planned(Path(folder)), after) == after


def is_yaml(content: bytes) -> bool:
    try:
        YamlDocument(content)
    except YamlSyntaxError:
        return False
    return True
