"""Pages that need no build, served by nginx."""

from __future__ import annotations

import re

from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles import nginx
from fixer.scaffold.dockerfiles.programs import user_of
from fixer.scaffold.dockerfiles.scaffold import CannotBuild, Scaffold, labels_of
from fixer.scaffold.project import Project
from fixer.scaffold.rendering import render

FOLDERS = ("", "public", "site", "_site", "dist", "build", "www", "html", "htdocs", "docs")
"""Where the first page may lie."""

SOURCES = (
    "_config.yml", "mkdocs.yml", "hugo.toml", "hugo.yaml", "config.toml", "requirements.txt",
    "pyproject.toml", "manage.py", "go.mod", "Cargo.toml", "Gemfile", "composer.json", "pom.xml",
    "build.gradle", "build.gradle.kts", "mix.exs", "index.php",
)  # fmt: skip
"""What says that the pages are made by a program."""

NO_PAGES = (
    "Dockerfile", "Makefile", "Rakefile", "LICENSE", "LICENSE.txt", "nginx.conf", "nginx.site.conf",
    "package.json", "package-lock.json",
)  # fmt: skip
PATTERN = r"[*?\[\]\\$\x00-\x1f]"
NO_PAGE_SUFFIXES = (".md", ".yml", ".yaml", ".sh", ".toml", ".lock", ".py", ".conf")


def scaffold(project: Project, demands: Demands) -> Scaffold | None:
    """Give the Dockerfile of a folder of pages.

    Raises CannotBuild where one has a name that cannot be copied.
    """
    scripts = project.json("package.json").get("scripts")
    is_built = isinstance(scripts, dict) and ("build" in scripts or "start" in scripts)
    if is_built or project.first(*SOURCES):
        return None
    folder = next((each for each in FOLDERS if project.has(f"{each}/index.html".lstrip("/"))), None)
    if folder is None:
        return None
    site = nginx.site_of(project, demands, demands.port or "8080", is_single=False)
    if site is None:
        return None
    text = render(
        "dockerfile/static.Dockerfile.j2",
        demands=demands,
        labels=labels_of(project, demands),
        site=site,
        stage="",
        pages=_copies(project, folder, site.root),
        nginx_user=user_of(demands, nginx.USER),
    )
    return Scaffold(text, {site.path: site.text} if site.text else {})


def _copies(project: Project, folder: str, root: str) -> list[tuple[list[str], str]]:
    """What is copied from where to where: a folder of pages as a whole, else what is served of it."""
    if folder:
        return [([project.prefix + folder], root)]
    tops = dict.fromkeys(path.partition("/")[0] for path in project.all_files)
    is_folder = {path.partition("/")[0] for path in project.all_files if "/" in path}
    served = [
        name
        for name in tops
        if not name.startswith(".")
        and name not in NO_PAGES
        and not name.lower().endswith(NO_PAGE_SUFFIXES)
        and "compose" not in name
    ]
    pattern = next((name for name in served if re.search(PATTERN, name)), None)
    if pattern is not None:
        raise CannotBuild(f"Rename {pattern}: `COPY` takes such a name for a pattern or a variable.")
    files = [project.prefix + name for name in served if name not in is_folder]
    folders = [([f"{project.prefix}{name}"], f"{root}/{name}") for name in served if name in is_folder]
    return [(files, f"{root}/"), *folders]
