"""Finds the fixes: every module in `fixes/`, those of the entry-point group `dockfix.fixes`, and those
of a repository's own that were added."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import fixes
from fixer.finding import Detect, Fix, Propose, Review, Safety, Severity
from fixer.spelling import likeliest

GROUP = "dockfix.fixes"

_added: list[ModuleType] = []
_known_elsewhere: set[str] = set()


class UnknownName(Exception):
    """A name that no fix or family has, or a way that a fix does not know; the message says which there
    are."""


class Rule(NamedTuple):
    """A fix as the engine runs it. `family` is the folder its module lies in. `detect` looks at
    stacks, `propose` at files that are no YAML, `review` at what the other rules left; a fix has one
    of them or several."""

    name: str
    family: str
    fix: Fix
    documentation: str
    detect: Detect | None
    propose: Propose | None
    review: Review | None

    @property
    def severity(self) -> Severity:
        """How bad its findings are where they do not say otherwise."""
        return self.fix.severity

    @property
    def safety(self) -> Safety:
        """Who may apply its changes where a finding does not say otherwise."""
        return self.fix.safety


@cache
def all_rules() -> tuple[Rule, ...]:
    """Give every rule, ordered by family and name."""
    modules = [*_own_modules(), *_installed_modules(), *_added]
    rules = [_rule(module) for module in modules]
    return tuple(sorted(rules, key=lambda rule: (rule.family, rule.name)))


def add(module: ModuleType) -> None:
    """Add a fix of a repository's own to the others."""
    _added.append(module)
    all_rules.cache_clear()


def expect(names: Iterable[str]) -> None:
    """Take names for those of fixes and families, although these are not loaded."""
    _known_elsewhere.update(names)


def is_expected(name: str) -> bool:
    """Say whether a name is one of a fix, or of a family with one, that is not loaded."""
    return name in _known_elsewhere


def selected(select: Iterable[str], ignore: Iterable[str]) -> list[Rule]:
    """Give the rules that are named by name or family in `select` (empty: all), less `ignore`."""
    wanted, unwanted = set(select), set(ignore)
    return [
        rule
        for rule in all_rules()
        if (not wanted or wanted & {rule.name, rule.family}) and not unwanted & {rule.name, rule.family}
    ]


def unknown(names: Iterable[str]) -> dict[str, str | None]:
    """Give the names that are neither a fix nor a family, each with the nearest one that is."""
    known = {name for rule in all_rules() for name in (rule.name, rule.family)} | _known_elsewhere
    return {name: likeliest(name.lower(), known) for name in names if name not in known}


def require(names: Iterable[str]) -> None:
    """Raise UnknownName where one of the names is neither a fix nor a family."""
    for name, near in unknown(names).items():
        hint = f"; did you mean {near}?" if near else " (dockfix list shows them)"
        raise UnknownName(f"there is no fix or family {name}{hint}")


def strategies(name: str, way: str) -> dict[str, str]:
    """Give the way by the fixes that are to take it: the one of this name, or those of the family that
    know it; none where they are not loaded.

    Raises UnknownName.
    """
    require([name])
    rules = selected([name], [])
    able = [rule for rule in rules if way in rule.fix.strategies]
    if rules and not able:
        known = ", ".join(dict.fromkeys(each for rule in rules for each in rule.fix.strategies))
        raise UnknownName(
            f"{name} knows {known}, not {way}" if known else f"{name} knows no strategies: leave it out"
        )
    return dict.fromkeys([rule.name for rule in able], way)


def _own_modules() -> Iterator[ModuleType]:
    # pkgutil would do, but its import of inspect takes as long as all fixes together.
    for folder in fixes.__path__:
        for path in sorted(Path(folder).glob("*/[!_]*.py")):
            yield import_module(f"fixes.{path.parent.name}.{path.stem}")


def _installed_modules() -> Iterator[ModuleType]:
    """The modules that installed packages offer. Reading every package's metadata takes longer
    than a whole check, so it is done only where one of them names the group."""
    if not any(_names_group(folder) for folder in sys.path):
        return
    from importlib.metadata import entry_points

    for point in entry_points(group=GROUP):
        yield point.load()


def _names_group(folder: str) -> bool:
    try:
        names = [each for each in os.listdir(folder or ".") if each.endswith(".dist-info")]
    except OSError:
        return False
    for name in names:
        try:
            text = Path(folder, name, "entry_points.txt").read_bytes()
        except OSError:
            continue
        if b"[dockfix.fixes]" in text:
            return True
    return False


def _rule(module: ModuleType) -> Rule:
    *_, family, name = ("other", *module.__name__.split("."))
    return Rule(
        name=name.replace("_", "-"),
        family=family,
        fix=module.fix,
        documentation=(module.__doc__ or "").strip(),
        detect=getattr(module, "detect", None),
        propose=getattr(module, "propose", None),
        review=getattr(module, "review", None),
    )
