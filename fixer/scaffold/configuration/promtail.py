"""Promtail: the log files that are mounted, sent to the stack's Loki."""

from __future__ import annotations

from fixer.scaffold.configuration.writing import Writer, placed, running
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack


def _promtail(stack: Stack, service: Service, mount: Mount) -> Files:
    found = running(list(stack.services.values()), "grafana/loki")
    folders = [
        each.target
        for each in service.mounts
        if "log" in each.target.lower() and each.target != mount.target
    ]
    text = render(
        "promtail/config.yml.j2",
        loki=found[0].name if found else "loki",
        folders=folders or ["/var/log"],
    )
    return placed(mount, "config.yml", text)


WRITERS: dict[str, Writer] = {"promtail": _promtail}
