"""Projects that are built to pages and scripts, which a web server hands out."""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple

from fixer.scaffold.dockerfiles.node.configuration import Configuration
from fixer.scaffold.dockerfiles.node.package import Package
from fixer.scaffold.dockerfiles.node.starting import start_of
from fixer.scaffold.project import Project, is_plain

SERVERS = (
    "express", "fastify", "koa", "@hapi/hapi", "hono", "@nestjs/core", "polka", "restify", "h3",
    "@apollo/server", "apollo-server",
)  # fmt: skip
"""Packages of which one is in every server: what Vite builds beside it is only a part of it."""

HASHED = r"(?:-[0-9A-Z]{8}|\.[0-9a-f]{8,20})\.(?:js|css)$"
"""Names that have a hash, as Angular's builders and Vue's write them."""


OUTPUTS = ("dist", "build", "_site")
"""Folders in which no sources stand."""


class Pages(NamedTuple):
    """Where the build puts the pages. `is_single` says that one page has all routes, and `hashed` is
    the expression for paths whose content never changes, since their name has its hash."""

    output: str
    is_single: bool
    hashed: str = ""


ALWAYS = {
    "@docusaurus/core": Pages("build", False, "^/assets/"),
    "gatsby": Pages("public", False, "^/static/"),
    "react-scripts": Pages("build", True, "^/static/"),
}
"""What puts its pages into one folder, whatever its configuration says."""


def pages_of(project: Project, package: Package) -> Pages | None:
    """Give what a project's build makes for a web server; None where it makes none."""
    if "build" not in package.scripts or _has_server(project, package):
        return None
    script = package.scripts["build"]
    config = Configuration(project)
    if package.asks_for("next"):
        is_export = re.search(r"output:\s*[\"']export", config.of("next")) is not None
        folder = config.string("next", "distDir") or "out"
        return Pages(folder, False, "^/_next/static/") if is_export else None
    if package.asks_for("nuxt", "nuxt3"):
        return Pages(".output/public", False, "^/_nuxt/") if re.search(r"\bgenerate\b", script) else None
    if package.asks_for("@sveltejs/kit"):
        if not package.asks_for("@sveltejs/adapter-static"):
            return None
        is_single = config.string("svelte", "fallback") is not None
        return Pages(config.string("svelte", "pages") or "build", is_single, "^/_app/immutable/")
    if package.asks_for("astro"):
        is_server = re.search(r"output:\s*[\"'](server|hybrid)|\badapter:", config.of("astro"))
        folder = config.string("astro", "outDir") or "dist"
        return None if is_server else Pages(folder, False, "^/_astro/")
    if package.asks_for("@react-router/dev", "@remix-run/dev"):
        text = config.of("react-router") + config.of("vite")
        return Pages("build/client", True, "^/assets/") if re.search(r"\bssr:\s*false", text) else None
    if package.asks_for("@angular/core"):
        return _angular(project)
    for name, pages in ALWAYS.items():
        if package.asks_for(name):
            return pages
    if package.asks_for("@vue/cli-service"):
        return Pages(config.string("vue", "outputDir") or "dist", True, f"^/(?:js|css)/.*{HASHED}")
    if package.asks_for("vitepress"):
        found = re.search(r"vitepress build\s+([\w./-]+)", script)
        folder = posixpath.join(found[1] if found else "", ".vitepress/dist")
        return Pages(posixpath.normpath(folder), False, "^/assets/")
    if package.asks_for("@11ty/eleventy"):
        return Pages("_site", False) if "output" not in config.of("eleventy") else None
    # `build` may call another script that builds.
    scripts = " ".join(package.scripts.values())
    if package.asks_for("vite") and re.search(r"\bvite(-ssg)? build\b", scripts):
        return _vite(project, config, scripts)
    # Pages that are committed as they were built.
    made = next((each for each in OUTPUTS if project.has(f"{each}/index.html")), None)
    return Pages(made, False) if made else None


def _has_server(project: Project, package: Package) -> bool:
    """Whether the project has a server of its own, which one that is for development only is not unless
    the project is started by it."""
    if any(name in package.production for name in SERVERS):
        return True
    is_started = any(name.startswith("start") for name in package.scripts)
    return is_started and package.asks_for(*SERVERS) and start_of(project, package) is not None


def _vite(project: Project, config: Configuration, scripts: str) -> Pages | None:
    text = config.of("vite")
    if "--ssr" in scripts or re.search(r"\blib:\s*\{", text):
        return None
    root = config.string("vite", "root") or ""
    option = re.search(r"--outDir[ =]([\w./-]+)", scripts)
    output = option[1] if option else config.string("vite", "outDir") or "dist"
    if not root and not project.has("index.html") and "root:" in text:
        return None
    folder = posixpath.normpath(posixpath.join(root, output))
    return None if folder.startswith(("..", "/")) else Pages(folder, True, "^/assets/")


def _angular(project: Project) -> Pages | None:
    """The output of the application that `ng build` builds, as angular.json says it."""
    data = project.json("angular.json")
    projects = data.get("projects")
    applications = {
        name: each["architect"]["build"]
        for name, each in (projects.items() if isinstance(projects, dict) else ())
        if isinstance(each, dict) and each.get("projectType") == "application" and _has_build(each)
    }
    if len(applications) != 1:
        return None
    ((name, build),) = applications.items()
    options = build.get("options")
    options = options if isinstance(options, dict) else {}
    if options.get("ssr") or options.get("server"):
        return None
    # The builder `browser` puts the pages into the folder itself, its successor one folder deeper.
    is_older = str(build.get("builder", "")).endswith(":browser")
    path = options.get("outputPath", f"dist/{name}")
    base, deeper = str(path), "" if is_older else "browser"
    if isinstance(path, dict):
        base, deeper = str(path.get("base", f"dist/{name}")), str(path.get("browser", "browser"))
    output = posixpath.join(base, deeper).rstrip("/")
    return Pages(output, True, HASHED) if is_plain(output) else None


def _has_build(project: dict[str, object]) -> bool:
    architect = project.get("architect")
    return isinstance(architect, dict) and isinstance(architect.get("build"), dict)
