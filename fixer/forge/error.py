"""What a forge, or the program that asks it, refuses; told without what opens anything."""

from __future__ import annotations

import os
import re

_CREDENTIALS = re.compile(r"(\w[\w+.-]*://)[^/\s]*@")
_TOKEN = re.compile(r"\b(?:gh[pousr]_|github_pat_|gl(?:pat|dt|rt|cbt|ptt|soat)-)[\w.-]{16,}")
_VARIABLE = re.compile(r"TOKEN$|PASSWORD$")


class ForgeError(Exception):
    """Why there is no pull or merge request; the message says what to do. The branch was pushed."""


def discreet(text: str) -> str:
    """Give a text without the credentials in its URLs, and without tokens."""
    text = _TOKEN.sub("***", _CREDENTIALS.sub(r"\1", text))
    for name, value in os.environ.items():
        if _VARIABLE.search(name) and len(value) > 7:
            text = text.replace(value, "***")
    return text
