"""Elixir: a release, which brings Erlang with it."""

from __future__ import annotations

import re
from typing import NamedTuple

from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles.debian import packages_of_programs
from fixer.scaffold.dockerfiles.pages import Pages, pages_of
from fixer.scaffold.dockerfiles.programs import DEVELOPER, user_of
from fixer.scaffold.dockerfiles.scaffold import Scaffold, labels_of, with_its_length
from fixer.scaffold.project import Project
from fixer.scaffold.rendering import render

USER = "10001:10001"
PHOENIX_PORT = "4000"


class Image(NamedTuple):
    """The parts of the name of an image of hexpm/elixir, which has no tag that stands for the newest."""

    elixir: str
    erlang: str
    debian: str


IMAGES = {
    (1, 15): Image("1.15.8", "26.2.5.2", "bookworm-20240701-slim"),
    (1, 16): Image("1.16.2", "26.2.5", "bookworm-20240513-slim"),
    (1, 17): Image("1.17.3", "27.2", "bookworm-20241202-slim"),
    (1, 18): Image("1.18.4", "27.3.4.16", "bookworm-20260824-slim"),
    (1, 19): Image("1.19.5", "28.4.2", "trixie-20260610-slim"),
}
USUAL = (1, 18)
DEPENDENCY = r"\{\s*:(\w+)\s*,"
OWN_PACKAGES = r"\b(?:path|in_umbrella|apps_path):"
RUN_SCRIPT = {
    "npm": "npm run {} --prefix assets",
    "yarn": "yarn --cwd assets run {}",
    "pnpm": "pnpm --dir assets run {}",
}


def scaffold(project: Project, demands: Demands) -> Scaffold | None:
    """Give the Dockerfile of an Elixir application."""
    mix = project.text("mix.exs")
    image, named = _image(project, mix), _release(mix)
    name = named or _application(mix)
    if image is None or not name or "prod.secret.exs" in project.text("config/prod.exs"):
        # Such a file has secrets at the time of the build, and is in nobody's repository.
        return None
    manifests = [path for path in project.files if re.fullmatch(r"(?:apps/\w+/)?mix\.exs", path)]
    is_phoenix = any("phoenix" in re.findall(DEPENDENCY, project.text(path)) for path in manifests)
    is_interactive = demands.command[:1] in (("mix",), ("iex",))
    port = demands.port or (PHOENIX_PORT if is_phoenix else "")
    user = user_of(demands, USER)
    pages = pages_of(project, "assets/")
    command = (
        demands.command
        if is_interactive
        else ("mix", "phx.server")
        if is_phoenix
        else ("mix", "run", "--no-halt")
    )
    environment = {"HOME": "/tmp", "LANG": "C.UTF-8", "RELEASE_TMP": "/tmp"}
    environment |= {"PHX_SERVER": "true", "PORT": port} if is_phoenix else {}
    text = render(
        "dockerfile/elixir.Dockerfile.j2",
        demands=demands,
        image=image,
        name=name,
        folder=demands.sources[0] if demands.sources else "/app",
        home=f"/opt/{name}" if demands.sources else "/app",
        prefix=project.prefix,
        is_interactive=is_interactive,
        packages=sorted(
            {"ca-certificates", "libncurses6", "libstdc++6", "openssl", *packages_of_programs(demands)}
        ),
        tools=sorted(
            {"build-essential", "git", *(packages_of_programs(demands) if is_interactive else ())}
        ),
        copies_all=bool(re.search(OWN_PACKAGES, mix)),
        has_lock=project.has("mix.lock"),
        configurations=[path for path in ("config/config.exs", "config/prod.exs") if project.has(path)],
        pages=pages,
        steps=["mix compile", *_pages(project, mix, pages, is_phoenix), f"mix release {named}".strip()],
        user=user,
        developer=user_of(demands, DEVELOPER),
        port=port,
        labels=labels_of(project, demands),
        check=_check(demands, port),
        environment=environment,
        development=command,
    )
    return Scaffold(with_its_length(text))


def _release(mix: str) -> str:
    """The name of the first release that the project defines, empty where it defines none."""
    table = re.search(r"(?s)\breleases:\s*\[\s*(.*)", mix)
    table = table or re.search(r"(?s)\bdefp?\s+releases\b.*?\[\s*(.*)", mix)
    named = re.match(r"\"?(\w+)\"?:\s*\[", table[1]) if table else None
    return named[1] if named else ""


def _application(mix: str) -> str:
    """The application's name, empty for a library, which starts nothing."""
    named = re.search(r"\bapp:\s*:(\w+)", mix)
    return named[1] if named and re.search(r"\bmod:\s*\{", mix) else ""


def _image(project: Project, mix: str) -> Image | None:
    """The image of the minor version that the project names, else of the usual one or the next newer one
    that it allows."""
    named = re.search(r"(?m)^elixir\s+(\d+)\.(\d+)", project.text(".tool-versions"))
    if named is not None and (int(named[1]), int(named[2])) in IMAGES:
        return IMAGES[int(named[1]), int(named[2])]
    required = re.search(r"\belixir:\s*\"[~>= ]*(\d+)\.(\d+)", mix)
    least = (int(required[1]), int(required[2])) if required else USUAL
    version = max(USUAL, least)
    return IMAGES.get(version)


def _pages(project: Project, mix: str, pages: Pages | None, is_phoenix: bool) -> list[str]:
    """What makes the files that browsers get."""
    if "assets.deploy" in mix:
        return ["mix assets.deploy"]
    if not is_phoenix:
        return []
    script = next((name for name in ("deploy", "build") if pages and name in pages.scripts), "")
    built = [RUN_SCRIPT[pages.manager].format(script)] if pages and script else []
    return [*built, "mix phx.digest"] if built or project.has("priv/static") else built


def _check(demands: Demands, port: str) -> list[str]:
    """The health check, by the shell, since the image has no client."""
    if not port or demands.is_shared:
        return []
    return ["bash", "-c", f"exec 3<> /dev/tcp/127.0.0.1/{port}"]
