"""Gradle: which of a project's modules is the program, and how it is built."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from fixer.scaffold.dockerfiles.java.build import (
    Build,
    Layout,
    is_spring_program,
    java_of_spring,
    main_class,
    pinned_version,
    wrapper,
)
from fixer.scaffold.dockerfiles.programs import chosen
from fixer.scaffold.project import Project, is_plain
from fixer.scaffold.tables import table

SETTINGS = ("settings.gradle", "settings.gradle.kts")
SPRING, QUARKUS = "org.springframework.boot", "io.quarkus"
APPLICATIONS = ("application", "io.ktor.plugin", "io.micronaut.application")
"""Plugins that bring the task `installDist`."""

PLUGIN = (
    r"(?:\bid\s*\(?\s*[\"']|\bapply\s+plugin:\s*[\"']|\bapply\s*\(\s*plugin\s*=\s*\")([\w.-]+)[\"']\)?"
    r"(?:\s*version\s*\(?\s*[\"']?([\w.$-]*))?(?!.*\bapply\s*\(?\s*false)"
)
BARE_PLUGIN = r"(?m)^\s*(?:`)?(application|war)(?:`)?\s*$"
ALIAS = r"\balias\s*\(\s*libs\.plugins\.([\w.]+)\s*\)(?!.*\bapply\s*\(?\s*false)"
JAVA = (
    r"JavaLanguageVersion\.of\(\s*[\"']?(\d{1,4})", r"jvmToolchain\(\s*(\d{1,4})",
    r"\brelease(?:\.set\(|\s*=)\s*(\d{1,4})", r"VERSION_(?:1_)?(\d{1,4})",
    r"sourceCompatibility\s*=\s*[\"']?(?:1\.)?(\d{1,4})",
)  # fmt: skip
MAIN = r"\bmainClass(?:Name)?\s*(?:=|\.set\()\s*[\"']([\w.$]+)"
RUNS_ON = ((7, 3, 11), (8, 5, 17))
"""Before which versions of Gradle the newest long-term Java that it runs on is an older one."""


def enclosing(project: Project) -> tuple[Project, str]:
    """Give the project of the context that another one is a module of, and its folder there; else
    itself."""
    above, module = Project(project.repository, project.context), project.prefix.rstrip("/")
    has_own = project.first(*SETTINGS) is not None
    return (above, module) if module in _folders(above) and not has_own else (project, "")


def read(project: Project, name: str, module: str) -> Build | None:
    """Give how a module, else a service's program is built; None where none is found, or which it is
    cannot be told."""
    scripts = {folder: _Script(project, folder) for folder in _folders(project)}
    programs = {folder: [folder.rpartition("/")[2]] for folder, each in scripts.items() if each.layout}
    folder = module or chosen(programs, name)
    if folder not in programs:
        return None
    script = scripts[folder]
    layout = script.layout
    assert layout is not None
    call = wrapper(project, "gradlew", "gradle/wrapper/gradle-wrapper.jar")
    of = ":" + folder.replace("/", ":") + ":" if folder else ""
    task, result = _task(layout, script)
    gradle = _version(project)
    spring = script.spring
    java = script.java or pinned_version(project) or java_of_spring(spring)
    if not script.java:
        java = min([java, *(limit for *before, limit in RUNS_ON if gradle and gradle < tuple(before))])
    return Build(
        folder=folder,
        layout=layout,
        java=java,
        image="eclipse-temurin:{}-jdk" if call else f"gradle:{_tag(gradle)}-jdk{{}}",
        cache="/gradle",
        settings={"GRADLE_USER_HOME": "/gradle"},
        shared_settings={"GRADLE_USER_HOME": "/cache"},
        command=f"{call or 'gradle'} --no-daemon {of}{task}",
        result=result,
        libraries="build/install/*/lib" if layout is Layout.CLASS_PATH else "",
        main=script.main or "",
        spring=spring,
        dependencies=script.dependencies,
        development=_development(layout, call, of),
        download=f"{call or 'gradle'} --no-daemon {of}classes",
    )


def _task(layout: Layout, script: _Script) -> tuple[str, str]:
    """The task that builds the program, and what it makes."""
    if layout is Layout.SPRING and "war" in script.plugins:
        return "bootWar", "build/libs/*.war"
    return {
        Layout.SPRING: ("bootJar", "build/libs/*.jar"),
        Layout.FAST_JAR: ("quarkusBuild", "build/quarkus-app"),
        Layout.CLASS_PATH: ("installDist", ""),
        Layout.WAR: ("war", "build/libs/*.war"),
    }[layout]


def _development(layout: Layout, call: str | None, of: str) -> tuple[str, ...]:
    tasks = {Layout.SPRING: "bootRun", Layout.FAST_JAR: "quarkusDev", Layout.CLASS_PATH: "run"}
    return (*(call or "gradle").split(), f"{of}{tasks[layout]}") if layout in tasks else ()


def _folders(project: Project) -> list[str]:
    """The top folder, and those of the modules that the settings include."""
    settings = "".join(map(project.text, SETTINGS))
    lists = re.findall(r"(?m)^\s*include\s*\(?((?:\s*[\"'][^\"']+[\"']\s*,?)+)", settings)
    names = [name for each in lists for name in re.findall(r"[\"']([^\"']+)", each)]
    folders = (name.strip(":").replace(":", "/") for name in names)
    return ["", *filter(is_plain, folders)]


def _version(project: Project) -> tuple[int, int] | None:
    text = project.text("gradle/wrapper/gradle-wrapper.properties")
    found = re.search(r"gradle-(\d{1,4})\.(\d{1,4})", text)
    return (int(found[1]), int(found[2])) if found else None


def _tag(version: tuple[int, int] | None) -> str:
    return f"{version[0]}.{version[1]}" if version else "8"


class _Script:
    """The build script of a module, with what the top one does for all modules."""

    def __init__(self, project: Project, folder: str) -> None:
        self.project, self.folder = project, folder
        self.text = self._text(folder)
        self.top = self._text("") if folder else ""

    def _text(self, folder: str) -> str:
        start = f"{folder}/" if folder else ""
        found = self.project.first(f"{start}build.gradle", f"{start}build.gradle.kts")
        text = self.project.text(found) if found else ""
        return re.sub(r"(?s)/\*.*?\*/|(?m:(?<![:\"'])//.*$)", "", text)

    @cached_property
    def _catalog(self) -> dict[str, Any]:
        return self.project.toml("gradle/libs.versions.toml")

    @cached_property
    def plugins(self) -> dict[str, str]:
        """The plugins that are applied, with their versions where they are known."""
        shared = self.top if re.search(r"\b(subprojects|allprojects)\b", self.top) else ""
        shared = shared[shared.find("projects") :]
        found = dict(re.findall(PLUGIN, f"{shared}\n{self.text}"))
        found |= dict.fromkeys(re.findall(BARE_PLUGIN, self.text), "")
        for accessor in re.findall(ALIAS, self.text):
            for key, each in table(self._catalog, "plugins").items():
                if re.sub(r"[-_]", ".", key) == accessor:
                    name, version = self._of_catalog(each)
                    found[name] = version
        return found

    def _of_catalog(self, plugin: Any) -> tuple[str, str]:
        if not isinstance(plugin, dict):
            name, _, version = str(plugin).partition(":")
            return name, version
        written: Any = plugin.get("version")
        if isinstance(written, dict):
            written = table(self._catalog, "versions").get(str(written.get("ref")))
        return str(plugin.get("id")), str(written or "")

    @cached_property
    def layout(self) -> Layout | None:
        """How its program lies in an image; None where it is none."""
        names = self.plugins
        if SPRING in names:
            return (
                Layout.SPRING
                if not self.folder or self.main or is_spring_program(self.project, self.folder)
                else None
            )
        if QUARKUS in names:
            return Layout.FAST_JAR
        if any(name in names for name in APPLICATIONS) and self.main:
            return Layout.CLASS_PATH
        return Layout.WAR if "war" in names else None

    @cached_property
    def main(self) -> str | None:
        found = re.search(MAIN, self.text)
        return found[1] if found else main_class(self.project, self.folder)

    @cached_property
    def java(self) -> int | None:
        """The version of Java that it is built with, or written in."""
        for text in (self.text, self.top):
            for pattern in JAVA:
                found = re.search(pattern, text)
                if found:
                    return int(found[1])
        return None

    @cached_property
    def spring(self) -> tuple[int, int]:
        """The version of Spring Boot, zero where there is none or it is not known."""
        settings = "".join(map(self.project.text, SETTINGS))
        texts = [self.plugins.get(SPRING, "")]
        for text in (self.text, self.top, settings):
            texts += re.findall(rf"{re.escape(SPRING)}[\"']\)?\s*version\s*\(?\s*[\"']([\d.]+)", text)
            texts += re.findall(r"spring-boot-gradle-plugin:([\d.]+)", text)
        catalog = table(self._catalog, "plugins").values()
        texts += [version for name, version in map(self._of_catalog, catalog) if name == SPRING]
        found = [match for text in texts if (match := re.match(r"(\d{1,4})\.(\d{1,4})", text))]
        return (int(found[0][1]), int(found[0][2])) if found else (0, 0)

    @cached_property
    def dependencies(self) -> frozenset[str]:
        """The libraries that it names, by their own names."""
        named = re.findall(r"[\"'][\w.-]+:([\w.-]+)(?::[^\"']*)?[\"']", self.text)
        for accessor in re.findall(r"\blibs\.([\w.]+)", self.text):
            for key, each in table(self._catalog, "libraries").items():
                if re.sub(r"[-_]", ".", key) == accessor:
                    module = each.get("module") or each.get("name") if isinstance(each, dict) else each
                    named.append(str(module).split(":")[1] if ":" in str(module) else str(module))
        return frozenset(named)
