"""What a container runs: the program behind `npm start`, without npm."""

from __future__ import annotations

import re
import shlex
from typing import NamedTuple

from fixer.scaffold.dockerfiles.node.package import Package
from fixer.scaffold.project import Project

ENTRY_FILES = ("server.js", "index.js", "app.js", "main.js", "src/server.js", "src/index.js", "bin/www")
SUFFIXES = ("", ".js", ".cjs", ".mjs", ".ts", "/index.js")
LOADERS = ("-r", "--require", "--import", "--loader", "--experimental-loader")
"""Options of node that name a package to load."""

PROGRAMS = {
    "babel-node": "@babel/node",
    "fastify": "fastify-cli",
    "medusa": "@medusajs/cli",
    "moleculer-runner": "moleculer",
    "next": "next",
    "nuxt": "nuxt",
    "pm2-runtime": "pm2",
    "probot": "probot",
    "react-router-serve": "@react-router/serve",
    "remix-serve": "@remix-run/serve",
    "sails": "sails",
    "strapi": "@strapi/strapi",
    "ts-node": "ts-node",
    "tsx": "tsx",
}
"""Programs that serve an application, and the package that has each."""

RESTARTERS = {"nodemon": "node", "ts-node-dev": "ts-node", "tsnd": "ts-node"}
"""Programs that start another one again when a file changes."""

WATCHERS = {"browser-sync", "concurrently", "live-server", "webpack-dev-server", *RESTARTERS}
"""Packages that a program has which serves those who work on the sources."""

LOADED = (
    r"(?m)^(?:import\b.*|\}\s*from\s*|(?:(?:const|let|var)\s.*=\s*)?require\(\s*)"
    r"[\"']((?:@[\w.-]+/)?\w[\w.-]*)"
)
"""What a file loads in any case; what stands deeper may be for development."""

BUILDS = r"(npm|pnpm|yarn|bun)\s+(run\s+)?build(:\w+)?|tsc(\s.*)?|nest build|(next|nuxt) build|rimraf .*"

MIGRATIONS = {
    "prisma": "prisma",
    "knex": "knex",
    "sequelize": "sequelize-cli",
    "sequelize-cli": "sequelize-cli",
    "typeorm": "typeorm",
    "drizzle-kit": "drizzle-kit",
    "node-pg-migrate": "node-pg-migrate",
}
"""Programs that bring a database up to date before the server starts, and the package of each."""


class Start(NamedTuple):
    """The words of a command, the variables that are set for it, and the packages it needs."""

    words: tuple[str, ...]
    variables: dict[str, str]
    packages: tuple[str, ...] = ()

    def needs_development(self, package: Package) -> bool:
        """Say whether a package that the command needs is for development only."""
        return any(name not in package.production for name in self.packages)


def start_of(project: Project, package: Package) -> Start | None:
    """Give how the scripts of a package start it, or its main file; None where that cannot be told."""
    for name in ("start:prod", "start:production", "start"):
        if name in package.scripts:
            found = _start(project, package, package.scripts[name])
            if found is not None:
                return found
    if "start" in package.scripts:
        return None
    names = (str(package.data.get("main", "")), *ENTRY_FILES)
    main = next((name for name in names if name and project.has(name)), None)
    return _node(project, package, [main]) if main and main.endswith(("js", "www")) else None


def _start(project: Project, package: Package, script: str, depth: int = 0) -> Start | None:
    *before, last = [part.strip() for part in re.split(r"&&|;", script)]
    before = [part.removeprefix("npx ") for part in before if not re.fullmatch(BUILDS, part)]
    if before:
        return _migrating(project, package, before, last, depth)
    if depth > 3:
        return None
    try:
        words = shlex.split(last)
    except ValueError:
        return None
    if any(re.search(r"[|&<>$`*\x00-\x1f]", word) for word in words):
        return None
    variables: dict[str, str] = {}
    while words and (words[0] in ("cross-env", "npx", "exec") or re.match(r"\w+=", words[0])):
        name, equals, value = words.pop(0).partition("=")
        if equals:
            variables[name] = value
    if not words:
        return None
    program, *rest = words
    if program in ("npm", "pnpm", "yarn", "bun") and rest:
        inner = rest[1:] if rest[0] == "run" else rest
        if len(inner) == 1 and inner[0] in package.scripts:
            found = _start(project, package, package.scripts[inner[0]], depth + 1)
            return found and found._replace(variables={**variables, **found.variables})
    found = _program(project, package, program, rest)
    return found and found._replace(variables=variables)


