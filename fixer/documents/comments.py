"""Comments of all the files around a stack, and the lines that they are about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from typing import NamedTuple

from fixer.documents.source import Edit, Source
from fixer.documents.texts import DOCKERFILE, ENVIRONMENT, REDIS, YAML, language
from fixer.documents.yaml.tree import Mapping, Scalar, Sequence, YamlDocument, YamlSyntaxError

HASH = r"(?<!\S)#+"
ANY = r"(?<!\S)(?:#+|//+|--|;+)|(?<=[;{})])(?:#+|//+)"
"""What begins a comment: in shells, nginx, SQL, .ini files and most languages. After a word it does
not."""

STRING = re.compile(r"""\\.|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`""")


class Comment(NamedTuple):
    """A comment: where it starts, its text, and where in that what was looked for begins. It is beside
    something, or has a line of its own; `is_misplaced` says that it is beside something in a file where
    comments have lines of their own, `is_known` that its file's kind is one in which this is a comment.
    `removal` takes it out; it is None where that may change what else is read."""

    start: int
    text: str
    marked: int
    is_beside: bool
    is_misplaced: bool
    is_known: bool
    removal: Edit | None


class Commented:
    """A file, of whatever kind, of which only the comments are read."""

    def __init__(self, path: str, content: bytes) -> None:
        self.source = Source(content)
        self._content = content
        self._lines = list(self.source.lines())
        self._language = language(path, content)
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
            known = self._language
            if is_beside:
                removal = Edit(start + len(before.rstrip()), start + len(line), "")
            elif known is not None and start in known.needed:
                removal = Edit(start + len(before), start + len(line), "#")
            else:
                removal = Edit(start, self._line_start(number + 1), "")
            yield Comment(
                start=start + found.start(),
                text=line[found.start() :],
                marked=found.start("mark") - found.start(),
                is_beside=is_beside,
                is_misplaced=is_beside and self._has_own_lines,
                is_known=known is not None,
                removal=removal if known is not None and known.may_go else None,
            )

    def line_below(self, line: int) -> int:
        """Give the next line that is neither empty nor a comment, or the line itself if none is."""
        return self._lines_below[line] or line

    @cached_property
    def _lines_below(self) -> list[int]:
        """The next such line below each line, counted from 0; 0 where none is."""
        nothing = re.compile(rf"\s*({self._lead}|\Z)")
        below, following = [0] * (len(self._lines) + 1), 0
        for number in range(len(self._lines), 0, -1):
            below[number] = following
            if not nothing.match(self._lines[number - 1][1]):
                following = number
        return below

    def last_line(self, line: int) -> int:
        """Give the line in which ends what begins in a line and cannot be taken apart: a text or a list
        in brackets, an instruction of a Dockerfile."""
        return self._last_lines.get(line, line)

    def block_end(self, line: int) -> int:
        """Give the line in which ends what a line of YAML begins, with all that stands in it."""
        return max(self._block_ends.get(line, line), self.last_line(line))

    def _line_start(self, line: int) -> int:
        return self._lines[line - 1][0] if line <= len(self._lines) else len(self.source.text)

    @cached_property
    def _last_lines(self) -> dict[int, int]:
        return self._lines_of(self._wholes())

    @cached_property
    def _block_ends(self) -> dict[int, int]:
        return self._lines_of(self._blocks())

    def _lines_of(self, spans: Iterable[tuple[int, int]]) -> dict[int, int]:
        """The last lines of spans by the first ones."""
        last: dict[int, int] = {}
        for start, end in spans:
            first = self.source.position(start).line
            last[first] = max(last.get(first, first), self.source.position(max(start, end - 1)).line)
        return last

    def _wholes(self) -> Iterator[tuple[int, int]]:
        """The spans of what cannot be taken apart."""
        for node in self._yaml.walk() if self._yaml else ():
            if isinstance(node, Scalar) or (isinstance(node, Mapping | Sequence) and node.flow):
                yield node.start, node.end
        if self._is_dockerfile:
            from fixer.documents.dockerfile import DockerfileDocument, DockerfileSyntaxError

            with suppress(DockerfileSyntaxError):
                for instruction in DockerfileDocument(self._content).instructions:
                    yield instruction.start, instruction.end

    def _blocks(self) -> Iterator[tuple[int, int]]:
        """The spans of entries and items, with what stands in them."""
        for node in self._yaml.walk() if self._yaml else ():
            if isinstance(node, Mapping):
                yield from ((entry.key.start, entry.value.end) for entry in node.entries)
            elif isinstance(node, Sequence):
                yield from ((item.start, item.end) for item in node.items)

    @cached_property
    def _yaml(self) -> YamlDocument | None:
        """The YAML document; none of what is no YAML."""
        if self._is_yaml:
            with suppress(YamlSyntaxError):
                return YamlDocument(self._content)
        return None

    def _is_text(self, start: int, line: str, at: int) -> bool:
        """Whether what looks like a comment is a part of a text."""
        is_text = self._language.is_text if self._language else None
        if is_text is not None and not self._is_dockerfile:
            return is_text(start + at)
        opened = re.search("[\"'`]", STRING.sub("", line[:at]))
        is_quoted = opened is not None and opened[0] in line[at:]
        return is_quoted or (is_text is not None and is_text(start + at))
