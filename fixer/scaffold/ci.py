"""Continuous integration: what looks at images, their contents and secrets before they are used."""

from __future__ import annotations

from fixer.scaffold.files import Files
from fixer.stack import Stack


def files(stack: Stack) -> Files:
    """Give the files, by path relative to the root."""
    return {}
