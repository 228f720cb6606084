"""A `.dockerignore`: which files of a build's context stay out of the build."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.documents.wildcards import has_many


class IgnoreFile:
    """The patterns of a `.dockerignore`, as Docker reads them: from the context's top on, a folder with
    all that is in it, and of several that match the last one counts."""

    def __init__(self, text: str) -> None:
        self._patterns = list(_patterns(text))

    def leaves_out(self, path: str) -> bool:
        """Say whether a file or folder, by its path relative to the context, stays out of the build."""
        parts = path.split("/")
        paths = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
        is_out = False
        for pattern, is_exception in self._patterns:
            if any(pattern.fullmatch(each) for each in paths):
                is_out = not is_exception
        return is_out


def _patterns(text: str) -> Iterator[tuple[re.Pattern[str], bool]]:
    for line in text.removeprefix("\ufeff").splitlines():
        if line.startswith("#"):
            continue
        written = line.strip()
        is_exception = written.startswith("!")
        parts = [part for part in written.removeprefix("!").strip().split("/") if part not in ("", ".")]
        try:
            pattern = re.compile(_expression("/".join(parts)))
        except re.error:
            # Docker refuses the whole file.
            continue
        # What would take for ever to match leaves nothing out.
        if parts and not has_many("/".join(parts)):
            yield pattern, is_exception


def _expression(pattern: str) -> str:
    """A pattern as a regular expression: `**` stands for any folders, `*` and `?` for no slash."""
    pattern = re.sub(r"(\*\*/)+", "**/", pattern)
    tokens = re.findall(r"\*\*/|\*\*|\*|\?|\\.|\[[^\]]*\]|.", pattern, re.DOTALL)
    wild = {"**/": "(.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(
        wild.get(token) or (token if token[0] == "[" and len(token) > 1 else re.escape(token[-1]))
        for token in tokens
    )
