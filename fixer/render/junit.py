"""A report as JUnit's XML, which most CI services show: a suite for each file, a test for each finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from fixer.place import Place
from fixer.render.terminal import printable, summary
from fixer.render.words import advice, from_top, legible, problems
from fixer.report import Report


class Test(NamedTuple):
    """What becomes a test: `kind` is the element that says how it went."""

    place: Place
    name: str
    kind: str
    type: str
    message: str
    advice: str


def render(report: Report) -> str:
    """Give the report as XML; a test that passes says where nothing was found."""
    suites = Element("testsuites", name="dockfix")
    tests = sorted(_tests(report), key=lambda each: each.place)
    for path, of_file in groupby(tests, key=lambda each: each.place.path):
        _add_suite(suites, legible(from_top(report, path)), list(of_file))
    if not tests:
        suite = SubElement(suites, "testsuite", name="dockfix", **_counts([]) | {"tests": "1"})
        SubElement(suite, "testcase", classname="dockfix", name=" ".join(summary(report)))
    suites.attrib.update(_counts(tests) if tests else {"tests": "1", "failures": "0", "errors": "0"})
    ElementTree.indent(suites)
    # In ASCII, so that the output's own encoding does not matter.
    return ElementTree.tostring(suites, encoding="us-ascii").decode("ascii") + "\n"


def _tests(report: Report) -> Iterator[Test]:
    for each in report.findings:
        kind = "system-out" if each.outcome == "fixed" else "failure"
        message, place = each.finding.message, each.finding.place
        level = each.severity.name.lower()
        yield Test(place, f"{each.fix}: {message}", kind, level, message, advice(each))
    for problem in problems(report):
        name = "internal error" if problem.internal else "unreadable"
        yield Test(problem.place, f"{name}: {problem.message}", "error", "error", problem.message, "")


def _add_suite(suites: Element, file: str, tests: list[Test]) -> None:
    suite = SubElement(suites, "testsuite", name=_text(file), **_counts(tests))
    seen: Counter[str] = Counter()
    for test in tests:
        seen[test.name] += 1
        # Services tell tests by their names, so that two must not have one.
        number = f" ({seen[test.name]})" if seen[test.name] > 1 else ""
        attributes = {
            "classname": _text(file),
            "name": _text(test.name) + number,
            "file": _text(file),
            "line": str(test.place.position.line),
        }
        case = SubElement(suite, "testcase", attributes)
        line, column = test.place.position
        parts = [f"{file}:{line}:{column}: {test.message}", test.advice]
        said = {"message": _text(test.message), "type": test.type} if test.kind != "system-out" else {}
        SubElement(case, test.kind, said).text = _text("\n".join(part for part in parts if part))


def _counts(tests: list[Test]) -> dict[str, str]:
    kinds = Counter(test.kind for test in tests)
    return {
        "tests": str(len(tests)),
        "failures": str(kinds["failure"]),
        "errors": str(kinds["error"]),
    }


def _text(text: str) -> str:
    """A text without the characters that XML has no way to write."""
    return "\n".join(printable(line) for line in legible(text).split("\n"))
