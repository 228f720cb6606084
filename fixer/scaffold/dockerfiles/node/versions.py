"""Which version of Node.js a project asks for."""

from __future__ import annotations

import re

from fixer.scaffold.dockerfiles.node.package import Package
from fixer.scaffold.project import Project

LONG_TERM = (22, 24, 20, 18)
"""Versions with long-term support, in the order of preference."""

CODENAMES = {"hydrogen": "18", "iron": "20", "jod": "22", "krypton": "24"}
COMPARISON = r"(>=|<=|>|<|\^|~|=)?\s*v?(\d{1,4})(?:\.(\d+|x|\*))?(?:\.(?:\d+|x|\*))?"


def node_version(project: Project, package: Package) -> str:
    """Give the image's tag: the version that a file of the project names, else the preferred one
    that fits `engines`."""
    pinned = package.data.get("volta")
    tools = re.search(r"(?m)^node(?:js)?\s+(\S+)", project.text(".tool-versions"))
    written = (
        project.text(".nvmrc"),
        project.text(".node-version"),
        str(pinned.get("node", "")) if isinstance(pinned, dict) else "",
        tools[1] if tools else "",
    )
    for text in written:
        version = _exact(text.strip())
        if version:
            return version
    engines = package.data.get("engines")
    text = str(engines.get("node", "")) if isinstance(engines, dict) else ""
    return _fitting(text)


def _exact(text: str) -> str:
    found = re.fullmatch(r"v?(\d+(?:\.\d+){0,2})", text)
    codename = text.removeprefix("lts/").lower()
    return found[1] if found else CODENAMES.get(codename, "")


def _fitting(text: str) -> str:
    """The preferred version of a range, else the highest one that the range names."""
    for major in LONG_TERM:
        if any(_allows(alternative, major) for alternative in text.split("||")):
            return str(major)
    numbers: list[str] = [number for _, number, _ in re.findall(COMPARISON, text)]
    return max(numbers, key=int)


def _allows(alternative: str, major: int) -> bool:
    """Whether the newest release of a major version is in a range without alternatives."""
    if not re.search(r"\d", alternative):
        return True
    first, hyphen, last = alternative.partition(" - ")
    text = f">={first.strip()} <={last.strip()}" if hyphen else alternative
    for sign, number, minor in re.findall(COMPARISON, text):
        given = int(number)
        is_whole = minor in ("", "x", "*")
        fits = {
            ">=": major >= given,
            ">": major > given if is_whole else major >= given,
            "<=": major <= given if is_whole else major < given,
            "<": major < given,
        }.get(sign, major == given)
        if not fits:
            return False
    return True
