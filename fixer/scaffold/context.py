"""A build's context: what lies in it, and what the Dockerfiles that are built from it take of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from fixer.documents.dockerfile import DockerfileDocument, Instruction
from fixer.stack import Repository
from fixer.stack.merging import join

BIND = r"--mount=(?=\S*\btype=bind\b)(?!\S*\bfrom=)\S*?\b(?:source|src)=([^,\s]+)"
"""A file or folder of the context that an instruction looks at without copying it."""


WHOLE = ("", "*")
"""What stands for the whole context where something is copied, slashes and single dots left out."""


class BuildContext:
    """A folder that builds see, and their Dockerfiles. Paths are relative to the folder."""

    def __init__(
        self, repository: Repository, folder: str, dockerfiles: Iterable[DockerfileDocument]
    ) -> None:
        self.repository = repository
        self.folder = "" if folder == "." else folder
        self.dockerfiles = tuple(dockerfiles)

    @property
    def holds_history(self) -> bool:
        """Whether git's own folder lies in it."""
        return self.repository.exists(join(self.folder, ".git"))

    @cached_property
    def shown(self) -> frozenset[str]:
        """The files that git shows, which are the same on every machine."""
        start = len(self.folder) + 1 if self.folder else 0
        return frozenset(path[start:] for path in self.repository.below(self.folder))

    @cached_property
    def beside(self) -> frozenset[str]:
        """What else lies in the folders of these files on this machine: files, and folders that hold
        nothing that git shows."""
        folders = {""}
        for path in self.shown:
            while path := path.rpartition("/")[0]:
                folders.add(path)
        found: set[str] = set()
        start = len(self.folder) + 1 if self.folder else 0
        for folder in folders:
            found.update(each[start:] for each in self.repository.listed(join(self.folder, folder)))
        return frozenset(found - self.shown - folders)

    @property
    def files(self) -> frozenset[str]:
        """All of these."""
        return self.shown | self.beside

    @cached_property
    def named(self) -> frozenset[str]:
        """What the Dockerfiles take by its name, from their point of view."""
        sources: list[str] = []
        for document in self.dockerfiles:
            sources += (word for each in document.instructions for word in each.copied)
            sources += re.findall(BIND, document.source.text)
        paths = (_normalized(source) for source in sources)
        return frozenset(path for path in paths if path not in WHOLE)

    @property
    def commands(self) -> str:
        """What the Dockerfiles run to make the images."""
        return "\n".join(map(commands, self.dockerfiles))

    def text(self, path: str) -> str:
        """Give a file's text, empty where there is none that is worth a look."""
        content = self.repository.searchable(join(self.folder, path))
        return (content or b"").decode("utf-8", "replace")


def commands(document: DockerfileDocument) -> str:
    """Give what a Dockerfile runs to make its images."""
    return "\n".join(word for each in document.named("RUN") for word in each.words)


def takes_all(document: DockerfileDocument) -> bool:
    """Say whether a Dockerfile copies the whole context."""
    return any(takes(each, "") for each in document.instructions)


def takes(instruction: Instruction, path: str) -> bool:
    """Say whether an instruction copies a folder that a path of the context lies in, as `COPY . .` does
    with all of them."""
    sources = [_normalized(source) for source in instruction.copied]
    return any(source in WHOLE or path.startswith(f"{source}/") for source in sources)


def _normalized(source: str) -> str:
    parts = [part for part in source.strip("\"'").split("/") if part not in ("", ".")]
    return "/".join(parts)
