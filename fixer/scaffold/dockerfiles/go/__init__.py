"""Go: one binary, in an image with nothing else where it needs nothing else."""

from __future__ import annotations

import os
import re

from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles.go.module import Module
from fixer.scaffold.dockerfiles.programs import (
    instruction,
    needs_shell,
    packages_of,
    place_of,
    port_variable,
    read_at_run_time,
    taken_out,
    user_of,
)
from fixer.scaffold.dockerfiles.scaffold import Scaffold, labels_of
from fixer.scaffold.project import Project
from fixer.scaffold.rendering import render

NEWEST = "1.25"
OLDEST = 21
"""Minor version from which a module's version is the one it needs; before, a newer Go builds it too."""

LIBRARIES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "github.com/confluentinc/confluent-kafka-go": ((), ()),
    "github.com/davidbyttow/govips": (("libvips-dev",), ("libvips42",)),
    "github.com/h2non/bimg": (("libvips-dev",), ("libvips42",)),
    "github.com/marcboeker/go-duckdb": ((), ()),
    "github.com/mattn/go-sqlite3": ((), ()),
}
"""Modules that are written in C, with Debian's packages that they need to be built and to run."""

EMBED = r"(?m)^//go:embed\s+(.+)$"
LISTENS = r"[\"'`](?:0\.0\.0\.0)?:(\d{2,5})[\"'`]"
PORT_DEFAULT = r"[\"'`]\w*PORT[\"'`],\s*[\"'`]?(\d{2,5})\b"
CHECKS_ITSELF = r"(?:os\.Args\[1\] == |\bcase |Use:\s+)\"(health-?check)\""
TOOLS = ("go", "air")
"""What runs the sources rather than the program."""


def scaffold(project: Project, demands: Demands) -> Scaffold | None:
    """Give the Dockerfile of a Go module's program."""
    if not project.has("go.mod"):
        return None
    module = Module(project)
    program = module.program(demands.name)
    packages = module.closure(program) if program is not None else None
    if program is None or packages is None or not _has_all(project, module):
        return None
    sources = "\n".join(module.source(package) for package in packages)
    embedded = _embedded(module, packages)
    if embedded is None or "#cgo pkg-config" in sources:
        return None
    libraries = [each for path, each in LIBRARIES.items() if f"{path} " in module.text.replace("/v", " ")]
    has_c = bool(libraries) or 'import "C"' in sources
    needed = [*packages_of(demands), *(name for _, run in libraries for name in run)]
    is_slim = needs_shell(demands) or bool(needed)
    name = program.rpartition("/")[2] or demands.name or module.path.rpartition("/")[2]
    port, variable = demands.port or _port(sources), port_variable(sources)
    argument, demands = taken_out(demands, "GO_VERSION", "GOLANG_VERSION")
    text = render(
        "dockerfile/go.Dockerfile.j2",
        project=project,
        demands=demands,
        argument=argument,
        version=_version(module.version),
        has_c=has_c,
        build_packages=[name for build, _ in libraries for name in build],
        is_whole=_is_whole(project, module),
        is_vendored=project.has("vendor/modules.txt"),
        has_sums=project.has("go.sum"),
        stamps=_stamps(module.source(program), demands),
        program=f"./{program}" if program else ".",
        name=name,
        tool=demands.command[0] if demands.command and demands.command[0] in TOOLS else "",
        base=_base(has_c, is_slim),
        packages=["ca-certificates", *needed] if is_slim else [],
        place=place_of(demands, name),
        source=project.prefix,
        beside=read_at_run_time(project, sources, embedded),
        user=user_of(demands, "65532:65532"),
        port=port,
        environment={variable: port} if port and variable else {},
        instruction=instruction(demands, name),
        check=next(iter(re.findall(CHECKS_ITSELF, sources)), ""),
        labels=labels_of(project, demands),
    )
    return Scaffold(text)


def _version(version: str) -> str:
    return version if version and int(version.partition(".")[2]) >= OLDEST else NEWEST


def _base(has_c: bool, is_slim: bool) -> str:
    if is_slim:
        return "debian:bookworm-slim"
    return f"gcr.io/distroless/{'cc' if has_c else 'static'}-debian12:nonroot"


def _is_whole(project: Project, module: Module) -> bool:
    """Whether the module is built with others of the context, so that all of it is copied."""
    above = Project(project.repository, project.context)
    return bool(module.replaced) or above.has("go.work")


def _has_all(project: Project, module: Module) -> bool:
    """Whether the folders that stand in for modules lie in the build's context."""
    return all(
        not os.path.normpath(project.prefix + folder).startswith("..")
        and Project(project.repository, project.context).has(
            os.path.normpath(f"{project.prefix}{folder}/go.mod")
        )
        for folder in module.replaced
    )


def _embedded(module: Module, packages: list[str]) -> tuple[str, ...] | None:
    """The folders that are compiled in; None where one is missing, since something has to make it."""
    found = []
    for package in packages:
        for line in re.findall(EMBED, module.source(package)):
            for pattern in line.split():
                name = pattern.strip("`\"").removeprefix("all:")
                start = re.split(r"[*?\[]", f"{package}/{name}".lstrip("/"))[0].rstrip("/")
                if not any(each.startswith(start) for each in module.project.files):
                    return None
                found.append(start)
    return tuple(found)


def _stamps(source: str, demands: Demands) -> dict[str, str]:
    """The variables of the program that build arguments of their name are for."""
    names = {"VERSION": "version", "COMMIT": "commit", "BUILD_DATE": "date"}
    return {
        variable: argument
        for argument, lower in names.items()
        if argument in demands.arguments
        for variable in re.findall(rf"(?mi)^\s*(?:var\s+)?({lower})\s*(?:string\s*)?=\s*\"", source)[:1]
    }


def _port(sources: str) -> str:
    """The only port that the sources name, empty where they name several or none."""
    found = {*re.findall(LISTENS, sources), *re.findall(PORT_DEFAULT, sources)}
    return found.pop() if len(found) == 1 else ""
