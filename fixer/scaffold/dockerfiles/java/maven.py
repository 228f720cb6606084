"""Maven: which of a project's modules is the program, and how it is built."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from fixer.scaffold.dockerfiles.java.build import (
    Build,
    Layout,
    is_spring_program,
    java_of_spring,
    long_term,
    main_class,
    pinned_version,
    wrapper,
)
from fixer.scaffold.dockerfiles.programs import chosen
from fixer.scaffold.dockerfiles.scaffold import CannotBuild
from fixer.scaffold.project import Project
from fixer.stack.merging import join

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

VERSIONS = (
    "java.version", "maven.compiler.release", "maven.compiler.source", "maven.compiler.target",
    "jdk.version", "kotlin.compiler.jvmTarget",
)  # fmt: skip
"""Properties that say a version of Java."""

FILE = r"[\w.+*-]+"
LONGEST = 1000
"""Texts with more characters are no names; properties can make one another longer without end."""

MAIN = r"<(?:mainClass|Main-Class|exec\.mainClass|start-class)>\s*([\w.$]+)\s*<"


def enclosing(project: Project) -> tuple[Project, str]:
    """Give the project that another one is a module of, and its folder there; else itself.

    Raises CannotBuild where its parent is not in the build's context.
    """
    pom, module = _Pom.read(project, "", None), ""
    while pom is not None and (path := pom.parent_path):
        above = path.removesuffix("pom.xml").rstrip("/")
        if project.context and not f"{above}/".startswith(f"{project.context}/"):
            raise CannotBuild(
                f"The parent of pom.xml, {path}, is not in the build's context: set `context` to the"
                " folder of the parent, and `dockerfile` to the path from there."
            )
        is_around = f"{project.folder}/".startswith(f"{above}/".lstrip("/")) and project.folder != above
        if not is_around:
            # A parent that stands beside it: only what names both as modules can build both.
            above = project.context
        if project.folder == above:
            break
        module = join(os.path.relpath(project.folder, above or "."), module)
        project = Project(project.repository, project.context, above)
        pom = _Pom.read(project, "", None)
    return project, module


def read(project: Project, name: str, module: str) -> Build | None:
    """Give how a module, else a service's program is built; None where none is found, or which it is
    cannot be told."""
    top = _Pom.read(project, "", None)
    if top is None:
        return None
    poms = {pom.folder: pom for pom in top.all if pom.layout}
    folder = module or chosen({each: pom.names for each, pom in poms.items()}, name)
    if folder not in poms:
        return None
    pom = poms[folder]
    layout = pom.layout
    assert layout is not None
    main = pom.main or ""
    is_alone = not pom.is_shaded and layout is Layout.CLASS_PATH and bool(pom.dependencies)
    java = long_term(pom.java or pinned_version(project) or java_of_spring(pom.spring))
    script = wrapper(project, "mvnw", ".mvn/wrapper/maven-wrapper.properties")
    of = f" -pl {pom.folder} -am" if pom.folder else ""
    command = f"{script or 'mvn'} -B -DskipTests{of}{_skipped(pom)} package"
    if is_alone:
        command += " dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=/out/lib"
    return Build(
        folder=pom.folder,
        layout=layout,
        java=java,
        image="eclipse-temurin:{}-jdk" if script else "maven:3.9-eclipse-temurin-{}",
        cache="/root/.m2",
        settings={},
        shared_settings={
            "MAVEN_USER_HOME": "/cache",
            "MAVEN_OPTS": "-Dmaven.repo.local=/cache/repository",
        },
        command=command,
        result=pom.result,
        libraries="/out/lib" if is_alone else "",
        main=main,
        spring=pom.spring,
        dependencies=pom.dependencies,
        development=_development(layout, script, pom),
        download=f"{script or 'mvn'} -B -DskipTests{of} install",
    )


def _skipped(pom: _Pom) -> str:
    """Options that keep archives away that nobody runs."""
    options = {"maven-source-plugin": "maven.source.skip", "maven-javadoc-plugin": "maven.javadoc.skip"}
    return "".join(f" -D{option}" for plugin, option in options.items() if plugin in pom.plugins)


def _development(layout: Layout, script: str | None, pom: _Pom) -> tuple[str, ...]:
    goals = {
        Layout.SPRING: ("spring-boot:run",),
        Layout.FAST_JAR: ("quarkus:dev", "-Dquarkus.http.host=0.0.0.0"),
        Layout.CLASS_PATH: ("compile", "exec:java", f"-Dexec.mainClass={pom.main}"),
        Layout.WAR: (),
    }[layout]
    of = ("-pl", pom.folder) if pom.folder else ()
    return (*(script or "mvn").split(), *of, *goals) if goals else ()


class _Pom:
    """One pom.xml, with what it inherits from its parent in the project."""

    def __init__(self, project: Project, folder: str, root: Element, parent: _Pom | None) -> None:
        self.project, self.folder, self.root, self.parent = project, folder, root, parent
        self.text = project.text(f"{folder}/pom.xml".lstrip("/"))

    @classmethod
    def read(cls, project: Project, folder: str, parent: _Pom | None) -> _Pom | None:
        from xml.etree import ElementTree

        text = project.text(f"{folder}/pom.xml".lstrip("/"))
        try:
            root = ElementTree.fromstring(re.sub(r"\sxmlns=([\"'])[^\"']*\1", "", text, count=1))
        except (ElementTree.ParseError, ValueError):
            return None
        return cls(project, folder, root, parent)

    @property
    def all(self) -> Iterator[_Pom]:
        """This one, and those of the modules below it."""
        yield self
        for element in self.root.findall("modules/module"):
            folder = os.path.normpath(os.path.join(self.folder, (element.text or "").strip()))
            is_below = folder.startswith(f"{self.folder}/".lstrip("/")) and not folder.startswith(".")
            if is_below:
                module = _Pom.read(self.project, folder, self)
                if module is not None:
                    yield from module.all

    @property
    def parent_path(self) -> str:
        """Where its parent lies in the repository, empty where it lies elsewhere."""
        element = self.root.find("parent")
        path = element.findtext("relativePath", "../pom.xml").strip() if element is not None else ""
        if not path:
            return ""
        found = join(self.project.folder, path if path.endswith(".xml") else f"{path}/pom.xml")
        return found if self.project.repository.is_file(found) else ""

    @cached_property
    def name(self) -> str:
        return self.root.findtext("artifactId", "").strip()

    @property
    def names(self) -> set[str]:
        """What a service that is built from it may be called."""
        return {self.name, self.folder.rpartition("/")[2]}

    def resolved(self, text: str) -> str:
        """Give a text with the values of properties, `*` for what is not known."""
        for _ in range(3):
            if len(text) > LONGEST:
                return "*"
            text = re.sub(r"\$\{([^}]*)\}", lambda found: self.value(found[1]) or "*", text)
        return text.strip()

    def value(self, name: str) -> str:
        """Give the value of a property, of this pom or of its parent's."""
        if name in ("project.artifactId", "artifactId", "pom.artifactId"):
            return self.name
        for element in self.root.findall("properties/*"):
            if element.tag == name and element.text:
                return element.text
        return self.parent.value(name) if self.parent else ""

    @cached_property
    def plugins(self) -> frozenset[str]:
        """The plugins that build it."""
        return self._plugins_in(self.folder)

    def _plugins_in(self, folder: str) -> frozenset[str]:
        elements = self.root.findall("build/plugins/plugin")
        for profile in self.root.findall("profiles/profile"):
            file = profile.findtext("activation/file/exists", "").strip()
            is_there = bool(file) and self.project.has(join(folder, file))
            if is_there or profile.findtext("activation/activeByDefault", "").strip() == "true":
                elements += profile.findall("build/plugins/plugin")
        own = frozenset(element.findtext("artifactId", "").strip() for element in elements)
        return own | (self.parent._plugins_in(folder) if self.parent else frozenset())

    @property
    def _repackages(self) -> bool:
        """Whether Spring Boot's plugin makes an archive that runs: by its own settings, or those of a
        parent that is not in the project."""
        own = "repackage" in self.text or (not self.parent and self.root.find("parent") is not None)
        return own or (self.parent is not None and self.parent._repackages)

    @cached_property
    def dependencies(self) -> frozenset[str]:
        """The libraries that are not only for tests."""
        own = {
            element.findtext("artifactId", "").strip()
            for element in self.root.findall("dependencies/dependency")
            if element.findtext("scope", "").strip() not in ("test", "provided")
        }
        return frozenset(own) | (self.parent.dependencies if self.parent else frozenset())

    @cached_property
    def packaging(self) -> str:
        return self.root.findtext("packaging", "jar").strip()

    @cached_property
    def layout(self) -> Layout | None:
        """How its program lies in an image; None where it is none."""
        if self.packaging not in ("jar", "war", "quarkus"):
            return None
        if "spring-boot-maven-plugin" in self.plugins and self._repackages:
            is_library = (
                self.parent is not None
                and self.main is None
                and not is_spring_program(self.project, self.folder)
            )
            return None if is_library else Layout.SPRING
        if self.plugins & {"quarkus-maven-plugin"}:
            return Layout.FAST_JAR
        if self.packaging == "war":
            return Layout.WAR
        return Layout.CLASS_PATH if self.main else None

    @cached_property
    def main(self) -> str | None:
        found = re.search(MAIN, self.text)
        return found[1] if found else main_class(self.project, self.folder)

    @cached_property
    def is_shaded(self) -> bool:
        """Whether the archive has the libraries in it."""
        return bool(self.plugins & {"maven-shade-plugin", "maven-assembly-plugin"})

    @cached_property
    def result(self) -> str:
        """The archive that is built, as a pattern."""
        if self.layout is Layout.FAST_JAR:
            return "target/quarkus-app"
        ending = "war" if self.packaging == "war" else "jar"
        if "maven-assembly-plugin" in self.plugins and "jar-with-dependencies" in self.text:
            return "target/*-jar-with-dependencies.jar"
        classifier = self.root.findtext(
            "build/plugins/plugin[artifactId='spring-boot-maven-plugin']/configuration/classifier", ""
        )
        if re.fullmatch(FILE, classifier.strip()):
            return f"target/*-{classifier.strip()}.{ending}"
        named = self.resolved(self.root.findtext("build/finalName", "")) or f"{self.name}-*"
        # What cannot stand in a command as it is, the shell looks for.
        return f"target/{named if re.fullmatch(FILE, named) else '*'}.{ending}"

    @cached_property
    def java(self) -> int | None:
        """The version of Java that it is written in."""
        texts = [self.resolved(self.value(name)) for name in VERSIONS]
        plugin = "build//plugin[artifactId='maven-compiler-plugin']/configuration/"
        tags = ("release", "source", "target")
        texts += [self.resolved(self.root.findtext(plugin + tag, "")) for tag in tags]
        for text in texts:
            found = re.fullmatch(r"(?:1\.)?(\d{1,4})", text)
            if found:
                return int(found[1])
        return self.parent.java if self.parent else None

    @cached_property
    def spring(self) -> tuple[int, int]:
        """The version of Spring Boot, zero where there is none."""
        texts = [self.value("spring-boot.version")]
        for path in ("parent", "dependencyManagement/dependencies/dependency"):
            texts += [
                element.findtext("version", "")
                for element in self.root.findall(path)
                if element.findtext("artifactId", "").startswith("spring-boot-")
            ]
        for text in texts:
            found = re.match(r"(\d{1,4})\.(\d{1,4})", self.resolved(text))
            if found:
                return int(found[1]), int(found[2])
        return self.parent.spring if self.parent else (0, 0)
