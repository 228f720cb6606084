"""A Dockerfile as instructions with spans, parsed by BuildKit's own parser.

The parser gives lines and joined values; offsets come from the text, so that an edit touches one
instruction and nothing else.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from fixer.documents.source import Edit, Position, Source


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
        """Give the edit that removes an instruction with its line ending."""
        end = instruction.end
        for newline in ("\r\n", "\n"):
            if self.source.text.startswith(newline, end):
                return Edit(instruction.start, end + len(newline), "")
        return Edit(instruction.start, end, "")
