"""Promtail: what containers print and the log files that are mounted, sent to the stack's Loki."""

from __future__ import annotations

from fixer.scaffold.configuration.logs import logs_of
from fixer.scaffold.configuration.writing import Writer, configured, data_folder
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack


def _promtail(stack: Stack, service: Service, mount: Mount) -> Files:
    logs = logs_of(service)
    if logs.is_empty:
        return {}
    kept = data_folder(service, "promtail", "/tmp")
    text = render("promtail/config.yml.j2", logs=logs, kept=kept)
    return configured(service, mount, "config.yml", text)


WRITERS: dict[str, Writer] = {"promtail": _promtail}
