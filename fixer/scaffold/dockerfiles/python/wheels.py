"""From which release on libraries can be installed on a version of Python, without a compiler."""

from __future__ import annotations

import re

OLDEST = 8

FIRST_RELEASES = {
    "aiohttp": {9: "3.7.0", 10: "3.8.0", 11: "3.8.2", 12: "3.9.0", 13: "3.10.5", 14: "3.13.0"},
    "asyncpg": {9: "0.22.0", 10: "0.24.0", 11: "0.27.0", 12: "0.29.0", 13: "0.30.0", 14: "0.31.0"},
    "cffi": {9: "1.14.3", 10: "1.15.0", 11: "1.15.1", 12: "1.16.0", 13: "1.17.0", 14: "2.0.0"},
    "django": {9: "2.2.17", 10: "3.2.9", 11: "4.1.3", 12: "4.2.8", 13: "5.1.3", 14: "5.2.8"},
    "gevent": {9: "20.6.1", 10: "21.12.0", 11: "22.10.1", 12: "23.7.0", 13: "24.10.1", 14: "25.8.1"},
    "greenlet": {9: "0.4.17", 10: "1.1.0", 11: "1.1.3", 12: "3.0.0", 13: "3.1.0", 14: "3.2.3"},
    "grpcio": {9: "1.33.1", 10: "1.41.0", 11: "1.49.0", 12: "1.59.0", 13: "1.66.2", 14: "1.75.1"},
    "httptools": {9: "0.1.2", 10: "0.3.0", 11: "0.5.0", 12: "0.6.1", 13: "0.6.2", 14: "0.7.1"},
    "lxml": {9: "4.5.2", 10: "4.6.3", 11: "4.9.1", 12: "4.9.3", 13: "5.3.0", 14: "6.0.1"},
    "matplotlib": {9: "3.3.3", 10: "3.5.0", 11: "3.6.0", 12: "3.7.3", 13: "3.9.2", 14: "3.10.5"},
    "numpy": {9: "1.19.3", 10: "1.21.2", 11: "1.23.2", 12: "1.26.0", 13: "2.1.0", 14: "2.3.2"},
    "orjson": {9: "2.2.0", 10: "3.4.7", 11: "3.7.7", 12: "3.9.3", 13: "3.10.7", 14: "3.11.1"},
    "pandas": {9: "1.1.3", 10: "1.3.3", 11: "1.5.0", 12: "2.1.1", 13: "2.2.3", 14: "2.3.3"},
    "pillow": {9: "8.0.0", 10: "8.3.2", 11: "9.2.0", 12: "10.0.0", 13: "10.4.0", 14: "11.3.0"},
    "psycopg2-binary": {9: "2.8.6", 10: "2.9.1", 11: "2.9.5", 12: "2.9.9", 13: "2.9.10", 14: "2.9.11"},
    "pyarrow": {9: "3.0.0", 10: "6.0.0", 11: "10.0.1", 12: "14.0.0", 13: "18.0.0", 14: "22.0.0"},
    "pydantic-core": {11: "0.7.0", 12: "2.1.2", 13: "2.20.0", 14: "2.35.0"},
    "pyyaml": {9: "5.4", 10: "6.0", 11: "6.0", 12: "6.0.1", 13: "6.0.2", 14: "6.0.3"},
    "scikit-learn": {9: "0.24.0", 10: "1.0.2", 11: "1.1.3", 12: "1.3.1", 13: "1.5.2", 14: "1.7.2"},
    "scipy": {9: "1.5.4", 10: "1.7.2", 11: "1.9.2", 12: "1.11.2", 13: "1.14.1", 14: "1.16.1"},
    "sqlalchemy": {12: "1.4.0", 13: "2.0.31"},
    "tensorflow": {9: "2.5.0", 10: "2.8.0", 11: "2.12.0", 12: "2.16.1", 13: "2.20.0"},
    "torch": {9: "1.7.1", 10: "1.11.0", 11: "1.13.0", 12: "2.2.0", 13: "2.5.0", 14: "2.9.0"},
    "uvloop": {9: "0.15.0", 10: "0.16.0", 11: "0.17.0", 12: "0.18.0", 13: "0.21.0", 14: "0.22.1"},
}
"""By the minor version of Python 3: the first release with a wheel for Linux on PyPI; of Django the
first that its documentation names, of SQLAlchemy the first that can be imported."""


def newest_python(pinned: dict[str, str]) -> int | None:
    """Give the newest minor version of Python 3 on which all of these releases can be installed; None
    where none of them says."""
    found = [
        max([minor for minor, first in FIRST_RELEASES[name].items() if _key(first) <= _key(release)],
            default=OLDEST)
        for name, release in pinned.items()
        if name in FIRST_RELEASES
        and _key(release) < _key(list(FIRST_RELEASES[name].values())[-1])
    ]  # fmt: skip
    return min(found, default=None)


def _key(release: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d{1,9}", release)[:3])
