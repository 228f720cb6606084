"""Node.js: a server or a worker, or pages that are built and served by nginx."""

from __future__ import annotations

from typing import Any

from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles import nginx
from fixer.scaffold.dockerfiles.debian import packages_of_programs
from fixer.scaffold.dockerfiles.node import commands
from fixer.scaffold.dockerfiles.node.development import Development, development_of
from fixer.scaffold.dockerfiles.node.environment import build_variables, telemetry
from fixer.scaffold.dockerfiles.node.pages import Pages, pages_of
from fixer.scaffold.dockerfiles.node.place import Place, place_of
from fixer.scaffold.dockerfiles.node.prisma import generates_later
from fixer.scaffold.dockerfiles.node.servers import Server, is_own_server, server_of
from fixer.scaffold.dockerfiles.node.sources import Sources
from fixer.scaffold.dockerfiles.node.versions import node_version
from fixer.scaffold.dockerfiles.programs import user_of
from fixer.scaffold.dockerfiles.scaffold import CannotBuild, Scaffold, labels_of
from fixer.scaffold.project import Project
from fixer.scaffold.rendering import render

USER = "1000:1000"
SCRIPTS = ("npm", "npx", "yarn", "pnpm", "bun", "sh", "bash", "/bin/sh", "vite", "next", "ng", "nodemon")
"""What a stack's command starts with where it runs the project's scripts and what they need."""


def scaffold(project: Project, demands: Demands) -> Scaffold | None:
    """Give the Dockerfile of a Node.js project.

    Raises CannotBuild where the context lacks what the project is built from.
    """
    place = place_of(project, demands)
    if place is None:
        return None
    if demands.command[:1] and demands.command[0] in SCRIPTS and demands.command[-1] != "start":
        found = development_of(place.package, place.manager, demands.ports)
        return _development(place, demands, Development(demands.command, found.port if found else ""))
    development = None
    if demands.development:
        development = development_of(place.package, place.manager, demands.ports)
    pages = pages_of(place.project, place.package)
    if pages is not None and not is_own_server(place.project, place.package):
        return _pages(place, demands, development, pages)
    server = server_of(place.project, place.package, place.prefix)
    return _server(place, demands, development, server) if server is not None else None


def _development(place: Place, demands: Demands, development: Development) -> Scaffold:
    """An image with all that the project's scripts need, where the stack runs one of them."""
    name = demands.development or demands.final or "development"
    values = {**_values(place, demands, development, "dependencies"), "is_target": False}
    text = render("dockerfile/node/development.Dockerfile.j2", **values, name=name)
    return Scaffold(text)


def _pages(
    place: Place, demands: Demands, development: Development | None, pages: Pages
) -> Scaffold | None:
    ports = [port for port in demands.ports if development is None or port != development.port]
    site = nginx.site_of(place.project, demands, (*ports, "8080")[0], pages.is_single, pages.hashed)
    if site is None:
        return None
    text = render(
        "dockerfile/node/pages.Dockerfile.j2",
        **_values(place, demands, development, demands.build),
        name=demands.development,
        site=site,
        pages=[([place.path(pages.output)], site.root)],
        nginx_user=user_of(demands, nginx.USER),
        prune="",
    )
    return Scaffold(text, {site.path: site.text} if site.text else {})


def _server(place: Place, demands: Demands, development: Development | None, server: Server) -> Scaffold:
    sources = Sources(place.project)
    _check_address(place, server, sources)
    port = demands.port or server.port or sources.port
    runs_bun = server.start.words[0] == "bun"
    is_owned = server.writes or sources.writes
    values = _values(place, demands, development, demands.build)
    if runs_bun:
        values["image"] = "oven/bun:1"
    prune = ""
    if not server.parts and not server.start.needs_development(place.package):
        prune = commands.prune(place.manager, place.workspace)
    if prune and not values["builds"] and development is None:
        prune = ""
        values["install"] = commands.install(place.manager, place.workspace, production=True)
    arguments = [] if values["builds"] else values["arguments"]
    words, variables = _started(place, server)
    if port and (server.reads_port or sources.reads_port):
        variables["PORT"] = port
    text = render(
        "dockerfile/node/server.Dockerfile.j2",
        **values,
        name=demands.development,
        final_image="oven/bun:1-slim" if runs_bun else "node:${NODE_VERSION}-slim",
        prune=prune,
        parts_of_build=[(place.path(source), f"./{target}") for source, target in server.parts]
        or [(place.folder, "./")],
        is_whole=not server.parts,
        is_owned=is_owned,
        owned=["."] * is_owned + list(demands.data),
        variables={**variables, **{name: f"${{{name}}}" for name in arguments}},
        words=words,
        port=port,
        check=_check("bun" if runs_bun else "node", port, demands, sources),
    )
    return Scaffold(text)


