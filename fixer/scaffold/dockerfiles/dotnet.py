""".NET: a published program on the runtime that it asks for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles.debian import packages_of_programs
from fixer.scaffold.dockerfiles.programs import (
    DEVELOPER,
    chosen,
    instruction,
    taken_out,
    user_of,
    with_own_folder,
)
from fixer.scaffold.dockerfiles.scaffold import CannotBuild, Scaffold, labels_of
from fixer.scaffold.project import Project
from fixer.scaffold.rendering import render
from fixer.scaffold.tables import table

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

KINDS = (".csproj", ".fsproj", ".vbproj")
SOLUTIONS = (".sln", ".slnx")
SETTINGS = (
    "global.json", "nuget.config", "NuGet.config", "NuGet.Config", "Directory.Build.props",
    "Directory.Build.targets", "Directory.Packages.props", "packages.lock.json",
)  # fmt: skip
"""Files that say what is restored."""

PROPERTIES = ("Directory.Build.props", "Directory.Packages.props")
"""Files that set properties for all projects below their folder."""

LATER_FEATURES = ("feature", "minor", "major", "latestFeature", "latestMinor", "latestMajor")
"""By which of the settings `rollForward` a newer SDK than the one that is named does, too."""

FROM_VERSION_8 = 8
"""The first version whose images have a user of their own and listen on 8080."""

ASIDE = r"(^|/)(build|tools?|tests?|samples?|examples?|benchmarks?|scripts?)/"
"""Folders whose programs are for those who work on the sources."""

WATCHES = ("--no-launch-profile", "--non-interactive")
SOURCES = r"\.(?:cs|fs|vb)\Z|(^|/)appsettings[\w.]*\.json\Z"
HEALTH = r"\bMapHealthChecks\(\s*\"(/[\w./-]*)\""


def scaffold(project: Project, demands: Demands) -> Scaffold | None:
    """Give the Dockerfile of a .NET program.

    Raises CannotBuild where a part of it is missing, or more than .NET builds it.
    """
    if not any(path.endswith(KINDS + SOLUTIONS) and "/" not in path for path in project.files):
        return None
    programs = {each.path: each for each in _projects(project) if each.is_program}
    path = chosen({each: found.names for each, found in programs.items()}, demands.name.lower())
    served = [each for each, found in programs.items() if found.is_web]
    path = path or (served[0] if len(served) == 1 else None)
    if path is None:
        return None
    program = programs[path]
    closure = _closure(program)
    if not program.version:
        return None
    if program.needs_node:
        raise CannotBuild(
            f"{path} builds pages with npm, which .NET's image has not: write a Dockerfile with a stage"
            " of Node.js that builds them."
        )
    above = program.project
    port = demands.port or ("8080" if program.is_web else "")
    restored = sorted({each.path for each in closure} | set(_settings(above, closure)))
    demands = with_own_folder(demands, program.sources)
    argument, demands = taken_out(demands, "DOTNET_VERSION")
    configuration, demands = taken_out(demands, "BUILD_CONFIGURATION", "CONFIGURATION")
    is_new = int(program.version.partition(".")[0]) >= FROM_VERSION_8
    is_watched = demands.command[:1] == ("dotnet",) and demands.command[1:2] in (("watch",), ("run",))
    text = render(
        "dockerfile/dotnet.Dockerfile.j2",
        project=project,
        demands=demands,
        argument=argument,
        version=program.version,
        sdk=_sdk(above, program.version),
        configuration=configuration,
        program=program.path,
        folder=program.folder,
        framework=program.framework if program.has_several else "",
        restored=_by_folder(restored),
        is_locked=any(path.endswith("packages.lock.json") for path in restored),
        tool="dotnet" if is_watched else "",
        runtime="aspnet" if program.is_web else "runtime",
        packages=packages_of_programs(demands),
        assembly=program.assembly,
        user=user_of(demands, "1654:1654"),
        developer=user_of(demands, DEVELOPER),
        port=port,
        environment=_environment(program, port, is_new, demands),
        instruction=instruction(demands, "dotnet"),
        check=_check(program, demands, port),
        development=["dotnet", "watch", "run", "--project", program.path, *WATCHES],
        development_environment=_development_environment(program, port),
        labels=labels_of(project, demands),
    )
    return Scaffold(text)


def _projects(project: Project) -> Iterator[_DotnetProject]:
    above = Project(project.repository, project.context)
    for path in project.files:
        if path.endswith(KINDS):
            found = _DotnetProject.read(above, project.prefix + path)
            if found is not None:
                yield found


def _closure(program: _DotnetProject) -> list[_DotnetProject]:
    """The projects that a program is built from."""
    found, waiting = {program.path: program}, [program]
    while waiting:
        for path in waiting.pop().references:
            if path in found:
                continue
            each = None if path.startswith("..") else _DotnetProject.read(program.project, path)
            if each is None:
                raise CannotBuild(
                    f"{program.path} is built with {path}, which is not in the build's context: set"
                    " `context` to a folder that has both, and `dockerfile` to the path from there."
                )
            found[path] = each
            waiting.append(each)
    return list(found.values())


def _settings(above: Project, closure: list[_DotnetProject]) -> Iterator[str]:
    """The files beside the projects, and above them, that say what is restored."""
    for each in closure:
        folder = each.folder
        while True:
            for name in SETTINGS:
                path = f"{folder}/{name}".lstrip("/")
                if above.has(path):
                    yield path
            if not folder:
                break
            folder = folder.rpartition("/")[0]


def _by_folder(paths: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in paths:
        found.setdefault(path.rpartition("/")[0], []).append(path)
    return found


def _sdk(above: Project, version: str) -> str:
    """The SDK that the sources pin, where only that one does; else the newest of the version."""
    sdk = table(above.json("global.json"), "sdk")
    pinned = str(sdk.get("version", ""))
    does_newer = str(sdk.get("rollForward")) in LATER_FEATURES and pinned.startswith(f"{version}.")
    return pinned if re.fullmatch(r"\d+\.\d+\.\d{3}", pinned) and not does_newer else version


def _environment(program: _DotnetProject, port: str, is_new: bool, demands: Demands) -> dict[str, str]:
    found = {"DOTNET_CLI_TELEMETRY_OPTOUT": "1"}
    if program.is_web and not is_new:
        found["ASPNETCORE_URLS"] = f"http://+:{port}"
    elif program.is_web and port != "8080":
        found["ASPNETCORE_HTTP_PORTS"] = port
    if demands.read_only:
        found["DOTNET_EnableDiagnostics"] = "0"
    return found


def _development_environment(program: _DotnetProject, port: str) -> dict[str, str]:
    """The variables of development, where any user has to be able to write what .NET writes."""
    found = {"DOTNET_CLI_TELEMETRY_OPTOUT": "1", "HOME": "/tmp", "NUGET_PACKAGES": "/packages"}
    if program.is_web:
        found |= {"ASPNETCORE_ENVIRONMENT": "Development", "ASPNETCORE_URLS": f"http://+:{port}"}
    return found


def _check(program: _DotnetProject, demands: Demands, port: str) -> list[str]:
    """The words of a health check for an image that has bash, and nothing that speaks HTTP."""
    if not program.is_web or demands.is_shared:
        return []
    path = demands.health_path or next(iter(re.findall(HEALTH, program.sources)), "")
    connected = f"exec 3<>/dev/tcp/127.0.0.1/{port}"
    if not path:
        return ["bash", "-c", connected]
    request = f"printf 'GET {path} HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3"
    return ["bash", "-c", f"{connected} && {request} && head -n 1 <&3 | grep -q ' 200 '"]


class _DotnetProject:
    """One project file. Paths are relative to the build's context."""

    def __init__(self, project: Project, path: str, root: Element) -> None:
        self.project, self.path, self.root = project, path, root
        self.folder, _, name = path.rpartition("/")
        self.stem = name.rpartition(".")[0]

    @classmethod
    def read(cls, project: Project, path: str) -> _DotnetProject | None:
        from xml.etree import ElementTree

        try:
            root = ElementTree.fromstring(project.text(path))
        except (ElementTree.ParseError, ValueError):
            return None
        return cls(project, path, root)

    @property
    def sdk(self) -> str:
        return self.root.get("Sdk", "").partition("/")[0]

    def value(self, name: str) -> str:
        """Give a property, of the project or of what is set for all projects below a folder."""
        found = self.root.findtext(f"PropertyGroup/{name}")
        folder = self.folder
        while found is None:
            texts = (self.project.text(f"{folder}/{file}".lstrip("/")) for file in PROPERTIES)
            match = re.search(rf"<{name}>([^<]*)</{name}>", "\n".join(texts))
            found = match[1] if match else None
            if not folder:
                break
            folder = folder.rpartition("/")[0]
        return (found or "").strip()

    @cached_property
    def names(self) -> frozenset[str]:
        """What a service that is built from it may be called."""
        names = {self.stem.lower(), self.folder.rpartition("/")[2].lower()}
        return frozenset(names | {re.sub(r"[._]", "-", name) for name in names})

    @cached_property
    def _packages(self) -> frozenset[str]:
        return frozenset(each.get("Include", "") for each in self.root.iter("PackageReference"))

    @property
    def is_web(self) -> bool:
        frameworks = {each.get("Include") for each in self.root.iter("FrameworkReference")}
        return self.sdk == "Microsoft.NET.Sdk.Web" or "Microsoft.AspNetCore.App" in frameworks

    @property
    def is_program(self) -> bool:
        """Whether it starts a program, other than tests and what starts others in development."""
        is_test = "Microsoft.NET.Test.Sdk" in self._packages or self.value("IsTestProject") == "true"
        is_host = self.value("IsAspireHost") == "true" or "Aspire" in self.root.get("Sdk", "")
        sdks = [each.get("Name", "") for each in self.root.iter("Sdk")]
        is_host = is_host or any("Aspire.AppHost" in name for name in sdks)
        starts = self.sdk in ("Microsoft.NET.Sdk.Web", "Microsoft.NET.Sdk.Worker")
        is_executable = starts or self.value("OutputType").lower() == "exe"
        is_aside = is_test or is_host or re.search(ASIDE, f"{self.folder}/") is not None
        return is_executable and not is_aside and self.value("OutputType") != "Library"

    @property
    def needs_node(self) -> bool:
        """Whether publishing it builds pages with npm, which the SDK's image has not."""
        return bool(self.value("SpaRoot")) or any(
            re.search(r"\b(npm|yarn|pnpm)\b", each.get("Command", "")) for each in self.root.iter("Exec")
        )

    @property
    def _frameworks(self) -> list[str]:
        text = self.value("TargetFrameworks") or self.value("TargetFramework")
        return re.findall(r"(?:\A|;)\s*(net(?:coreapp)?\d{1,3}\.\d{1,3})(?=\s*(?:;|\Z))", text)

    @property
    def has_several(self) -> bool:
        return len(self._frameworks) > 1

    @property
    def framework(self) -> str:
        """The newest framework that runs on Linux, empty where there is none."""
        return max(self._frameworks, key=lambda name: float(re.sub(r"[a-z]", "", name)), default="")

    @property
    def version(self) -> str:
        return re.sub(r"[a-z]", "", self.framework)

    @property
    def assembly(self) -> str:
        name = self.value("AssemblyName")
        return f"{name if name and '$' not in name else self.stem}.dll"

    @property
    def references(self) -> list[str]:
        named = (each.get("Include", "") for each in self.root.iter("ProjectReference"))
        paths = (path.replace("\\", "/") for path in named)
        return [os.path.normpath(os.path.join(self.folder, path)) for path in paths if path]

    @cached_property
    def sources(self) -> str:
        start = f"{self.folder}/" if self.folder else ""
        files = (path for path in self.project.files if path.startswith(start))
        return "\n".join(self.project.text(path) for path in files if re.search(SOURCES, path))
