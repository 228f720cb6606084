"""What a user asked for on the command line, made ready for the engine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from fixer import baseline, configuration, git, registry
from fixer.baseline import BaselineError
from fixer.cli import COMMANDS, FLAGS
from fixer.cli.complaint import complain
from fixer.configuration import Configuration, ConfigurationError
from fixer.identity import Identity
from fixer.options import Options
from fixer.registry import UnknownName
from fixer.spelling import nearest
from fixer.stack import Repository


class UsageError(Exception):
    """What the user asked for makes no sense; the message says what to do instead."""


class Request(NamedTuple):
    """What a user asked for on the command line; paths as they were given."""

    paths: tuple[str, ...] = ()
    dry_run: bool = False
    apply: bool = False
    unsafe: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    root: str | None = None
    format: str = "text"
    strategies: tuple[str, ...] = ()
    engine: str = "auto"
    rotate: bool = False
    changed_since: str | None = None
    baseline: str | None = None
    write_baseline: bool = False
    fail_on: str = "note"
    own_fixes: bool = False
    quiet: bool = False
    verbose: bool = False


class Located(NamedTuple):
    """Where a request's paths are, relative to the root, and what the repository says of itself."""

    repository: Repository
    paths: tuple[str, ...]
    files: tuple[str, ...]
    configuration: Configuration


class Prepared(NamedTuple):
    """A request whose paths and names are known to make sense; paths are relative to the root."""

    repository: Repository
    paths: tuple[str, ...]
    files: tuple[str, ...]
    options: Options
    settings: Path | None
    """The configuration file that was read."""


def locate(request: Request) -> Located:
    """Find the root, its configuration, and the paths of a request.

    Raises UsageError.
    """
    root = find_root(request)
    try:
        found = _configured(_common_folder(request), root, request.own_fixes)
    except ConfigurationError as error:
        raise UsageError(str(error)) from None
    paths = tuple(relative(path, root) for path in request.paths)
    files = tuple(relative(path, root) for path in request.files)
    return Located(Repository(root, excluded=found.exclude), paths, files, found)


def _configured(folder: Path, root: Path, own_fixes: bool) -> Configuration:
    file = configuration.find(folder, root)
    if file is None:
        return Configuration()
    from fixer.settings import Settings

    return Settings(file, root).configuration(own_fixes)


def prepare(request: Request) -> Prepared:
    """Find the root, its configuration, and what a request to check means there. Where the repository's
    own fixes are left out, that is told.

    Raises UsageError.
    """
    repository, paths, files, found = locate(request)
    options = _options(request, found, repository.root)
    if found.fixes and not request.own_fixes and not request.quiet:
        names = ", ".join(found.fixes)
        hint = "--own-fixes runs them, which is code of the repository"
        complain(f"the repository's own fixes ({names}) were not run; {hint}")
    return Prepared(repository, paths, files, options, found.path)


def _options(request: Request, found: Configuration, root: Path) -> Options:
    select, ignore = _names(request.select), _names(request.ignore)
    try:
        registry.require([*select, *ignore])
    except UnknownName as error:
        raise UsageError(str(error)) from None
    strategies = {name: way for text in request.strategies for name, way in _strategies(text).items()}
    return Options(
        unsafe=request.unsafe,
        select=select or found.select,
        ignore=(*ignore, *_still_ignored(found.ignore, select)),
        strategies={**found.strategies, **strategies},
        rotate=request.rotate,
        severities=found.severities,
        ignored_paths=found.per_path_ignores,
        accepted=_accepted(request, root),
        changed=_changed(request, root),
        stacks=tuple(found.stacks.values()),
    )


def _still_ignored(ignored: tuple[str, ...], select: tuple[str, ...]) -> Iterator[str]:
    """The fixes that the configuration leaves out, but for those that `--select` asks for by a name that
    is as close."""
    for rule in registry.selected(ignored, []) if ignored else ():
        by = rule.name if rule.name in ignored else rule.family
        if not {rule.name, by} & set(select):
            yield rule.name


def _accepted(request: Request, root: Path) -> Mapping[Identity, int]:
    """The findings that the baseline accepts; none where it is about to be written."""
    if request.baseline is None or request.write_baseline:
        return {}
    try:
        return baseline.read(Path(request.baseline), root)
    except BaselineError as error:
        raise UsageError(str(error)) from None


def _changed(request: Request, root: Path) -> frozenset[str] | None:
    if request.changed_since is None:
        return None
    try:
        return git.changed_since(root, request.changed_since)
    except git.GitError as error:
        raise UsageError(f"--changed-since {request.changed_since}: {error}") from None


def _strategies(text: str) -> dict[str, str]:
    name, equals, way = text.partition("=")
    if not equals:
        raise UsageError(f"--strategy {text}: give FIX=STRATEGY")
    try:
        return registry.strategies(name, way)
    except UnknownName as error:
        raise UsageError(f"--strategy {text}: {error}") from None


def _names(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.strip() for value in values for name in value.split(",") if name.strip())


def find_root(request: Request) -> Path:
    """Give the folder that nothing outside of is read or written: `--root`, else the top of the
    checkout, else the folder itself."""
    for text in (*request.paths, *request.files):
        if not os.path.exists(text):
            raise UsageError(f"{text} does not exist{_meant(text)}")
    if request.root is not None:
        if not Path(request.root).is_dir():
            raise UsageError(f"--root {request.root} is not a folder")
        return Path(request.root).resolve()
    folder = _folders(request)[0]
    return git.top_level(folder) or folder


def _meant(text: str) -> str:
    """A hint where a word that is no path looks like a command or an option."""
    if text in COMMANDS:
        return f"; the command of that name comes first: dockfix {text} ..."
    words = {each.lstrip("-"): each for each in (*COMMANDS, *FLAGS, "--help", "--version")}
    near = nearest(text, words)
    return f"; did you mean {words[near]}?" if near else ""


def _common_folder(request: Request) -> Path:
    """The folder that all paths are in. Which one comes first must not matter: whoever runs hooks orders
    them as they like."""
    return Path(os.path.commonpath(_folders(request)))


def _folders(request: Request) -> list[Path]:
    """The folders of the paths that were named, else the root's or the current one."""
    named = (*request.paths, *request.files) or (request.root or ".",)
    paths = [Path(each).resolve() for each in named]
    return [each if each.is_dir() else each.parent for each in paths]


def relative(text: str, root: Path) -> str:
    """Give a path of the command line relative to the root; the root itself is the empty string."""
    path = Path(os.path.abspath(text))
    real = path.parent.resolve() / path.name
    if path.is_dir() or not real.is_relative_to(root):
        real = path.resolve()
    if not real.is_relative_to(root):
        raise UsageError(f"{text} lies outside {root}; name a common folder with --root")
    inside = real.relative_to(root).as_posix()
    return "" if inside == "." else inside
