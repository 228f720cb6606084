"""Tables of a manifest, whatever else stands in their places."""

from __future__ import annotations

from typing import Any


def table(data: dict[str, Any], *keys: str) -> dict[str, Any]:
    """Give the table below some keys, empty where there is none."""
    for key in keys:
        found = data.get(key)
        data = found if isinstance(found, dict) else {}
    return data
