"""Go: one binary, in an image with nothing else where it needs nothing else."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles.debian import packages_of_programs
from fixer.scaffold.dockerfiles.go.module import Module
from fixer.scaffold.dockerfiles.programs import (
    DEVELOPER,
    check_reachable,
    instruction,
    needs_shell,
    place_of,
    port_variable,
    read_at_run_time,
    taken_out,
    user_of,
    with_own_folder,
)
from fixer.scaffold.dockerfiles.scaffold import CannotBuild, Scaffold, labels_of
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
LOCAL = r"\.(?:ListenAndServe|Listen|Run|Start)\((?:\"tcp\",\s*)?\"(?:localhost|127\.0\.0\.1):"
PORT_DEFAULT = r"(?i)[\"'`]\w*port[\"'`],\s*[\"'`]?(\d{2,5})\b"
CHECKS_ITSELF = r"(?:os\.Args\[1\] == |\bcase |Use:\s+)\"(health-?check)\""
TOOLS = ("go", "air")
"""What runs the sources rather than the program."""


def scaffold(project: Project, demands: Demands) -> Scaffold | None:
    """Give the Dockerfile of a Go module's program.

    Raises CannotBuild where a part of it is missing.
    """
    if not project.has("go.mod"):
        return None
    module = Module(project)
    program = module.program(demands.name)
    if program is None:
        return None
    _check_replaced(project, module)
    packages = module.closure(program)
    embedded = tuple(_embedded(module, packages))
    sources = "\n".join(module.source(package) for package in packages)
    check_reachable(sources, LOCAL)
    if "#cgo pkg-config" in sources:
        # Which of Debian's packages have these libraries is not known.
        return None
    libraries = [
        each for path, each in LIBRARIES.items() if re.search(rf"{path}(/v\d+)? v", module.text)
    ]
    has_c = bool(libraries) or 'import "C"' in sources
    needed = [*packages_of_programs(demands), *(name for _, run in libraries for name in run)]
    # What starts other programs finds none in an image with nothing else.
    is_slim = needs_shell(demands) or bool(needed) or '"os/exec"' in sources
    name = program.rpartition("/")[2] or module.name
    port, variable = demands.port or _port(sources), port_variable(sources)
    demands = with_own_folder(demands, sources)
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
        developer=user_of(demands, DEVELOPER),
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


def _check_replaced(project: Project, module: Module) -> None:
    above = Project(project.repository, project.context)
    for folder in module.replaced:
        path = os.path.normpath(f"{project.prefix}{folder}")
        if path.startswith("..") or not above.has(f"{path}/go.mod"):
            raise CannotBuild(
                f"go.mod replaces a module by {folder}, which is not in the build's context: set"
                " `context` to a folder that has both, and `dockerfile` to the path from there."
            )


def _embedded(module: Module, packages: list[str]) -> Iterator[str]:
    """The folders and files that are compiled in."""
    for package in packages:
        for line in re.findall(EMBED, module.source(package)):
            for pattern in line.split():
                name = pattern.strip('`"').removeprefix("all:")
                start = re.split(r"[*?\[]", f"{package}/{name}".lstrip("/"))[0].rstrip("/")
                if not any(each.startswith(start) for each in module.project.files):
                    raise CannotBuild(
                        f"The program embeds {start}, which is not in the repository: write a stage that"
                        " makes it, and copy it from there before `go build`."
                    )
                yield start


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
