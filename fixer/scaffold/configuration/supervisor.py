"""supervisord: the programs of the service's Procfile."""

from __future__ import annotations

import re

from fixer.scaffold.configuration.writing import Writer, placed
from fixer.scaffold.files import Files
from fixer.scaffold.project import Project
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack

ONCE = ("release", "console")
"""What a Procfile names that does not go on running."""

PATHS = r"/etc/(supervisor/)?(supervisord\.conf|conf\.d(/[\w.-]+\.conf)?)"
SHELL = r"[$;&|<>*?`~]"


def is_read(service: Service, target: str) -> bool:
    """Say whether supervisord reads a path: one of Debian's, or what the command names."""
    command = service.command or service.entrypoint
    words = command.words if command else []
    is_named = any(word.rpartition("/")[2] == "supervisord" for word in words) and target in words
    return is_named or (
        service.build is not None and re.fullmatch(PATHS, target) is not None and "supervisor" in target
    )


def _supervisor(stack: Stack, service: Service, mount: Mount) -> Files:
    build = service.build
    if build is None or build.context is None:
        return {}
    procfile = Project(stack.repository, build.context).text("Procfile")
    programs = {
        name: _command(command)
        for name, command in re.findall(r"(?m)^([\w-]+):[ \t]*(\S.*?)[ \t]*$", procfile)
        if name not in ONCE
    }
    if not programs or any(" ;" in command for command in programs.values()):
        # Where a blank is before it, a semicolon starts a comment.
        return {}
    is_main = "/conf.d" not in mount.target or mount.target.endswith("supervisord.conf")
    text = render("supervisor/supervisord.conf.j2", programs=programs, is_main=is_main)
    return placed(mount, "programs.conf", text)


def _command(text: str) -> str:
    """A command as supervisord takes it, which has no shell, and a meaning of its own for `%`."""
    words = f"exec {text}" if not re.search(r"[;&|]", text) else text
    command = f'sh -c "{_quoted(words)}"' if re.search(SHELL, text) else text
    return command.replace("%", "%%")


def _quoted(text: str) -> str:
    return re.sub(r'(["\\])', r"\\\1", text)


WRITERS: dict[str, Writer] = {"supervisor": _supervisor}
