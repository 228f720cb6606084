"""A report as JUnit's XML, which most CI services show: a suite a file, a test a finding."""

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


class Result(NamedTuple):
    """What a test tells: `kind` is the XML element that says how it went, `name` is the test's."""

    place: Place
    name: str
    kind: str
    level: str
    message: str
    advice: str = ""


def render(report: Report) -> str:
    """Give the report as XML. Where nothing is found, one test passes."""
    results = sorted(_results(report), key=lambda each: each.place)
    suites = Element("testsuites", name="dockfix")
    for path, of_file in groupby(results, key=lambda each: each.place.path):
        _add_suite(suites, _text(from_top(report, path)), list(of_file))
    if not results:
        suite = SubElement(suites, "testsuite", {"name": "dockfix", "tests": "1"})
        SubElement(suite, "testcase", {"classname": "dockfix", "name": " ".join(summary(report))})
    suites.attrib |= _counts(results) if results else {"tests": "1", "failures": "0", "errors": "0"}
    ElementTree.indent(suites)
    # In ASCII, so that the encoding of the output does not matter.
    text: bytes = ElementTree.tostring(suites, encoding="us-ascii", xml_declaration=True)
    return text.decode("ascii") + "\n"


def _results(report: Report) -> Iterator[Result]:
    for each in report.findings:
        kind = "system-out" if each.outcome == "fixed" else "failure"
        message = each.finding.message
        name, level = f"{each.fix}: {message}", each.severity.name.lower()
        yield Result(each.finding.place, name, kind, level, message, advice(report, each))
    for problem in problems(report):
        yield Result(problem.place, problem.message, "error", "error", problem.message)


def _add_suite(suites: Element, file: str, results: list[Result]) -> None:
    suite = SubElement(suites, "testsuite", {"name": file, **_counts(results)})
    seen: Counter[str] = Counter()
    for each in results:
        seen[each.name] += 1
        # Services know a test by its name, so that two must not have the same.
        number = f" ({seen[each.name]})" if seen[each.name] > 1 else ""
        line, column = each.place.position
        name = _text(each.name) + number
        attributes = {"classname": file, "name": name, "file": file, "line": str(line)}
        case = SubElement(suite, "testcase", attributes)
        outcome = SubElement(case, each.kind)
        if each.kind != "system-out":
            outcome.attrib |= {"message": _text(each.message), "type": each.level}
        outcome.text = _text(f"{file}:{line}:{column}: {each.message}\n{each.advice}".rstrip())


def _counts(results: list[Result]) -> dict[str, str]:
    kinds = Counter(each.kind for each in results)
    counts = {"tests": len(results), "failures": kinds["failure"], "errors": kinds["error"]}
    return {name: str(count) for name, count in counts.items()}


def _text(text: str) -> str:
    """A text without the characters that XML has no way to write."""
    return "\n".join(printable(line) for line in legible(text).split("\n"))
