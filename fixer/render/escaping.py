"""Texts from a repository as Markdown in which nothing of them is markup, and nobody is called."""

from __future__ import annotations

import re

from fixer.render.terminal import printable

LONGEST = 300
"""Characters of a text that are shown: names and messages may be of any length."""

MARKUP = re.compile(r"[\\`*_\[\]<&#@|~!$%]|://|\bwww\.|\bGH-\d|\bmailto:", re.IGNORECASE)
"""What may be markup, a link, or a reference to somebody or something, for GitHub or GitLab."""

AROUND = re.compile(r"([\"'(]*)(.*?)([\"').,;:]*)", re.DOTALL)
"""A word, with the punctuation that a sentence puts around it."""


def code(text: str) -> str:
    """Give a text as code, also in a table."""
    shown = _clipped(text)
    if shown.strip() == shown and shown and not re.search("[`|]", shown):
        return f"`{shown}`"
    escaped = re.sub(r"[^\w /,()-]|_", lambda found: f"&#{ord(found[0])};", shown)
    return f"<code>{escaped}</code>"


def prose(text: str, longest: int = LONGEST) -> str:
    """Give sentences whose names become code where they could mean anything else; what it has as code
    itself stays so."""
    parts = _clipped(" ".join(text.split()), longest).split("`")
    if len(parts) % 2 == 0:
        # A backtick without a partner is a character like any other.
        parts[-2:] = ["`".join(parts[-2:])]
    return "".join(
        code(part) if index % 2 and part else _words(part) for index, part in enumerate(parts)
    )


def fenced(text: str) -> str:
    """Give a text of several lines as a block that nothing in it ends."""
    lines = [printable(line) for line in text.splitlines()]
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}text", *lines, fence])


def _words(text: str) -> str:
    return "".join(word if word.isspace() else _word(word) for word in re.split(r"(\s+)", text))


def _word(word: str) -> str:
    if not MARKUP.search(word):
        return word
    found = AROUND.fullmatch(word)
    before, inner, after = found.groups() if found else ("", word, "")
    return f"{before}{code(inner)}{after}"


def _clipped(text: str, longest: int = LONGEST) -> str:
    shown = printable(text)
    return shown if len(shown) <= longest else f"{shown[:longest]}…"
