"""The settings of a configuration file, checked one after the other, as a `Configuration`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fixer import own_fixes, registry
from fixer.compose import Files
from fixer.configuration import OWN_NAME, TABLE, Configuration, ConfigurationError, SettingsFile
from fixer.documents import wildcards
from fixer.documents.toml import Route
from fixer.finding import Severity
from fixer.own_fixes import OwnFix, OwnFixError
from fixer.place import from_here
from fixer.registry import UnknownName
from fixer.spelling import likeliest
from fixer.stack import Repository

EXPECTED = {
    "select": 'a list of fixes and families: select = ["secrets", "undeclared-volume"]',
    "ignore": 'a list of fixes and families: ignore = ["secrets", "undeclared-volume"]',
    "exclude": 'a list of patterns: exclude = ["vendor/", "*.example.yaml"]',
    "per-path-ignores": 'a table of lists by pattern: per-path-ignores = {"demo/**" = ["secrets"]}',
    "severities": 'a table of severities by fix or family: severities = {secrets = "error"}',
    "strategies": 'a table of ways by fix or family: strategies = {hardcoded-password = "env"}',
    "stacks": 'a table of lists of Compose files: stacks = {production = ["compose.yaml"]}',
    "fixes": 'a list of modules and folders: fixes = ["tools/dockfix"]',
}
"""What each setting takes, as an error says it."""

SPECIAL, ESCAPED = re.compile(r"([\\*?\[\]!# ])"), r"\\\1"
"""What means something in a pattern although a folder's name may hold it, and how that is said."""


