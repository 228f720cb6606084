"""What tells a finding from others from one commit to the next, although lines move."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

LINE_NUMBERS = re.compile(r"\blines? \d+(, \d+)*")
"""What a message says of other lines, which move too."""

LONGEST_MESSAGE = 300
"""Characters of a message that are told: it may repeat a value of a file, of any length."""


class Identity(NamedTuple):
    """A fix, the path of a finding, and what it says there; several findings may share one."""

    fix: str
    path: str
    message: str


def shortened(message: str) -> str:
    """Give a message as it is told."""
    return message if len(message) <= LONGEST_MESSAGE + 1 else f"{message[:LONGEST_MESSAGE]}…"


def identity(fix: str, path: str, message: str) -> Identity:
    """Give a finding's identity."""
    return Identity(fix, path, LINE_NUMBERS.sub("another line", shortened(message)))


def fingerprints(identities: Iterable[Identity]) -> list[str]:
    """Give a hash for each finding, in hexadecimal. Of those with one identity each has its own, by
    their order."""
    seen: Counter[Identity] = Counter()
    hashes: list[str] = []
    for each in identities:
        hashes.append(fingerprint(*each, str(seen[each])))
        seen[each] += 1
    return hashes


def fingerprint(*parts: str) -> str:
    """Give a hash of texts, in hexadecimal."""
    import hashlib

    # A file's name may have bytes that are no UTF-8.
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()
