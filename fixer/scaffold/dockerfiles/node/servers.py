"""Projects whose container is a server, or a worker, that Node.js or Bun runs."""

from __future__ import annotations

import re
from typing import NamedTuple

from fixer.scaffold.dockerfiles.node.configuration import Configuration
from fixer.scaffold.dockerfiles.node.package import Package
from fixer.scaffold.dockerfiles.node.starting import Start, start_of
from fixer.scaffold.project import Project

USUAL_PORTS = {"fastify": "3000", "react-router-serve": "3000", "remix-serve": "3000", "strapi": "1337"}


class Server(NamedTuple):
    """How a project is served: the command, and the port, empty where only the sources can say it.
    `parts` are what of the build goes into the image, as pairs of paths from and to; all of it where
    there are none."""

    start: Start
    port: str = ""
    reads_port: bool = False
    parts: tuple[tuple[str, str], ...] = ()
    writes: bool = False


def server_of(project: Project, package: Package, prefix: str) -> Server | None:
    """Give how a project is served; None where that cannot be told. `prefix` is where the package
    stands in its workspace."""
    start = start_of(project, package)
    config = Configuration(project)
    if package.asks_for("next"):
        return _next(project, package, config, start, prefix)
    if package.asks_for("nuxt") and re.match(r"\D*[34]", package.dependencies["nuxt"]):
        start = Start(("node", ".output/server/index.mjs"), {"HOST": "0.0.0.0"})
        return Server(start, "3000", True, ((".output", ".output"),))
    if package.asks_for("@sveltejs/kit"):
        if not package.asks_for("@sveltejs/adapter-node"):
            return None
        output = config.string("svelte", "out") or "build"
        return Server(Start(("node", output), {"HOST": "0.0.0.0"}), "3000", True)
    if package.asks_for("astro"):
        is_alone = re.search(r"mode:\s*[\"']standalone", config.of("astro")) is not None
        start = Start(("node", "dist/server/entry.mjs"), {"HOST": "0.0.0.0"})
        return Server(start, "4321", True) if package.asks_for("@astrojs/node") and is_alone else None
    if start is None:
        return None
    program = start.words[0].rpartition("/")[2]
    found = re.search(r"(?:-p|--port)[ =](\d+)", " ".join(start.words))
    if program == "fastify":
        start = start._replace(variables={"FASTIFY_ADDRESS": "0.0.0.0", **start.variables})
    usual = "3000" if package.asks_for("@nestjs/core") else USUAL_PORTS.get(program, "")
    port = start.variables.get("PORT") or (found[1] if found else usual)
    return Server(start, port, program in USUAL_PORTS and found is None)


def _next(
    project: Project, package: Package, config: Configuration, start: Start | None, prefix: str
) -> Server | None:
    if "build" not in package.scripts:
        return None
    text, folder = config.of("next"), config.string("next", "distDir") or ".next"
    if re.search(r"output:\s*[\"']standalone", text):
        parts = [
            (f"{folder}/standalone", ""),
            (f"{folder}/static", f"{prefix}{folder}/static"),
        ]
        parts += (
            [("public", f"{prefix}public")]
            if any(f.startswith("public/") for f in project.files)
            else []
        )
        # Docker sets HOSTNAME to the container's, and then nothing answers on 127.0.0.1.
        start = Start(("node", f"{prefix}server.js"), {"HOSTNAME": "0.0.0.0"})
        return Server(start, "3000", True, tuple(parts), True)
    if start is None or start.words[0] != "node":
        given = start.words[2:] if start is not None and start.words[1:2] == ("start",) else ()
        start = Start(("node_modules/.bin/next", "start", *given), {}, ("next",))
    return Server(start, "3000", True, writes=True)


def is_own_server(project: Project, package: Package) -> bool:
    """Say whether the script `start` runs a file of the project, rather than a tool's server."""
    start = start_of(project, package) if "start" in package.scripts else None
    return start is not None and start.words[0] in ("node", "bun") and project.has(start.words[-1])
