"""How much memory a container may take."""

from __future__ import annotations

import re

from fixer.stack import Service

UNITS = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}


def memory_limit(service: Service) -> int | None:
    """Give the limit in megabytes, None where there is none that is known."""
    deploy = service.value.get("deploy")
    resources = deploy.get("resources") if deploy else None
    limits = resources.get("limits") if resources else None
    value = (limits.get("memory") if limits else None) or service.value.get("mem_limit")
    text = service.stack.interpolate(value.text, value.file).lower() if value else ""
    size = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?", text)
    return int(float(size[1]) * UNITS[size[2]]) // 1024**2 if size else None
