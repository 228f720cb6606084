"""The findings that a repository accepts as they are, in a file that is kept with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from fixer import registry
from fixer.identity import Identity

if TYPE_CHECKING:
    from fixer.report import Reported

VERSION = 1


class BaselineError(Exception):
    """A baseline that cannot be read or written; the message says why and what to do."""


def read(path: Path) -> Mapping[Identity, int]:
    """Give how many findings of each identity a baseline accepts.

    Raises BaselineError.
    """
    import json

    try:
        record = json.loads(path.read_bytes())
        if record["version"] != VERSION:
            raise BaselineError(f"{path} is of version {record['version']}; write it anew")
        return {
            Identity(each["fix"], each["path"], each["message"]): int(each["count"])
            for each in record["findings"]
        }
    except FileNotFoundError:
        raise BaselineError(f"{path} does not exist; --write-baseline makes it") from None
    except OSError as error:
        raise BaselineError(f"{path} cannot be read: {error.strerror}") from None
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        raise BaselineError(f"{place}: no JSON, as a baseline is ({error.msg}); write it anew") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BaselineError(f"{path} is no baseline of dockfix; write it anew") from None


def write(path: Path, findings: Iterable[Reported]) -> int:
    """Write the baseline that accepts these findings, and those of the former one whose fixes are not
    loaded; give how many there are.

    Raises BaselineError.
    """
    import json

    counts = Counter(each.identity for each in findings)
    former = read(path) if path.exists() else {}
    counts.update({key: count for key, count in former.items() if registry.is_expected(key.fix)})
    entries = [{**key._asdict(), "count": count} for key, count in sorted(counts.items())]
    # Other signs than ASCII's are escaped: a path need not be UTF-8.
    text = json.dumps({"version": VERSION, "findings": entries}, indent=2)
    try:
        path.write_text(f"{text}\n", encoding="ascii", newline="\n")
    except OSError as error:
        raise BaselineError(f"{path} cannot be written: {error.strerror}") from None
    return counts.total()
