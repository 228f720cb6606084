"""Comments of all the files around a stack, and the lines that they are about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from typing import NamedTuple

from fixer.documents.source import Edit, Source
from fixer.documents.yaml.tree import Mapping, Node, Scalar, Sequence, YamlDocument, YamlSyntaxError

YAML = re.compile(r"\.ya?ml\Z")
ENVIRONMENT = re.compile(r"(^|/)[^/]*\.env(\.[^/]*)?\Z")
DOCKERFILE = re.compile(r"(?i)(^|/)[^/]*(dockerfile|containerfile)[^/]*\Z")
REDIS = re.compile(r"(?i)(^|/)[^/]*(redis|valkey|sentinel)[^/]*\.conf\Z")

HASH = r"(?<!\S)#+"
ANY = r"(?<!\S)(?:#+|//+|--|;+)|(?<=[;{})])(?:#+|//+)"
"""What begins a comment: in shells, nginx, SQL, .ini files and most languages. After a word it does
not."""

STRING = re.compile(r"""\\.|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`""")


class Comment(NamedTuple):
    """A comment: where it starts, its text, and where in that what was looked for begins. It is beside
    something, or has a line of its own; `is_misplaced` says that it is beside something in a file where
    comments have lines of their own. `removal` takes it out."""

    start: int
    text: str
    marked: int
    is_beside: bool
    is_misplaced: bool
    removal: Edit


class Commented:
    """A file, of whatever kind, of which only the comments are read."""

    def __init__(self, path: str, content: bytes) -> None:
        self.source = Source(content)
        self._content = content
        self._lines = list(self.source.lines())
        self._is_yaml = bool(YAML.search(path))
        self._is_dockerfile = bool(DOCKERFILE.search(path))
        self._has_own_lines = self._is_dockerfile or bool(REDIS.search(path))
        has_hashes = self._is_yaml or self._has_own_lines or bool(ENVIRONMENT.search(path))
        self._lead = HASH if has_hashes else ANY

    def comments(self, mark: str) -> Iterator[Comment]:
        """Yield the comments that begin with a mark (a pattern; case does not matter), one of a line."""
        wanted = re.compile(rf"(?:{self._lead})[ \t]*(?P<mark>{mark})", re.IGNORECASE)
        for number, (start, line) in enumerate(self._lines, 1):
            found = wanted.search(line)
            if found is None or self._is_text(start, line, found.start()):
                continue
            before = line[: found.start()]
            is_beside = bool(before.strip())
            if is_beside:
                removal = Edit(start + len(before.rstrip()), start + len(line), "")
            else:
                removal = Edit(start, self._line_start(number + 1), "")
            yield Comment(
                start=start + found.start(),
                text=line[found.start() :],
                marked=found.start("mark") - found.start(),
                is_beside=is_beside,
                is_misplaced=is_beside and self._has_own_lines,
                removal=removal,
            )

    def line_below(self, line: int) -> int:
        """Give the next line that is neither empty nor a comment, or the line itself if none is."""
        nothing = re.compile(rf"\s*({self._lead}|\Z)")
        below = range(line + 1, len(self._lines) + 1)
        return next((each for each in below if not nothing.match(self._lines[each - 1][1])), line)

    def last_line(self, line: int) -> int:
        """Give the line in which ends what begins in a line and cannot be taken apart: a text or a list
        in brackets, an instruction of a Dockerfile."""
        return self._last_lines.get(line, line)

    def _line_start(self, line: int) -> int:
        return self._lines[line - 1][0] if line <= len(self._lines) else len(self.source.text)

    @cached_property
    def _last_lines(self) -> dict[int, int]:
        last: dict[int, int] = {}
        for start, end in self._wholes():
            first = self.source.position(start).line
            last[first] = max(last.get(first, first), self.source.position(max(start, end - 1)).line)
        return last

    def _wholes(self) -> Iterator[tuple[int, int]]:
        """The spans of what cannot be taken apart."""
        for node in self._nodes:
            if isinstance(node, Scalar) or (isinstance(node, Mapping | Sequence) and node.flow):
                yield node.start, node.end
        if self._is_dockerfile:
            from fixer.documents.dockerfile import DockerfileDocument, DockerfileSyntaxError

            with suppress(DockerfileSyntaxError):
                for instruction in DockerfileDocument(self._content).instructions:
                    yield instruction.start, instruction.end

    @cached_property
    def _nodes(self) -> list[Node]:
        """The values of a YAML document; none of what is no YAML."""
        if self._is_yaml:
            with suppress(YamlSyntaxError):
                return list(YamlDocument(self._content).walk())
        return []

    def _is_text(self, start: int, line: str, at: int) -> bool:
        """Whether what looks like a comment is a part of a text."""
        if self._nodes:
            texts = (each for each in self._nodes if isinstance(each, Scalar))
            return any(self._text_start(each) <= start + at < each.end for each in texts)
        opened = re.search("[\"'`]", STRING.sub("", line[:at]))
        return opened is not None and opened[0] in line[at:]

    def _text_start(self, scalar: Scalar) -> int:
        """Behind the sign that a block of lines begins with a comment can stand."""
        is_block = scalar.style in ("|", ">")
        return self.source.line_end(scalar.start) if is_block else scalar.start
