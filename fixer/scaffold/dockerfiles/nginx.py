"""Pages that nginx serves, as a user of its own."""

from __future__ import annotations

import re
from typing import NamedTuple

from fixer.scaffold.demands import Demands
from fixer.scaffold.project import Project
from fixer.scaffold.rendering import render

USER = "101:101"
ROOT = "/usr/share/nginx/html"
OWN = ("nginx.conf", "default.conf", "nginx/default.conf", "nginx/nginx.conf", "nginx/site.conf")
NAMES = ("nginx.conf", "nginx.site.conf")


class Site(NamedTuple):
    """How pages are served: the configuration's path in the build, the port, the folder of the pages in
    the image, what says that all is well, and the configuration's text where it is a new file."""

    path: str
    port: str
    root: str
    health_path: str
    text: str | None


def site_of(
    project: Project, demands: Demands, port: str, is_single: bool, hashed: str = ""
) -> Site | None:
    """Give how a project's pages are served: by its own configuration where it has one for such an
    image, else by a new one. None where its own cannot be told from another server's."""
    for name in OWN:
        text = re.sub(r"(?m)#.*$", "", project.text(name))
        if re.search(r"(?m)^\s*server\s*\{", text) and not re.search(r"\bhttp\s*\{", text):
            return _own(project.prefix + name, text)
    name = next(name for name in NAMES if not project.has(name))
    health_path = demands.health_path if demands.health_path not in ("", "/") else "/healthz"
    text = render(
        "dockerfile/nginx.conf.j2",
        port=port,
        is_single=is_single,
        hashed=hashed,
        health_path=health_path,
    )
    return Site(project.prefix + name, port, ROOT, health_path, text)


def _own(path: str, text: str) -> Site | None:
    ports = re.findall(r"\blisten\s+(?:\S+:)?(\d+)\b", text)
    roots = re.findall(r"\broot\s+([\w/.-]+)\s*;", text)
    if not ports or not roots or "ssl_certificate" in text:
        return None
    return Site(path, ports[0], roots[0], "/", None)
