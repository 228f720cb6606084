"""A file of `name = value` lines in sections, as grafana.ini and rabbitmq.conf are."""

from __future__ import annotations

import re
from typing import NamedTuple

from fixer.documents.source import Edit, Source

SECTION = r"\s*\[(?P<name>[^\]]*)\]"
SETTING = r"\s*(?P<name>[^\s=:#;\[][^=:]*?)\s*[=:]\s*(?P<text>.*)"
QUOTED = r"(\"\"\"|`|\"|')(?P<value>.*)\1\Z"


class Setting(NamedTuple):
    """A setting: the section it stands in, its name, and its value as written, with the span of that.
    What follows on the line as a comment is not part of it."""

    section: str
    name: str
    text: str
    start: int
    end: int

    @property
    def value(self) -> str:
        """The value without the quotes around it."""
        quoted = re.match(QUOTED, self.text)
        return quoted["value"] if quoted else self.text


class IniDocument:
    """The settings of a file in the order written. `comments` are the characters that start a comment,
    also behind a value; not inside of three double quotes or backticks."""

    def __init__(self, data: bytes, comments: str) -> None:
        self.source = Source(data)
        self.settings: list[Setting] = []
        section = ""
        value = rf"(\"\"\".*?\"\"\"|`[^`]*`|[^{comments}]*)"
        for start, line in self.source.lines():
            if found := re.match(SECTION, line):
                section = found["name"].strip()
            elif line.lstrip()[:1] not in comments and (found := re.match(SETTING, line)):
                written = re.match(value, found["text"])
                text = written[0].rstrip() if written else ""
                at = start + found.start("text")
                self.settings.append(Setting(section, found["name"], text, at, at + len(text)))

    def set(self, setting: Setting, text: str) -> Edit:
        """Give the edit that puts another text in the place of a setting's value."""
        return Edit(setting.start, setting.end, text)

    def delete(self, setting: Setting) -> Edit:
        """Give the edit that removes a setting's line: with the line of comment above it, where no other
        setting follows that it would speak of too, and with a blank line that would be left double."""
        lines = [line.strip() for _, line in self.source.lines()]
        lines += ["", ""]
        first = last = self.source.position(setting.start).line - 1
        if not lines[last + 1]:
            is_comment = [line[:1] in ("#", ";") for line in lines]
            if first and is_comment[first - 1] and not (first > 1 and is_comment[first - 2]):
                first -= 1
            if not first or not lines[first - 1]:
                last += 1
        starts = [*self.source.line_starts, len(self.source.text)]
        return Edit(starts[first], starts[min(last + 1, len(starts) - 1)], "")
