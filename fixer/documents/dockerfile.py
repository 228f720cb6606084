"""A Dockerfile as instructions with spans, parsed by BuildKit's own parser.

The parser gives lines and joined values; offsets come from the text, so that an edit touches one
instruction and nothing else.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import NamedTuple

from fixer.documents.source import Edit, Position, Source

DIRECTIVE = r"#[ \t]*(\w+)[ \t]*=[ \t]*(\S+)[ \t]*\Z"
"""A line at the top that tells BuildKit how to read the rest (`# syntax=docker/dockerfile:1`)."""

LONG_LINE = 100
"""A line of more characters is hard to read."""

WORD = r"""(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+"""
"""A word of an instruction; quotes hold blanks."""


class DockerfileSyntaxError(Exception):
    """The text is no Dockerfile; `position` says where the parser gave up, or where the text begins."""

    def __init__(self, message: str, position: Position) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


class Instruction(NamedTuple):
    """One instruction: its name in upper case, its words (a shell command is one), its flags as
    written (`--from=build`), whether it is in JSON form, and its span with continuation lines and
    heredocs but without the last newline."""

    name: str
    words: tuple[str, ...]
    flags: tuple[str, ...]
    is_json: bool
    start: int
    end: int

    @property
    def copied(self) -> tuple[str, ...]:
        """What a `COPY` or `ADD` takes from the build's context, as written."""
        is_copy = self.name in ("COPY", "ADD")
        is_copy = is_copy and not any(flag.startswith("--from") for flag in self.flags)
        return self.words[:-1] if is_copy else ()


class Pair(NamedTuple):
    """A variable of an `ENV` or `ARG` instruction: its name, its value as written, quotes included,
    None for an `ARG` without default, and its span."""

    name: str
    written: str | None
    start: int
    end: int

    @property
    def value(self) -> str:
        """The value without quotes and escapes; variables in it stay."""
        return re.sub(r"""\\(.)|["']""", r"\1", self.written or "")


class Stage(NamedTuple):
    """A build stage: its name (empty where it has none), the image or stage it starts from, and its
    instructions, `FROM` first."""

    name: str
    base: str
    instructions: tuple[Instruction, ...]


class DockerfileDocument:
    """A Dockerfile's text and its instructions in the order written.

    Raises DockerfileSyntaxError when BuildKit's parser refuses the text.
    """

    def __init__(self, data: bytes) -> None:
        import dockerfile

        self.source = Source(data)
        # The parser takes a carriage return for a part of the last word, and the whole process ends
        # where it is given what is not UTF-8.
        text = self.source.text.replace("\r\n", "\n").encode("utf-8", "replace").decode()
        try:
            commands = dockerfile.parse_string(text)
        except (dockerfile.GoParseError, UnicodeError, ValueError) as error:
            raise DockerfileSyntaxError(str(error), Position(1, 1)) from None
        starts = self.source.line_starts
        self.instructions = [
            Instruction(
                name=command.cmd.upper(),
                words=tuple(command.value),
                flags=tuple(command.flags),
                is_json=bool(command.json),
                start=starts[command.start_line - 1],
                end=self.source.line_end(starts[command.end_line - 1]),
            )
            for command in commands
        ]

    @cached_property
    def directives(self) -> dict[str, tuple[str, int]]:
        """The directives at the top (`syntax`, `escape`, `check`) by name: value and offset of it."""
        found: dict[str, tuple[str, int]] = {}
        for start, line in self.source.lines():
            match = re.match(DIRECTIVE, line)
            if match is None:
                break
            found[match[1].lower()] = (match[2], start + match.start(2))
        return found

    @property
    def escape(self) -> str:
        """The character that continues a line."""
        return self.directives.get("escape", ("\\", 0))[0]

    @cached_property
    def heredocs(self) -> list[tuple[int, int]]:
        """The spans of what instructions have below their own lines, to the last delimiter's end."""
        text = self.source.text
        continued = re.compile(rf"(.*[^{re.escape(self.escape)}])?{re.escape(self.escape)}[ \t]*\Z")
        found: list[tuple[int, int]] = []
        for instruction in self.instructions:
            at, is_open = instruction.start, True
            while is_open and at < instruction.end:
                line = text[at : self.source.line_end(at)]
                is_between = at > instruction.start and re.match(r"\s*(#|\Z)", line)
                is_open = bool(is_between or continued.match(line))
                at = self._next_line(at)
            if at < instruction.end:
                found.append((at, instruction.end))
        return found

    def pairs(self, instruction: Instruction) -> list[Pair]:
        """Give the variables of an `ENV` or `ARG` instruction; none where they cannot be told apart."""
        found = [
            Pair(name, written if equals else None, start, start + len(word))
            for word, start in self._words(instruction)[1:]
            for name, equals, written in [word.partition("=")]
        ]
        if instruction.name == "ARG":
            expected = list(instruction.words)
        else:
            names, values = instruction.words[::2], instruction.words[1::2]
            expected = [f"{name}={value}" for name, value in zip(names, values, strict=False)]
            if len(expected) == 1 and len(found) > 1 and found[0].written is None:
                # `ENV NAME all the rest`
                whole = self.source.text[found[1].start : instruction.end].rstrip()
                end = found[1].start + len(whole)
                return [Pair(names[0], values[0], found[0].start, end)] if whole == values[0] else []
        written = [self.source.text[pair.start : pair.end] for pair in found]
        return found if written == expected else []

    def _words(self, instruction: Instruction) -> list[tuple[str, int]]:
        """The words of an instruction with their offsets, over continued lines and the comments
        between them."""
        text = self.source.text[instruction.start : instruction.end]
        between = rf"(?m){re.escape(self.escape)}[ \t]*\r?$|^[ \t]*#.*$"
        text = re.sub(between, lambda match: " " * len(match[0]), text)
        return [(each[0], instruction.start + each.start()) for each in re.finditer(WORD, text)]

    @cached_property
    def stages(self) -> list[Stage]:
        """The build stages, in order. Instructions before the first `FROM` belong to none."""
        stages: list[Stage] = []
        for instruction in self.instructions:
            if instruction.name == "FROM":
                words = instruction.words
                name = words[2] if len(words) > 2 and words[1].upper() == "AS" else ""
                stages.append(Stage(name, words[0] if words else "", (instruction,)))
            elif stages:
                last = stages[-1]
                stages[-1] = last._replace(instructions=(*last.instructions, instruction))
        return stages

    def stage(self, name: str) -> Stage | None:
        """Give a stage by its name, which BuildKit compares without case, or by its number."""
        for number, stage in enumerate(self.stages):
            if name == str(number) or (name and stage.name.lower() == name.lower()):
                return stage
        return None

    def image(self, target: str | None = None) -> list[Instruction]:
        """Give the instructions that make an image: of the stage that is built, the last one where none
        is named, and of those it starts from."""
        stage = self.stage(target) if target else self.stages[-1] if self.stages else None
        found: list[Instruction] = []
        while stage is not None and stage.instructions[0] not in found:
            found += stage.instructions
            base = stage.base.lower()
            stage = next((each for each in self.stages if each.name and each.name.lower() == base), None)
        return found

    def named(self, name: str) -> list[Instruction]:
        """Give the instructions of one name (`EXPOSE`)."""
        return [each for each in self.instructions if each.name == name]

    def replace(self, instruction: Instruction, text: str) -> Edit:
        """Give the edit that puts other text in an instruction's place."""
        return Edit(instruction.start, instruction.end, text)

    def insert_after(self, instruction: Instruction, text: str) -> Edit:
        """Give the edit that adds an instruction below another one."""
        return Edit(instruction.end, instruction.end, f"\n{text}")

    def delete(self, instruction: Instruction) -> Edit:
        """Give the edit that removes an instruction with its line, and the comment right above it where
        no other instruction follows that it may be about as well."""
        source, start = self.source, instruction.start
        end = self._next_line(instruction.end)
        if not source.text[end : source.line_end(end)].strip():
            while (line := self._line_above(start)).lstrip().startswith("#"):
                if re.match(DIRECTIVE, line):
                    break
                start = source.line_start(start - 1)
            if end < len(source.text) and not self._line_above(start).strip():
                end = self._next_line(end)
        return Edit(start, end, "")

    def delete_pairs(self, instruction: Instruction, pairs: list[Pair]) -> Edit:
        """Give the edit that removes variables of an `ENV` or `ARG` instruction, which goes as a whole
        with its last one. What stands between the others stays as it is."""
        text = self.source.text
        every = self.pairs(instruction)
        kept = [pair for pair in every if pair not in pairs]
        if not kept:
            return self.delete(instruction)
        result, at = text[instruction.start : every[0].start], every[0].start
        for pair in every:
            if pair in kept:
                is_first = pair == kept[0]
                result += text[pair.start if is_first else at : pair.end]
            at = pair.end
        return Edit(instruction.start, every[-1].end, result)

    def delete_word(self, instruction: Instruction, word: str) -> Edit:
        """Give the edit that removes what a `COPY` or `ADD` copies by that name; the instruction goes
        as a whole where it copies nothing else."""
        if len(instruction.words) <= 2:
            return self.delete(instruction)
        words = self._words(instruction)
        at = next(index for index, (text, _) in enumerate(words) if text == word)
        return Edit(words[at][1], words[at + 1][1], "")

    def add_flag(self, instruction: Instruction, flag: str) -> Edit:
        """Give the edit that puts a flag (`--mount=...`) right behind an instruction's name, on a line
        of its own where the first one would become long."""
        word, start = self._words(instruction)[0]
        at = start + len(word)
        is_long = self.source.line_end(at) - instruction.start + len(flag) > LONG_LINE
        return Edit(at, at, f" {flag} {self.escape}\n   " if is_long else f" {flag}")

    def set_syntax(self, image: str) -> Edit:
        """Give the edit that names the image of BuildKit's frontend in the `syntax` directive."""
        known = self.directives.get("syntax")
        if known is None:
            return Edit(0, 0, f"# syntax={image}\n")
        value, start = known
        return Edit(start, start + len(value), image)

    def _line_above(self, start: int) -> str:
        """The line before the one that starts at an offset, empty at the top."""
        return self.source.text[self.source.line_start(start - 1) : start] if start else ""

    def _next_line(self, offset: int) -> int:
        """Where the line behind the one at an offset starts, or the text's end."""
        end = self.source.text.find("\n", offset)
        return end + 1 if end >= 0 else len(self.source.text)