class Settings:
    """What stands in a configuration file. Its methods raise ConfigurationError."""

    def __init__(self, file: SettingsFile, root: Path) -> None:
        self.file = file
        self.repository = Repository(root)
        self.folder = "" if file.path.parent == root else file.path.parent.relative_to(root).as_posix()

    def configuration(self, own_fixes: bool) -> Configuration:
        """Give the settings. With `own_fixes` the fixes that they name are loaded: this runs code of the
        repository."""
        self._check_keys()
        # The other settings may name the repository's own fixes.
        fixes = self._fixes(own_fixes)
        return Configuration(
            select=self._names("select"),
            ignore=self._names("ignore"),
            exclude=tuple(self._pattern(route, text) for route, text in self._listed("exclude")),
            per_path_ignores=self._ignored_paths(),
            severities=self._severities(),
            strategies=self._strategies(),
            stacks={name: self._stack(name) for name in self._table("stacks")},
            fixes=fixes,
            path=self.file.path,
        )

    def _check_keys(self) -> None:
        if not isinstance(self.file.content, dict):
            raise self.file.error((), "dockfix's settings are a table: write [tool.dockfix]")
        for key in self.file.content:
            if key in EXPECTED:
                continue
            near = likeliest(key.replace("_", "-").lower(), EXPECTED)
            hint = f"did you mean {near}?" if near else f"there are {', '.join(EXPECTED)}"
            if key == TABLE[0] and not self.file.route:
                hint = f"in {OWN_NAME} they stand at the top, without [{'.'.join(TABLE)}]"
            raise self.file.error((key,), f"there is no setting {key}; {hint}", of_key=True)

    def _table(self, key: str) -> dict[str, Any]:
        value = self.file.content.get(key, {})
        if not isinstance(value, dict):
            raise self._wrong_type((key,))
        return value

    def _listed(self, *keys: str) -> list[tuple[Route, str]]:
        """The texts of a list, each with the route to it."""
        value: Any = self.file.content
        for key in keys:
            value = value.get(key, [])
        if not isinstance(value, list):
            raise self._wrong_type(keys)
        for index, each in enumerate(value):
            if not isinstance(each, str):
                raise self._wrong_type((*keys, index))
        return [((*keys, index), each) for index, each in enumerate(value)]

    def _by_name(self, key: str) -> Iterator[tuple[Route, str, str]]:
        """The entries of a table whose keys are fixes and families, with the route to each. Those of
        families come first: a fix's own one counts for more."""
        families = {rule.family for rule in registry.all_rules()}
        for name, value in sorted(self._table(key).items(), key=lambda each: each[0] not in families):
            with self._told((key, name), of_key=True):
                registry.require([name])
            if not isinstance(value, str):
                raise self._wrong_type((key, name))
            yield (key, name), name, value

    def _wrong_type(self, route: Route) -> ConfigurationError:
        key = str(route[0])
        return self.file.error(route, f"{key} takes {EXPECTED[key]}")

    @contextmanager
    def _told(self, route: Route, of_key: bool = False) -> Iterator[None]:
        """Say of a name that is unknown where it stands."""
        try:
            yield
        except UnknownName as error:
            raise self.file.error(route, str(error), of_key) from None

    def _names(self, *keys: str) -> tuple[str, ...]:
        listed = self._listed(*keys)
        for route, name in listed:
            with self._told(route):
                registry.require([name])
        return tuple(name for _, name in listed)

    def _pattern(self, route: Route, text: str, of_key: bool = False) -> str:
        """A pattern as it is from the root."""
        from pathspec import GitIgnoreSpec

        negation, body = ("!", text[1:]) if text.startswith("!") else ("", text)
        if {".", ".."} & set(body.split("/")):
            hint = f"leave . and .. out: a pattern starts in the folder of {self.file.path.name}"
            raise self.file.error(route, f"{text} matches nothing; {hint}", of_key)
        if wildcards.has_many(body):
            hint = f"use up to {wildcards.MAXIMUM}, or write several patterns"
            raise self.file.error(route, f"{text} has too many wildcards; {hint}", of_key)
        try:
            matches = any(each.include is not None for each in GitIgnoreSpec.from_lines([text]).patterns)
        except (ValueError, re.error):
            matches = False
        if not matches:
            hint = "write one as in a .gitignore, such as vendor/ or *.example.yaml"
            raise self.file.error(route, f"'{text}' is no pattern; {hint}", of_key)
        if not self.folder:
            return text
        everywhere = "" if "/" in body.rstrip("/") else "**/"
        return f"{negation}/{SPECIAL.sub(ESCAPED, self.folder)}/{everywhere}{body.lstrip('/')}"

    def _ignored_paths(self) -> dict[str, tuple[str, ...]]:
        key = "per-path-ignores"
        return {
            self._pattern((key, text), text, of_key=True): self._names(key, text)
            for text in self._table(key)
        }

    def _severities(self) -> dict[str, Severity]:
        severities: dict[str, Severity] = {}
        for route, name, text in self._by_name("severities"):
            if text.upper() not in Severity.__members__:
                raise self.file.error(route, f"there is no severity {text}; give error, warning or note")
            rules = registry.selected([name], [])
            severities |= dict.fromkeys([rule.name for rule in rules], Severity[text.upper()])
        return severities

    def _strategies(self) -> dict[str, str]:
        strategies: dict[str, str] = {}
        for route, name, way in self._by_name("strategies"):
            with self._told(route):
                strategies |= registry.strategies(name, way)
        return strategies

    def _stack(self, name: str) -> Files:
        listed = self._listed("stacks", name)
        if not listed:
            raise self._wrong_type(("stacks", name))
        return tuple(self._existing(route, text, self.repository.is_file) for route, text in listed)

    def _existing(self, route: Route, text: str, exists: Callable[[str], bool]) -> str:
        """A path as it is from the root."""
        path = os.path.normpath(os.path.join(self.folder, text))
        if self.repository.outside(path):
            hint = f"write it relative to the folder of {self.file.path.name}"
            raise self.file.error(route, f"{text} lies outside of the repository; {hint}")
        if not exists(path):
            near = likeliest(path, self.repository.listed(os.path.dirname(path)))
            hint = f"did you mean {os.path.relpath(near, self.folder or '.')}?" if near else ""
            hint = hint or f"paths are relative to the folder of {self.file.path.name}"
            raise self.file.error(route, f"{text} does not exist; {hint}")
        return path

    def _fixes(self, are_loaded: bool) -> tuple[str, ...]:
        paths: list[str] = []
        for route, text in self._listed("fixes"):
            path = self._existing(route, text, self.repository.exists)
            found = own_fixes.found_at(self.repository.root / path)
            if not found:
                hint = "a fix is a module, whose name ends with .py and does not start with _"
                raise self.file.error(route, f"there is no fix in {text}; {hint}")
            for each in found:
                if self.repository.outside(each.path.relative_to(self.repository.root).as_posix()):
                    raise self.file.error(
                        route, f"{from_here(each.path)} is a link out of the repository"
                    )
                if (misnamed := each.misnamed) is not None:
                    hint = (
                        "Python imports no such name; rename it: letters, digits and _, no digit first"
                    )
                    raise self.file.error(route, f"{from_here(misnamed)}: {hint}")
                if are_loaded:
                    self._register(each)
                else:
                    registry.expect((each.name, each.family))
            paths.append(path)
        return tuple(paths)

    def _register(self, own: OwnFix) -> None:
        try:
            own_fixes.load(own)
        except OwnFixError as error:
            raise ConfigurationError(str(error)) from None
