"""Whether a build reads git's history, as for the version that a program shows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.scaffold.context import BuildContext

READS_GIT = (
    r"\bgit\b[^\n|;&]{0,40}\b(describe|rev-parse|rev-list|log|show|status|submodule|ls-files)\b"
    r"|setuptools[-_]scm|hatch-vcs|setuptools-git|versioneer|dynamic-versioning|versioningit|dunamai"
    r"|\bpbr\b|vergen|git2?-?version|git-commit-id|git-describe|git-revision|git-rev|simple-git|nbgv"
    r"|(?i:minver|gitversioning)|buildinfo|axion-release|source\s*=\s*[\"'](scm|vcs)[\"']"
)
BUILD_FILES = (
    r"(^|/)(package\.json|pyproject\.toml|setup\.(py|cfg)|build\.rs|Cargo\.toml|pom\.xml|mix\.exs"
    r"|build\.gradle(\.kts)?|CMakeLists\.txt|meson\.build|[^/]+\.(gemspec|csproj|props|targets)"
    r"|[^/]+\.config\.[cm]?[jt]s|(GNU)?[Mm]akefile|[^/]+\.mk|[jJ]ustfile|Taskfile\.ya?ml)\Z"
)
SCRIPT = r"\.(sh|py|rb|go|[cm]?[jt]s)\Z"
STARTED = {r"[Mm]akefile|\.mk\Z": r"\bmake\b", r"[jJ]ustfile": r"\bjust\b", r"Taskfile": r"\btask\b"}
"""Build files that count only where a Dockerfile runs their program."""


def reads_git(context: BuildContext) -> bool:
    """Say whether a build may ask git for the version."""
    if re.search(READS_GIT, context.commands):
        return True
    if any(path == ".git" or path.startswith(".git/") for path in context.named):
        return True
    return any(re.search(READS_GIT, text) for text in _texts(context)) or _is_stamped(context)


def _texts(context: BuildContext) -> Iterator[str]:
    """What the build runs: the files that say how it is done, and the scripts that these name."""
    files = [path for path in context.shown if re.search(BUILD_FILES, path) and _is_run(context, path)]
    texts = [context.text(path) for path in files]
    yield from texts
    started = "\n".join((context.commands, *texts))
    for path in context.shown:
        if re.search(SCRIPT, path) and path.rpartition("/")[2] in started:
            yield context.text(path)


def _is_stamped(context: BuildContext) -> bool:
    """Whether a Go program shows the commit that Go puts into it."""
    if not re.search(r"\bgo (build|install)\b", context.commands):
        return False
    return any("ReadBuildInfo" in context.text(path) for path in context.shown if path.endswith(".go"))


def _is_run(context: BuildContext, path: str) -> bool:
    """Whether the build may run what a file of commands has."""
    programs = [program for name, program in STARTED.items() if re.search(name, path)]
    return not programs or any(re.search(each, context.commands) for each in programs)
