"""What others said, told without what opens anything."""

from __future__ import annotations

import os
import re

CREDENTIALS = re.compile(r"(\w[\w+.-]*://)[^/\s]*@")
TOKEN = re.compile(r"\b(?:gh[pousr]_|github_pat_|gl(?:pat|dt|rt|cbt|ptt|soat)-)[\w.-]{16,}")
VARIABLE = re.compile(r"TOKEN$|PASSWORD$")
"""The variables of the environment whose values are told to nobody."""


def discreet(text: str) -> str:
    """Give a text without the credentials in its URLs, and without tokens."""
    text = TOKEN.sub("***", CREDENTIALS.sub(r"\1", text))
    for name, value in os.environ.items():
        if VARIABLE.search(name) and len(value) > 7:
            text = text.replace(value, "***")
    return text
