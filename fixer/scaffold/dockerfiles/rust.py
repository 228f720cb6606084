"""Rust: one binary of a crate, or of a member of a workspace."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Any, NamedTuple

from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles.debian import packages_of_programs
from fixer.scaffold.dockerfiles.programs import (
    DEVELOPER,
    check_reachable,
    chosen,
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
from fixer.scaffold.tables import table

LIBRARIES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "alsa-sys": (("libasound2-dev",), ("libasound2",)),
    "aws-lc-sys": (("cmake",), ()),
    "clang-sys": (("clang", "libclang-dev"), ()),
    "mysqlclient-sys": ((), ("libmariadb3",)),
    "pq-sys": ((), ("libpq5",)),
    "prost-build": (("protobuf-compiler",), ()),
}
"""Crates that need more of Debian than the images have: packages to be built and to run."""

NAME = r"[\w-]+"
WEB_ASSEMBLY = r"(?m)^name = \"(leptos|yew|dioxus|trunk|wasm-bindgen-cli)\"$"
"""Crates whose pages another tool builds."""

LISTENS = (
    r"\"(?:0\.0\.0\.0|127\.0\.0\.1|\[::\]):(\d{2,5})\"|\[0, 0, 0, 0\],\s*(\d{2,5})"
    r"|\"0\.0\.0\.0\",\s*(\d{2,5})"
)
LOCAL = (
    r"\b(?:bind|from)\(&?\(*(?:\"(?:localhost|127\.0\.0\.1)[:\"]|\[127, 0, 0, 1\])"
    r"|\b\w*(?:bind|listen|run|serve|start)\w*\([^()\"]*\"(?:localhost|127\.0\.0\.1)\",\s*\"?\d"
)
CHECKED_QUERY = r"\bquery(?:_as|_scalar|_file|_file_as)?!\s*\("
COMPILED_IN = (
    r"(?:#\[folder\s*=\s*|(?:include_dir|migrate|embed_migrations)!\()"
    r"\"(?:\$\w+/|\./)?([^\"]+?)/?\""
)


class Crate(NamedTuple):
    """A package with programs: its folder, relative to the project, its name and their names."""

    folder: str
    name: str
    manifest: dict[str, Any]
    binaries: tuple[str, ...]

    @property
    def names(self) -> set[str]:
        """What a service that is built from it may be called."""
        return {self.name, self.folder.rpartition("/")[2], *self.binaries}


def scaffold(project: Project, demands: Demands) -> Scaffold | None:
    """Give the Dockerfile of a Rust program.

    Raises CannotBuild where its queries cannot be checked in a build.
    """
    manifest = project.toml("Cargo.toml")
    crates = {crate.folder: crate for crate in _crates(project, manifest) if crate.binaries}
    folder = chosen({each: crate.names for each, crate in crates.items()}, demands.name)
    crate = crates[folder] if folder is not None else None
    binary = _binary(crate, demands.name) if crate else None
    lock = project.text("Cargo.lock")
    if crate is None or binary is None or re.search(WEB_ASSEMBLY, lock) or _sets_target(project):
        return None
    outside = _outside(project, crate)
    if outside is None:
        return None
    own = Project(project.repository, project.context, _below(project.folder, crate.folder))
    sources = "\n".join(own.text(path) for path in own.files if re.match(r"src/.*\.rs\Z", path))
    check_reachable(sources, LOCAL)
    is_prepared = project.has("sqlx-data.json") or any("/.sqlx/" in f"/{each}" for each in project.files)
    if re.search(CHECKED_QUERY, sources) and 'name = "sqlx-macros"' in lock and not is_prepared:
        raise CannotBuild(
            "sqlx checks the queries against a database, which a build has not: run `cargo sqlx"
            " prepare`, and commit the folder .sqlx."
        )
    libraries = [each for name, each in LIBRARIES.items() if f'name = "{name}"\n' in lock]
    needed = [*packages_of_programs(demands), *(name for _, run in libraries for name in run)]
    is_slim = needs_shell(demands) or bool(needed) or "process::Command" in sources
    port, compiled_in = demands.port or _port(crate, sources), tuple(re.findall(COMPILED_IN, sources))
    demands = with_own_folder(demands, sources)
    argument, demands = taken_out(demands, "RUST_VERSION")
    tool = demands.command[0] if demands.command[:1] == ("cargo",) else ""
    text = render(
        "dockerfile/rust.Dockerfile.j2",
        project=project,
        demands=demands,
        argument=argument,
        version=_version(project),
        build_packages=[name for build, _ in libraries for name in build],
        is_whole=outside,
        is_locked=bool(lock),
        is_prepared=is_prepared,
        package=crate.name if crate.folder else "",
        name=binary,
        tool=tool,
        is_watched=tool and demands.command[1:2] == ("watch",),
        base="debian:bookworm-slim" if is_slim else "gcr.io/distroless/cc-debian12:nonroot",
        packages=["ca-certificates", "libssl3", *needed] if is_slim else [],
        place=place_of(demands, binary),
        source=own.prefix,
        beside=[*read_at_run_time(own, sources, compiled_in), *_settings(own)],
        user=user_of(demands, "65532:65532"),
        developer=user_of(demands, DEVELOPER),
        port=port,
        environment=_environment(crate, sources, port),
        instruction=instruction(demands, binary),
        check="",
        labels=labels_of(own, demands, "Cargo.toml"),
    )
    return Scaffold(text)


def _crates(project: Project, manifest: dict[str, Any]) -> Iterator[Crate]:
    """The package of the project, and the members of its workspace."""
    workspace = table(manifest, "workspace")
    members, excluded = (_texts(workspace.get(key)) for key in ("members", "exclude"))
    sources = [path for path in project.files if "/src/bin/" in f"/{path}"]
    for path in project.files:
        folder, _, name = path.rpartition("/")
        is_member = any(_matches(folder, pattern) for pattern in members)
        if name != "Cargo.toml" or (folder and (not is_member or folder in excluded)):
            continue
        each = project.toml(path)
        package = table(each, "package")
        name = str(package.get("name"))
        if re.fullmatch(NAME, name):
            yield Crate(folder, name, each, tuple(_binaries(project, folder, name, each, sources)))


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def _matches(folder: str, pattern: str) -> bool:
    pattern = pattern.removeprefix("./").rstrip("/")
    return fnmatch(folder, pattern) and folder.count("/") == pattern.count("/")


def _binaries(
    project: Project, folder: str, package: str, manifest: dict[str, Any], sources: list[str]
) -> Iterator[str]:
    start = f"{folder}/" if folder else ""
    targets = manifest.get("bin")
    tables = targets if isinstance(targets, list) else []
    named = [str(each.get("name")) for each in tables if isinstance(each, dict)]
    named = [name for name in named if re.fullmatch(NAME, name)]
    yield from named
    if project.has(f"{start}src/main.rs") and not named:
        yield package
    for path in sources:
        found = re.fullmatch(rf"{re.escape(start)}src/bin/([\w-]+)(\.rs|/main\.rs)", path)
        if found and found[1] not in named:
            yield found[1]


def _binary(crate: Crate, name: str) -> str | None:
    """The program of a crate: the one with the service's name, the one that `cargo run` starts."""
    default = str(table(crate.manifest, "package").get("default-run"))
    for wanted in (name, default, crate.name):
        if wanted in crate.binaries:
            return wanted
    return crate.binaries[0] if len(crate.binaries) == 1 else None


