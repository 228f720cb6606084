"""What of a Python project starts: the framework's application first, then what runs by itself."""

from __future__ import annotations

import re

from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles.python import django
from fixer.scaffold.dockerfiles.python.applications import Application, applications, chosen
from fixer.scaffold.dockerfiles.python.installing import Installation
from fixer.scaffold.dockerfiles.python.migrating import migrations_of
from fixer.scaffold.dockerfiles.python.modules import Modules
from fixer.scaffold.dockerfiles.python.servers import HOST, reloading, servers, serving
from fixer.scaffold.dockerfiles.python.start import Start
from fixer.scaffold.project import Project
from fixer.scaffold.tables import table

BEHIND = r"(?i)(^|[-_.])(workers?|beat|scheduler|queue|consumers?|cron|flower)(\d*)($|[-_.])"
"""Names of services that serve no pages."""

PAGES = r"(?i)streamlit|(^|[-_])(ui|frontend|dashboard|gui)([-_]|$)"
STREAMLIT = r"(?m)^\s*(?:import|from)\s+streamlit\b"
STREAMLIT_PORT, GRADIO_PORT = "8501", "7860"
FLASK_PORT, USUAL_PORT = "5000", "8000"
OWN_PORT = r"\brun\([^()]*?\bport\s*=\s*(\d{2,5})\b"
READ_PORT = (
    r"(?:environ\.get|getenv|config|env(?:\.\w+)?)\(\s*[\"'](\w*PORT)[\"']\s*(?:,\s*(?:default\s*=\s*)?"
    r"[\"']?(\d{2,5}))?|environ\[[\"'](\w*PORT)[\"']\]"
)
PORT_NAMES = ("PORT", "APP_PORT", "SERVER_PORT", "HTTP_PORT")
SCRIPT = r"(?<![\w.-])(?:python3?|uv run)\s+(?:-u\s+)?(?:\./)?({path})(?![\w/])"


def start_of(project: Project, demands: Demands, installation: Installation) -> Start | None:
    """Give how a project is started; None where it cannot be told."""
    modules = Modules(project)
    start = _own_start(project, modules, demands, installation)
    if demands.command:
        # The stack says itself how each of its services starts.
        known = start or Start(())
        # Another program than the project's server does not listen on its port.
        is_served = demands.command[0] in known.command or known.port in " ".join(demands.command)
        is_above = any(word.startswith(f"{known.directory}/") for word in demands.command)
        return known._replace(
            command=demands.command,
            reloading=demands.command,
            port=known.port if is_served else "",
            health_path=known.health_path if is_served else "",
            directory="" if is_above else known.directory,
        )
    return start and start._replace(migrations=migrations_of(project, start, installation.names))


def _own_start(
    project: Project, modules: Modules, demands: Demands, installation: Installation
) -> Start | None:
    names = servers(project, installation.names)
    found = applications(modules)
    if found and re.search(BEHIND, demands.name):
        return _behind(modules, demands, found)
    web = [each for each in found if each.kind != "celery"]
    pages = _streamlit(modules) if "streamlit" in names else []
    if pages and (not web or demands.port == STREAMLIT_PORT or re.search(PAGES, demands.name)):
        return _streamlit_start(modules, pages)
    started = django.start_of(project, names)
    if started is not None:
        return started
    if web:
        application = chosen(modules, web, demands.command)
        return _served(modules, application, names) if application else None
    if "streamlit" in names:
        return None
    return _scripted(project, installation) or _run(modules, demands, names)


def _behind(modules: Modules, demands: Demands, found: list[Application]) -> Start | None:
    """A worker of Celery, or what sends it its work in time."""
    celery = [each for each in found if each.kind == "celery"]
    application = chosen(modules, celery, demands.command)
    if application is None or application.is_factory:
        return None
    command: tuple[str, ...] = ("celery", "--app", application.target)
    if re.search(r"(?i)beat|scheduler|cron", demands.name):
        # The image's own folders may be read-only, and nothing is lost with the file.
        command = (*command, "beat", "--loglevel", "INFO", "--schedule", "/tmp/celerybeat-schedule")
    elif "flower" in demands.name.lower():
        return None
    else:
        command = (*command, "worker", "--loglevel", "INFO")
    return _in_place(modules, application.path, Start(command, command))