def _migrating(
    project: Project, package: Package, before: list[str], last: str, depth: int
) -> Start | None:
    """A server that starts when its database is up to date."""
    programs = [part.partition(" ")[0] for part in before]
    start = _start(project, package, last, depth + 1)
    is_known = all(package.asks_for(MIGRATIONS.get(program, "")) for program in programs)
    if start is None or not is_known or any(re.search(r"[|&<>$`\x00-\x1f]", part) for part in before):
        return None
    steps = [*(f"node_modules/.bin/{part}" for part in before), f"exec {shlex.join(start.words)}"]
    packages = tuple(MIGRATIONS[program] for program in programs)
    return start._replace(words=("sh", "-c", " && ".join(steps)), packages=(*start.packages, *packages))


def _program(project: Project, package: Package, program: str, rest: list[str]) -> Start | None:
    if program in RESTARTERS:
        rest = [word for word in rest if not word.startswith("--")]
        is_script = len(rest) == 1 and rest[0].endswith(".ts")
        program = "ts-node" if is_script else RESTARTERS[program]
        if len(rest) != 1:
            return None
    if program == "nest" and rest[:1] == ["start"]:
        rest = ["dist/main"]
        program = "node"
    if program == "node":
        return _node(project, package, rest)
    if program == "bun":
        rest = rest[1:] if rest[:1] == ["run"] else rest
        is_file = len(rest) == 1 and _file(project, package, rest[0]) is not None
        return Start(("bun", *rest), {}) if is_file else None
    if program == "tsx" and rest[:1] == ["watch"]:
        rest = rest[1:]
    name = PROGRAMS.get(program)
    if name is None or not package.asks_for(name):
        return None
    needed = (name, "typescript") if name == "ts-node" else (name,)
    return Start((f"node_modules/.bin/{program}", *rest), {}, needed)


def _node(project: Project, package: Package, words: list[str]) -> Start | None:
    """A command of node: its options, its file, and the file's arguments."""
    options: list[str] = []
    packages: list[str] = []
    while words and words[0].startswith("-"):
        option, equals, value = words.pop(0).partition("=")
        if option == "--env-file":
            # The variables come from the stack, and node ends where the file is missing.
            words = words if equals else words[1:]
            continue
        options.append(option + equals + value)
        if option in LOADERS:
            if not equals:
                if not words:
                    return None
                value = words.pop(0)
                options.append(value)
            packages.append("/".join(value.split("/")[: 2 if value.startswith("@") else 1]))
    if not words:
        return None
    file = str(package.data.get("main", "")) if words[0] == "." else words[0]
    path = _file(project, package, file)
    loaded = set(re.findall(LOADED, project.text(path))) if path else set()
    packages += sorted(loaded & package.development.keys() - package.production.keys())
    if path is None or WATCHERS & set(packages):
        return None
    return Start(("node", *options, path, *words[1:]), {}, tuple(packages))


def _file(project: Project, package: Package, name: str) -> str | None:
    """The path of a file that the project has, or that its build will make."""
    name = name.removeprefix("./").rstrip("/")
    if not name or name.startswith(("/", "..")):
        return None
    found = project.first(*(name + suffix for suffix in SUFFIXES))
    if found is not None:
        return found
    top, slash, _ = name.partition("/")
    is_made = (
        bool(slash)
        and bool(package.build_script)
        and not any(path.startswith(f"{top}/") for path in project.files)
    )
    # Node.js finds `dist/main` as dist/main.js, or the index of such a folder.
    return name if is_made else None
