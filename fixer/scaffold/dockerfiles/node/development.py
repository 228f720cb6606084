"""The server for development, which reloads what is edited."""

from __future__ import annotations

import re
import shlex
from typing import NamedTuple

from fixer.scaffold.dockerfiles.node.managers import Manager
from fixer.scaffold.dockerfiles.node.package import Package

SCRIPTS = ("dev", "start:dev", "develop", "watch", "serve", "start")


class Tool(NamedTuple):
    """A development server: the words that make it listen for other machines, and its usual port."""

    listening: tuple[str, ...]
    port: str


HOST_AND_PORT = ("--host", "0.0.0.0", "--port", "{port}")
TOOLS = {
    "astro": Tool(HOST_AND_PORT, "4321"),
    "docusaurus": Tool(HOST_AND_PORT, "3000"),
    "gatsby": Tool(HOST_AND_PORT, "8000"),
    "next": Tool(("-H", "0.0.0.0", "-p", "{port}"), "3000"),
    "ng": Tool(HOST_AND_PORT, "4200"),
    "nuxt": Tool(HOST_AND_PORT, "3000"),
    "react-router": Tool(HOST_AND_PORT, "5173"),
    "react-scripts": Tool((), "3000"),
    "remix": Tool(HOST_AND_PORT, "5173"),
    "vite": Tool(HOST_AND_PORT, "5173"),
    "vue-cli-service": Tool(HOST_AND_PORT, "8080"),
}
OPTIONS_WITH_VALUE = r"(?:^|\s)(?:--host(?:name)?|--port|-p|-H)(?:[ =][\w.:]+)?(?=\s|$)"


class Development(NamedTuple):
    """The command of the server for development, its port, empty where it is not known, and the
    variables it needs."""

    words: tuple[str, ...]
    port: str = ""
    variables: dict[str, str] = {}  # noqa: RUF012


def development_of(package: Package, manager: Manager, ports: tuple[str, ...]) -> Development | None:
    """Give the server for development that a package's scripts name; None where they name none."""
    name = next((name for name in SCRIPTS if name in package.scripts), None)
    if name is None:
        return None
    script = package.scripts[name]
    for program, tool in TOOLS.items():
        found = re.fullmatch(rf"(?:NODE_ENV=\w+\s+)?{program}\b([^&|;]*)", script.strip())
        if found is None:
            continue
        port = tool.port if tool.port in ports or not ports else ports[-1]
        rest = shlex.split(re.sub(OPTIONS_WITH_VALUE, " ", found[1]))
        words = [
            f"node_modules/.bin/{program}",
            *rest,
            *(word.format(port=port) for word in tool.listening),
        ]
        variables = {} if tool.listening else {"HOST": "0.0.0.0", "PORT": port}
        return Development(tuple(words), port, variables)
    # Other scripts watch and start several programs: npm runs them as it does outside.
    return Development((manager.program, "run", name), ports[-1] if ports else "")
