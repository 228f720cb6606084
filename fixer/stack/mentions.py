"""The `-f A -f B` lists by which a repository's scripts, CI files and texts use its Compose files."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from fixer.stack.merging import join
from fixer.stack.repository import Repository

COMMAND = (
    r"docker[- ]compose(?=\s)|\bpodman[- ]compose(?=\s)|\bCOMPOSE\w*\s*[:?+]?=|\bdocker stack deploy\b"
)
OPTION = r"""(?:^|\s)(?:-f|--file|-c|--compose-file)[=\s]+["']?([^\s"'`)]+\.ya?ml)"""
END_OF_COMMAND = r"&&|\|\||;|\|"
CONTINUED = r"\\\r?\n\s*#?\s*"

DEVELOPMENT_CONTAINER = r""""dockerComposeFile"\s*:\s*(\[[^\]]*\]|"[^"]*")"""

ELSEWHERE = r"--env-file|--project-directory|COMPOSE_ENV_FILES"
"""What has Compose take variables, and paths, from elsewhere."""

SCRIPTS = (".sh", ".bash", ".mk", ".ps1", ".bat")

TEXTS = (
    ".sh", ".bash", ".mk", ".md", ".rst", ".txt", ".ps1", ".bat", ".yml", ".yaml", ".json", ".toml",
)  # fmt: skip
NAMES = ("Makefile", "makefile", "GNUmakefile", "justfile", "Justfile", "Procfile", "README")


def file_lists(repository: Repository, files: Collection[str], whole: bool) -> Iterator[tuple[str, ...]]:
    """Yield the lists, as paths of `files`, that the Compose files' own comments mention and, with
    `whole`, every text of the repository."""
    folders = list(dict.fromkeys(path.rpartition("/")[0] for path in files))
    texts = list(files)
    if whole and len(files) > 1:
        texts += [path for path in repository.files if path.endswith(TEXTS) or _name(path) in NAMES]
    for path in dict.fromkeys(texts):
        content = repository.searchable(path)
        if content is None or b"ompose" not in content:
            continue
        text = content.decode("utf-8", "replace")
        places = [path.rpartition("/")[0], "", *folders]
        lists = (
            _development_containers(text)
            if _name(path) == "devcontainer.json"
            else _lists(re.sub(CONTINUED, " ", text))
        )
        for names in lists:
            if found := _resolved(names, places, files):
                yield found


def loads_other_variables(repository: Repository, folder: str) -> bool:
    """Say whether a script that lies in a project's folder or above it starts Compose with variables of
    another file than the project's `.env`, or from another folder."""
    for path in repository.files:
        is_script = path.endswith(SCRIPTS) or _name(path) in NAMES[:-1] or path.startswith(".github/")
        above = path.rpartition("/")[0]
        content = repository.searchable(path) if is_script and f"{folder}/".startswith(above) else None
        if content is not None and b"ompose" in content:
            text = re.sub(CONTINUED, " ", content.decode("utf-8", "replace"))
            for line in text.splitlines():
                if re.search(COMMAND, line) and re.search(ELSEWHERE, line):
                    return True
    return False


def _lists(text: str) -> Iterator[tuple[str, ...]]:
    for line in text.splitlines():
        starts = [match.end() for match in re.finditer(COMMAND, line)]
        for start, end in zip(starts, [*starts[1:], len(line)], strict=False):
            command = re.split(END_OF_COMMAND, line[start:end])[0]
            names = tuple(re.findall(OPTION, command))
            if names:
                yield names


def _development_containers(text: str) -> Iterator[tuple[str, ...]]:
    """The lists of a `devcontainer.json`, which is JSON with comments."""
    for found in re.finditer(DEVELOPMENT_CONTAINER, text):
        yield tuple(re.findall(r'"([^"]*)"', found[1]))


def _resolved(
    names: tuple[str, ...], places: list[str], files: Collection[str]
) -> tuple[str, ...] | None:
    """The first place from which every name leads to a Compose file. A name that starts with a
    variable is looked up by what follows it."""
    literal = [re.sub(r"^.*\$[^/]*/", "", name) for name in names]
    for place in places:
        paths = tuple(join(place, name) for name in literal)
        if all(path in files for path in paths) and len(set(paths)) == len(paths):
            return paths
    return None


def _name(path: str) -> str:
    return path.rpartition("/")[2]
