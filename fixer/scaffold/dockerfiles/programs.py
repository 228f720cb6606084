"""What compiled programs have in common: how the stack starts them, and what they need beside them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles.scaffold import CannotBuild
from fixer.scaffold.ports import PORT_VARIABLES
from fixer.scaffold.project import Project, is_plain

SERVERS = {"server", "serve", "api", "app", "web"}
"""What the program that serves is called, where a project has several."""

GENERAL = SERVERS | {"backend", "main", "service"}
"""Names of services that say nothing of what is in them."""

DEVELOPER = "1000:1000"
"""Who most often owns sources that are mounted, in which tools write."""

SHELLS = ("sh", "bash", "/bin/sh", "/bin/bash")
FOLDERS = (
    "templates", "views", "static", "public", "assets", "migrations", "db/migrations",
    "config", "configs", "locales", "i18n",
)  # fmt: skip
"""What programs usually read from the folder that they are started in."""

DATA = (
    r"\.(html?|tmpl|tpl|gohtml|tera|hbs|liquid|css|js|svg|png|jpe?g|gif|ico|webp|woff2?|txt|md"
    r"|sql|ya?ml|json|toml|ini|xml|po|ftl|csv|properties|conf|xsd|lua)\Z"
)
NO_DATA = (
    r"(^|/)(go\.\w+|Cargo\.toml|package(-lock)?\.json|tsconfig\.json|(docker-)?compose[\w.-]*\.ya?ml"
    r"|README[\w.-]*|LICENSE[\w.-]*|CHANGELOG[\w.-]*|CONTRIBUTING[\w.-]*)\Z|(^|/)(node_modules|\.[^/]+)/"
)
LITERAL = r"[\"'`](?:file://)?(\./)?(\w[\w./-]*)(?:/?[*{][^\"'`\n]*)?[\"'`]"
DATABASE_FILE = (
    r"(?i)[\"'](?:file:|sqlite:(?://)?)?(?:\./)?[\w-]+\.(?:db|sqlite3?)[\"'?]"
    r"|\b(?:data source|filename)=(?:\./)?[\w-]+\.(?:db|sqlite3?)\b|\bjdbc:h2:(?:file:)?\./"
)
"""A database that is a file in the folder that the program is started in."""

OPENS = r"(?i)(dir|files?|fs|static|glob|path|open|read|load|templates?)\w*!?\([^()]*\Z"
"""A call before a text that makes a plain word a path."""


def chosen(programs: Mapping[str, Collection[str]], *wanted: str) -> str | None:
    """Give the folder of the program that a service is built from, out of what the programs in each
    folder are called: the one that is called as wanted, or starts or ends so; the top one, the only one,
    or the only one that is called a server. None where that does not tell."""
    found = []
    for name in filter(None, wanted):
        ends = (f"-{name}", f".{name}"), (f"{name}-", f"{name}.")
        found.append([folder for folder, names in programs.items() if name in names])
        found.append(
            [
                folder
                for folder, names in programs.items()
                if any(each.endswith(ends[0]) or each.startswith(ends[1]) for each in names)
            ]
        )
    found.append([folder for folder in programs if not folder])
    found.append(list(programs))
    if not wanted[0] or wanted[0] in GENERAL or wanted[0] in wanted[1:]:
        found.append([folder for folder, names in programs.items() if SERVERS & _parts(names)])
    return next((folders[0] for folders in found if len(folders) == 1), None)


def _parts(names: Collection[str]) -> set[str]:
    return {part for name in names for part in re.split(r"[-._]", name)}


def user_of(demands: Demands, default: str) -> str:
    """Give who the container runs as: never root, which a stack can still ask for."""
    is_root = re.match(r"0+(:|\Z)", demands.user) is not None
    return default if is_root or not demands.user else demands.user


def instruction(demands: Demands, *programs: str) -> str:
    """Give the instruction that starts the program: `ENTRYPOINT`, of which the stack's command are the
    arguments, unless that command names a program itself."""
    first = demands.command[0] if demands.command else ""
    return "CMD" if "/" in first or first in (*SHELLS, *programs) else "ENTRYPOINT"


def needs_shell(demands: Demands) -> bool:
    """Say whether the stack runs more in the container than the program itself."""
    return bool(demands.programs) or (bool(demands.command) and demands.command[0] in SHELLS)


def place_of(demands: Demands, name: str) -> str:
    """Give where the binary stands in the image: where the stack's command looks for it, else on the
    `PATH`, which no mount of the sources hides."""
    first = demands.command[0] if demands.command else ""
    if "/" not in first or first in SHELLS or not is_plain(first):
        return f"/usr/local/bin/{name}"
    return first if first.startswith("/") else f"/app/{first.removeprefix('./')}"


def taken_out(demands: Demands, *names: str) -> tuple[str, Demands]:
    """Give the first of these build arguments that the stack sets, which says a version, and the
    demands without it."""
    found = next((name for name in names if name in demands.arguments), "")
    rest = tuple(name for name in demands.arguments if name != found)
    return found, demands._replace(arguments=rest)


def with_own_folder(demands: Demands, sources: str) -> Demands:
    """Give the demands with the folder that the program is started in as one that it writes to, where
    it keeps a database of a file there."""
    if re.search(DATABASE_FILE, sources) is None:
        return demands
    return demands._replace(data=(*demands.data, "/app"))


def check_reachable(sources: str, pattern: str) -> None:
    """Raise CannotBuild where the sources have a call by which the program listens on the container's
    own localhost alone."""
    if re.search(pattern, sources):
        raise CannotBuild(
            "The program listens on localhost, where nothing outside its container reaches it: have it"
            " listen on 0.0.0.0."
        )


def port_variable(sources: str) -> str:
    """Give the variable that the sources read the port from, empty where they read none, or one that
    holds an address."""
    for name in PORT_VARIABLES:
        quoted = rf"[\"'`]{name}[\"'`]"
        if re.search(quoted, sources) and not re.search(quoted + r",\s*[\"'`][^\"'`]*:", sources):
            return name
    return ""


def read_at_run_time(project: Project, sources: str, compiled_in: tuple[str, ...] = ()) -> list[str]:
    """Give the files and folders that the program opens by a path below the one it is started in:
    those that a text of the sources names, and the usual folders, but for what is `compiled_in`."""
    data = [path for path in project.files if re.search(DATA, path) and not re.search(NO_DATA, path)]
    folders = {path[:at] for path in data for at in range(len(path)) if path[at] == "/"}
    found = {folder for folder in FOLDERS if folder in folders and folder not in compiled_in}
    files = set(data)
    for literal in re.finditer(LITERAL, sources):
        path = literal[2].rstrip("/")
        folder, slash, _ = path.rpartition("/")
        before = sources[sources.rfind("\n", 0, literal.start()) + 1 : literal.start()]
        if path in files:
            found.add(folder if slash else path)
        elif path in folders and (literal[1] or slash or re.search(OPENS, before)):
            found.add(path)
    return sorted(path for path in found if not any(path.startswith(f"{other}/") for other in found))
