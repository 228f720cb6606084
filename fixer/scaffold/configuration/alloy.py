"""Alloy: what containers print and the log files that are mounted, sent to the stack's Loki."""

from __future__ import annotations

from fixer.scaffold.configuration.logs import logs_of
from fixer.scaffold.configuration.writing import Writer, configured
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack


def _alloy(stack: Stack, service: Service, mount: Mount) -> Files:
    logs = logs_of(service)
    is_read = mount.target == "/etc/alloy/config.alloy" or "." not in mount.target
    if service.command is not None:
        is_read = any(word.startswith(mount.target) for word in service.command.words)
    if logs.is_empty or not is_read:
        return {}
    return configured(
        service,
        mount,
        "config.alloy",
        render("alloy/config.alloy.j2", logs=logs),
    )


WRITERS: dict[str, Writer] = {"alloy": _alloy}
