"""Java and Kotlin, built by Maven or Gradle: Spring Boot, Quarkus, a main class, or a web archive."""

from __future__ import annotations

import re

from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles.debian import packages_of_programs
from fixer.scaffold.dockerfiles.java import gradle, maven
from fixer.scaffold.dockerfiles.java.build import Build, Layout
from fixer.scaffold.dockerfiles.programs import (
    DEVELOPER,
    instruction,
    taken_out,
    user_of,
    with_own_folder,
)
from fixer.scaffold.dockerfiles.scaffold import Scaffold, labels_of
from fixer.scaffold.project import Project, is_plain
from fixer.scaffold.rendering import render

TOOLS = ("mvn", "./mvnw", "gradle", "./gradlew")
"""What runs the sources rather than the program."""

IN_THE_IMAGE = ("curl", "wget")
"""What Temurin's images have of the programs that health checks call."""

SERVES = r"spring-boot-starter-(web|webflux|webmvc|jersey|graphql|data-rest|undertow|tomcat)\Z"
LAYERS_SINCE, TOOLS_SINCE, LAUNCHER_SINCE = (2, 4), (3, 3), (3, 2)
"""Versions of Spring Boot: archives have layers, `tools` extracts them, the launcher has its place."""

LAUNCHERS = ("org.springframework.boot.loader", "org.springframework.boot.loader.launch")
PORT = r"(?m)^server\.port\s*[=:]\s*(\S+)|^server:\s*\n(?:[ \t]+.*\n)*?[ \t]+port:\s*(\S+)"
MOVED = (
    r"(?m)base-path|context-path|root-path|management\.server"
    r"|^management:\s*\n(?:\s.*\n)*?\s+server:"
)
"""Settings by which the pages on health have another address."""

PLACEHOLDER = r"\$\{(\w+)(?::(\d+))?\}"


def scaffold(project: Project, demands: Demands) -> Scaffold | None:
    """Give the Dockerfile of a Java program.

    Raises CannotBuild where a part of its build lies outside the context.
    """
    build = None
    if project.has("pom.xml"):
        project, module = maven.enclosing(project)
        build = maven.read(project, demands.name, module)
    elif project.first("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"):
        project, module = gradle.enclosing(project)
        build = gradle.read(project, demands.name, module)
    tool = demands.command[0] if demands.command and demands.command[0] in TOOLS else ""
    if build is None or ((demands.development or tool) and not build.development):
        return None
    if build.layout is Layout.CLASS_PATH and not build.main:
        return None
    file = _file(demands)
    layered = build.layout is Layout.SPRING and build.spring >= LAYERS_SINCE and not file
    port, environment = _port(project, build, demands)
    demands = with_own_folder(demands, _settings(project, build))
    argument, demands = taken_out(demands, "JAVA_VERSION", "JDK_VERSION")
    text = render(
        "dockerfile/java.Dockerfile.j2",
        project=project,
        demands=demands,
        build=build,
        layout=build.layout.name,
        argument=argument,
        tool=tool,
        layered=layered,
        mode="tools" if build.spring >= TOOLS_SINCE else "layertools",
        file=file or ("app.war" if build.result.endswith(".war") else "app.jar"),
        start=["java", *_start(build, layered, file)],
        packages=packages_of_programs(demands, *IN_THE_IMAGE),
        user=user_of(demands, "10001:10001"),
        developer=user_of(demands, DEVELOPER),
        port=port,
        environment={"JAVA_TOOL_OPTIONS": "-XX:MaxRAMPercentage=75", **environment},
        instruction=instruction(demands, "java"),
        check=_check(project, build, demands, port),
        tomcat=_tomcat(build),
        labels=labels_of(project, demands),
    )
    return Scaffold(text)


def _file(demands: Demands) -> str:
    """The archive that the stack's own command runs, empty where it runs none."""
    words = demands.command
    file = words[words.index("-jar") + 1] if "-jar" in words[:-1] else ""
    return file if is_plain(file) else ""


def _start(build: Build, layered: bool, file: str) -> list[str]:
    if build.layout is Layout.FAST_JAR:
        return ["-jar", "quarkus-run.jar"]
    if layered:
        kind = "WarLauncher" if build.result.endswith(".war") else "JarLauncher"
        return [f"{LAUNCHERS[build.spring >= LAUNCHER_SINCE]}.{kind}"]
    if build.layout is Layout.SPRING:
        return ["-jar", "app.war" if build.result.endswith(".war") else "app.jar"]
    paths = [file or "app.jar"] if build.result else []
    return ["-cp", ":".join([*paths, *(["lib/*"] if build.libraries else [])]), build.main]


def _settings(project: Project, build: Build) -> str:
    start = f"{build.folder}/src/main/resources/".lstrip("/")
    names = ("application.properties", "application.yml", "application.yaml")
    return "\n".join(project.text(start + name) for name in names)


def _port(project: Project, build: Build, demands: Demands) -> tuple[str, dict[str, str]]:
    """The port that is listened on, and the variable that makes it the stack's."""
    if build.layout is Layout.WAR:
        return "8080", {}
    serves = any(re.match(SERVES, name) for name in build.dependencies)
    usual = "8080" if serves or build.layout is Layout.FAST_JAR else ""
    variable = {Layout.SPRING: "SERVER_PORT", Layout.FAST_JAR: "QUARKUS_HTTP_PORT"}.get(build.layout)
    found = re.search(PORT, _settings(project, build))
    written = (found[1] or found[2]).strip("\"'") if found else ""
    placeholder = re.fullmatch(PLACEHOLDER, written)
    if placeholder is not None:
        variable, written = placeholder[1], placeholder[2] or ""
    own = written if written.isdigit() else usual
    port = demands.port or own
    return port, {variable: port} if variable and port and port != own else {}


def _check(project: Project, build: Build, demands: Demands, port: str) -> list[str]:
    """The words of a health check: of what says how the program is, where it has that; else whether
    it answers or listens. Who secures his paths may have secured that one."""
    if not port or demands.is_shared:
        return []
    health = demands.health_path
    settings = _settings(project, build)
    names = build.dependencies
    is_open = not any("security" in name or "oidc" in name for name in names)
    if not health and is_open and not re.search(MOVED, settings):
        if "spring-boot-starter-actuator" in names:
            health = "/actuator/health"
        elif "quarkus-smallrye-health" in names:
            health = "/q/health"
    if health:
        return ["curl", "-fsS", "-o", "/dev/null", f"http://127.0.0.1:{port}{health}"]
    if build.layout is Layout.CLASS_PATH:
        return ["bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{port}"]
    return ["curl", "-sS", "-o", "/dev/null", f"http://127.0.0.1:{port}/"]


def _tomcat(build: Build) -> str:
    """Tomcat's version: the last one for javax, or the one for jakarta."""
    is_jakarta = any(name.startswith("jakarta") for name in build.dependencies)
    return "10.1" if is_jakarta else "9.0"