def _served(modules: Modules, application: Application, names: frozenset[str]) -> Start | None:
    command = serving(application, names)
    if not command:
        # What serves the application would not be installed.
        return None
    found = re.search(OWN_PORT, modules.project.text(application.path))
    port = found[1] if found else FLASK_PORT if "flask" in application.framework else USUAL_PORT
    start = Start(command, reloading(application, command), port)
    return _in_place(modules, application.path, start)


def _in_place(modules: Modules, path: str, start: Start) -> Start:
    """A start in the folder from which a module finds the others."""
    base = modules.base(path)
    if base == "src":
        return start._replace(search_path=base)
    return start._replace(directory=base)


def _streamlit(modules: Modules) -> list[str]:
    """The modules that Streamlit may run: no parts of others, and no pages."""
    found = [path for path in modules.naming(STREAMLIT) if not re.search(r"(^|/)(pages|views)/", path)]
    outer = modules.unimported(found)
    named = [
        path
        for path in outer
        for name in ("Procfile", *_readme(modules.project))
        if re.search(rf"streamlit run (\./)?{re.escape(path)}(?!\w)", modules.project.text(name))
    ]
    return list(dict.fromkeys(named)) or outer


def _readme(project: Project) -> list[str]:
    return [path for path in project.files if path.lower().startswith("readme")]


def _streamlit_start(modules: Modules, pages: list[str]) -> Start | None:
    if len(pages) != 1:
        return None
    address = ("--server.address", HOST, "--server.port", "{port}", "--server.headless", "true")
    command = ("streamlit", "run", pages[0], *address)
    start = Start(command, command, STREAMLIT_PORT, health_path="/_stcore/health")
    if modules.finds_beside(pages[0]):
        return start
    return start._replace(search_path=modules.base(pages[0]) or ".")


def _scripted(project: Project, installation: Installation) -> Start | None:
    """The only program that the project installs."""
    data = project.toml("pyproject.toml")
    scripts = table(data, "project", "scripts") or table(data, "tool", "poetry", "scripts")
    if len(scripts) != 1 or not installation.is_package:
        return None
    command = (next(iter(scripts)),)
    return Start(command, command, needs_install=True)


def _run(modules: Modules, demands: Demands, names: frozenset[str]) -> Start | None:
    """The package or the script that is run by itself."""
    path = _script(modules)
    if path is None:
        return None
    command: tuple[str, ...]
    if path.endswith("__main__.py"):
        command = ("python", "-m", modules.name(path).removesuffix(".__main__"))
        start = _in_place(modules, path, Start(command, command))
    elif modules.finds_beside(path):
        command = ("python", path)
        start = Start(command, command)
    else:
        command = ("python", "-m", modules.name(path))
        start = _in_place(modules, path, Start(command, command))
    if "gradio" in names:
        address = {"GRADIO_SERVER_NAME": HOST, "GRADIO_SERVER_PORT": demands.port or GRADIO_PORT}
        return start._replace(port=GRADIO_PORT, variables=address)
    return _listening(modules, demands, start)


def _script(modules: Modules) -> str | None:
    """The script that a file of the project names, else the package with a main module, else the only
    one that runs by itself, at the top before those below."""
    candidates = [path for path in modules.paths if path.count("/") < 3]
    for name in ("Procfile", "Makefile", *_readme(modules.project)):
        text = modules.project.text(name)
        named = [
            path for path in candidates if re.search(SCRIPT.replace("{path}", re.escape(path)), text)
        ]
        if len(named) == 1:
            return named[0]
    mains = [path for path in candidates if path.endswith("/__main__.py")]
    top = [path for path in candidates if "/" not in path.removeprefix("src/")]
    running = modules.unimported([path for path in top if modules.is_run(path)])
    for found in (mains, running, [path for path in top if path.endswith("main.py")], top):
        if len(found) == 1:
            return found[0]
    return None


def _listening(modules: Modules, demands: Demands, start: Start) -> Start:
    """A start with the port that the sources read from a variable, which is set where the stack asks for
    another one than theirs."""
    for path in modules.paths:
        for one, default, other in re.findall(READ_PORT, modules.project.text(path)):
            name = one or other
            if name in PORT_NAMES:
                port = demands.port or default
                is_own = port == default or not port
                return start._replace(port=port, variables={} if is_own else {name: port})
    return start