def _check_address(place: Place, server: Server, sources: Sources) -> None:
    is_fastify = place.package.asks_for("fastify", "@nestjs/platform-fastify")
    is_told = "FASTIFY_ADDRESS" in server.start.variables or sources.names_a_host
    if sources.listens_locally or (is_fastify and not is_told):
        raise CannotBuild(
            "The server listens on localhost alone, which nothing outside of its container reaches: give"
            " `0.0.0.0` to `listen` as its host; then dockfix writes the Dockerfile."
        )


def _started(place: Place, server: Server) -> tuple[list[str], dict[str, str]]:
    """The command and its variables."""
    words = list(server.start.words)
    variables = {
        "NODE_ENV": "production",
        **telemetry(place.package, words[0]),
        **server.start.variables,
    }
    if place.workspace is not None and any(commands.PROGRAMS in word for word in words):
        # The manager decides whether a program stands in the workspace's folder or in the package's.
        words = [word.replace(commands.PROGRAMS, "") for word in words]
        folders = (place.path(commands.PROGRAMS), f"{place.folder}/{commands.PROGRAMS.rstrip('/')}")
        variables["PATH"] = ":".join((*folders, "$PATH"))
    return words, variables


def _check(program: str, port: str, demands: Demands, sources: Sources) -> list[str]:
    """The command that asks the server for its health. A page that the stack does not name may be
    missing or closed to strangers, but a server that answers is well."""
    if not port or demands.is_shared:
        return []
    path, limit = demands.health_path or sources.health_path, 400 if demands.health_path else 500
    script = (
        f"require('http').get('http://127.0.0.1:{port}{path or '/'}',"
        f" r => process.exit(r.statusCode < {limit} ? 0 : 1)).on('error', () => process.exit(1))"
    )
    return [program, "-e", script]


def _values(
    place: Place, demands: Demands, development: Development | None, stage: str
) -> dict[str, Any]:
    """What the stages have in common that install, build and serve for development."""
    manager, workspace = place.manager, place.workspace
    script = place.package.build_script if workspace is None else "build"
    has_build = "docker" not in place.package.scripts.get(script, "docker")
    builds = commands.builds(manager, place.package, workspace) if has_build else []
    if workspace is None and generates_later(place.project, place.package):
        builds = ["npx prisma generate", *builds]
    packages = packages_of_programs(demands)
    if any(each.asks_for("prisma", "@prisma/client") for each in place.packages):
        packages.append("openssl")
    compiles = any(each.compiles for each in place.packages)
    return {
        "demands": demands,
        "arguments": [name for name in demands.arguments if name != "NODE_VERSION"],
        "labels": labels_of(place.project, demands, "package.json"),
        "packages": packages,
        "user": user_of(demands, USER),
        "node_version": node_version(place.project, place.package),
        "build_variables": build_variables(place),
        "is_target": bool(demands.development),
        "image": "node:${NODE_VERSION}" + ("" if compiles else "-slim"),
        "first": stage if development is None else "dependencies",
        "stage": stage,
        "place": place,
        "manager": manager,
        "sources_first": any(each.installs_with_sources for each in place.packages),
        "members": [each.folder for each in workspace.members] if workspace else [],
        "cache": commands.CACHES[manager.name],
        "install": commands.install(manager, workspace, production=False),
        "builds": builds,
        "development": development,
    }
