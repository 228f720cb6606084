"""The findings that a repository accepts as they are, in a file that is kept with it."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fixer import registry, writing
from fixer.identity import Identity

if TYPE_CHECKING:
    from fixer.report import Reported

VERSION = 1

MAXIMUM_BYTES = 10_000_000
"""A baseline of some ten thousand findings is smaller."""


class BaselineError(Exception):
    """A baseline that cannot be read or written; the message says why and what to do."""


def read(path: Path, root: Path) -> Mapping[Identity, int]:
    """Give how many findings of each identity a baseline of the repository at `root` accepts.

    Raises BaselineError.
    """
    import json

    try:
        record = json.loads(_content(path, root))
        if record["version"] != VERSION:
            raise BaselineError(f"{path} is of another version than {VERSION}; write it anew")
        return dict(map(_entry, record["findings"]))
    except FileNotFoundError:
        raise BaselineError(f"{path} does not exist; --write-baseline makes it") from None
    except OSError as error:
        raise BaselineError(f"{path} cannot be read: {error.strerror}") from None
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        raise BaselineError(f"{place}: no JSON, as a baseline is ({error.msg}); write it anew") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BaselineError(f"{path} is no baseline of dockfix; write it anew") from None


def _content(path: Path, root: Path) -> bytes:
    _require_inside(path, root)
    # What is no file may never end, or wait for somebody to write.
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise BaselineError(f"{path} is no file, as a baseline is")
    with path.open("rb") as file:
        content = file.read(MAXIMUM_BYTES + 1)
    if len(content) > MAXIMUM_BYTES:
        raise BaselineError(f"{path} is larger than {MAXIMUM_BYTES:,} bytes; write it anew")
    return content


def _require_inside(path: Path, root: Path) -> None:
    if writing.is_led_out(path, root):
        raise BaselineError(f"{path} is a link out of {root}, or below one; name the file itself")


def _entry(entry: Any) -> tuple[Identity, int]:
    identity, count = Identity(entry["fix"], entry["path"], entry["message"]), entry["count"]
    if not isinstance(count, int) or not all(isinstance(each, str) for each in identity):
        raise TypeError
    return identity, count


def write(path: Path, root: Path, findings: Iterable[Reported]) -> int:
    """Write the baseline that accepts these findings, and those of the former one whose fixes are not
    loaded; give how many there are.

    Raises BaselineError.
    """
    import json

    _require_inside(path, root)
    counts = Counter(each.identity for each in findings)
    former = read(path, root) if path.exists() else {}
    counts.update({key: count for key, count in former.items() if registry.is_expected(key.fix)})
    entries = [{**key._asdict(), "count": count} for key, count in sorted(counts.items())]
    # Other signs than ASCII's are escaped: a path need not be UTF-8.
    text = json.dumps({"version": VERSION, "findings": entries}, indent=2)
    try:
        writing.write(path, f"{text}\n")
    except OSError as error:
        raise BaselineError(f"{path} cannot be written: {error.strerror}") from None
    return counts.total()
