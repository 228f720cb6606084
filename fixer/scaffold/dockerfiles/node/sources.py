"""What the sources of a server say of its port, its pages and its files."""

from __future__ import annotations

import re

from fixer.scaffold.project import Project

SUFFIXES = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".vue", ".tsx", ".jsx")
NOT_OF_THE_SERVER = (
    r"(^|/)(node_modules|tests?|__tests__|e2e|spec|scripts|docs|\.[\w-]+)/"
    r"|[.-](test|spec)\.|\.config\.|\.d\.ts$"
)
MOST_FILES = 400

PORT = (
    r"\bPORT\b[\"'\])]*(?:,\s*10\))?\s*(?:\|\||\?\?|,)\s*[\"']?(80|\d{4,5})\b"
    r"|\bPORT\b[^\n]{0,60}\bdefault\(\s*[\"']?(80|\d{4,5})\b"
    r"|\blisten\(\s*(?:\{\s*port:\s*)?(\d{2,5})\b"
    r"|\b[pP]ort\s*(?::\s*number\s*)?=\s*(\d{4,5})\b"
)
LOCAL = r"[\"'](?:localhost|127\.0\.0\.1|::1)[\"']"
HEALTH = (
    r"\b(?:app|server|fastify)\.(?:get|all|use)\(\s*"
    r"[\"'`](/(?:[\w-]+/)*(?:health|healthz|healthcheck|health-check|ping|ready|livez))[\"'`]"
)
WRITES = (
    r"\b(writeFile|writeFileSync|appendFile|appendFileSync|createWriteStream|mkdir|mkdirSync|multer)\("
    r"|sqlite|lowdb|nedb"
)


class Sources:
    """The programs of a project, read as one text."""

    def __init__(self, project: Project) -> None:
        paths = [
            path
            for path in project.files
            if path.endswith(SUFFIXES) and not re.search(NOT_OF_THE_SERVER, path)
        ]
        self._text = "\n".join(project.text(path) for path in paths[:MOST_FILES])

    @property
    def port(self) -> str:
        """The port that is listened on, where the sources name one; empty where they do not."""
        found = re.search(PORT, self._text)
        return next(each for each in found.groups() if each) if found else ""

    @property
    def reads_port(self) -> bool:
        """Whether the variable PORT is read."""
        return re.search(r"\benv(\.|\[[\"'])PORT\b|[\"']PORT[\"']", self._text) is not None

    @property
    def listens_locally(self) -> bool:
        """Whether the server is told to listen on this machine alone."""
        if re.search(rf"\blisten\([^)]*{LOCAL}", self._text):
            return True
        names = re.findall(r"\blisten\(\s*[\w.]+\s*,\s*(\w+)", self._text)
        return any(re.search(rf"\b{name}\s*=\s*{LOCAL}", self._text) for name in names)

    @property
    def names_a_host(self) -> bool:
        """Whether the server is told on which address to listen, as far as can be seen."""
        calls = re.findall(r"\blisten\(\s*(\{[^)}]*\}|\w+\s*\)|\d+\s*\))", self._text)
        is_silent = bool(calls) and all(
            re.match(r"\{|\d", each) and "host" not in each for each in calls
        )
        return not is_silent or "0.0.0.0" in self._text

    @property
    def health_path(self) -> str:
        """The page that says whether the server is well; empty where none is found."""
        found = re.search(HEALTH, self._text)
        return found[1] if found else ""

    @property
    def writes(self) -> bool:
        """Whether files are written."""
        return re.search(WRITES, self._text) is not None