def _outside(project: Project, crate: Crate) -> bool | None:
    """Whether the crate is built with others of the context that lie outside the project; None where
    it needs what lies outside the context."""
    text = project.text(_below(crate.folder, "Cargo.toml"))
    workspace = "workspace" in project.toml("Cargo.toml")
    if re.search(r"(?m)\bworkspace\s*=\s*true", text) and not workspace:
        return None
    paths = re.findall(r"\bpath\s*=\s*\"([^\"]+)\"", text)
    above = Project(project.repository, project.context)
    is_outside = False
    for path in paths:
        folder = os.path.normpath(f"{project.prefix}{_below(crate.folder, path)}")
        if folder.startswith(".."):
            return None
        if not f"{folder}/".startswith(project.prefix) and above.has(f"{folder}/Cargo.toml"):
            is_outside = True
    return is_outside


def _below(folder: str, path: str) -> str:
    return "/".join(part for part in (folder, path) if part)


def _sets_target(project: Project) -> bool:
    """Whether cargo is configured to build for something else than the machine that it runs on."""
    settings = project.toml(".cargo/config.toml") or project.toml(".cargo/config")
    build = table(settings, "build")
    return "target" in build or "target-dir" in build


def _version(project: Project) -> str:
    """The version of the toolchain that the project pins; else the newest, which builds what older
    ones do. What has no image of its own, rustup installs in the build."""
    channel = str(table(project.toml("rust-toolchain.toml"), "toolchain").get("channel", ""))
    channel = channel or project.text("rust-toolchain").strip()
    found = re.fullmatch(r"1\.(\d{1,4})(\.\d+)?", channel)
    return channel if found and int(found[1]) >= 70 else "1"


def _settings(project: Project) -> list[str]:
    """The file that Rocket looks for."""
    return [name for name in ("Rocket.toml",) if project.has(name)]


def _port(crate: Crate, sources: str) -> str:
    """The only port that the sources name, empty where they name several or none."""
    if _uses_rocket(crate):
        return "8000"
    found = {port for ports in re.findall(LISTENS, sources) for port in ports if port}
    return found.pop() if len(found) == 1 else ""


def _uses_rocket(crate: Crate) -> bool:
    return "rocket" in table(crate.manifest, "dependencies")


def _environment(crate: Crate, sources: str, port: str) -> dict[str, str]:
    """The variables by which the program listens on the port, and to other containers."""
    if _uses_rocket(crate):
        return {"ROCKET_ADDRESS": "0.0.0.0", "ROCKET_PORT": port}
    variable = port_variable(sources)
    return {variable: port} if port and variable else {}
