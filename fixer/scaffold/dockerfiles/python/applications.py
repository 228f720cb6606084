"""The objects of a project that a server serves, found by what makes them."""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple

from fixer.scaffold.dockerfiles.python.modules import Modules

KINDS = {
    "fastapi.FastAPI": "asgi",
    "fastapi.applications.FastAPI": "asgi",
    "starlette.applications.Starlette": "asgi",
    "litestar.Litestar": "asgi",
    "litestar.app.Litestar": "asgi",
    "quart.Quart": "asgi",
    "blacksheep.Application": "asgi",
    "falcon.asgi.App": "asgi",
    "socketio.ASGIApp": "asgi",
    "flask.Flask": "wsgi",
    "apiflask.APIFlask": "wsgi",
    "flask_openapi3.OpenAPI": "wsgi",
    "falcon.App": "wsgi",
    "bottle.Bottle": "wsgi",
    "celery.Celery": "celery",
    "celery.app.base.Celery": "celery",
}
"""What makes an application, and who can serve it."""

LIKELY = (
    r"\b(FastAPI|Flask|APIFlask|Starlette|Litestar|Quart|OpenAPI|Bottle|Celery|ASGIApp|falcon|blacksheep)\b"
    r"|(?m:^\w+\s*(:[^=\n]+)?=\s*(?!\S*getLogger)[\w.]*(create|make|get|build|init)\w*\()"
)
"""What stands in every module that makes an application, and in few others."""

MOST = 100
"""Only so many modules are read as Python, those nearest to the top: reading one takes time."""

DEEPEST = 5
"""Functions that call one another are followed so far."""

TELLING = ("Procfile", "pyproject.toml", ".flaskenv", "Makefile", "justfile", "start.sh", "run.sh")
"""Files that say how a project is started, apart from those that are read by people."""


class Application(NamedTuple):
    """An object or a function that gives one. `framework` is what makes the object, `origin` what the
    module calls for it, by which copies of one application are known."""

    path: str
    module: str
    name: str
    framework: str
    is_factory: bool
    origin: str

    @property
    def kind(self) -> str:
        """Who can serve it: servers of ASGI or WSGI, or Celery."""
        return KINDS[self.framework]

    @property
    def target(self) -> str:
        """The object as servers name it."""
        return f"{self.module}:{self.name}"


def applications(modules: Modules) -> list[Application]:
    """Give all applications of a project's modules, in the order of their paths."""
    found = []
    likely = sorted(modules.naming(LIKELY), key=lambda path: path.count("/"))
    for path in sorted(likely[:MOST]):
        for instance in modules.instances(path):
            framework = _framework(modules, path, instance.maker)
            if framework:
                origin = "" if instance.maker in KINDS else instance.maker.rpartition(".")[2]
                found.append(
                    Application(
                        path, modules.name(path), instance.name, framework, instance.is_function, origin
                    )
                )
    return found


def _framework(modules: Modules, path: str, maker: str, depth: int = 0) -> str:
    """What makes an object in the end, functions of the project followed; empty where it is none of
    the frameworks."""
    if maker in KINDS or depth == DEEPEST:
        return maker if maker in KINDS else ""
    of, _, name = maker.rpartition(".")
    for place in [path] if not of and not maker.startswith(".") else _places(modules, path, of):
        for instance in modules.instances(place) if modules.project.has(place) else []:
            if instance.name == name and instance.is_function:
                return _framework(modules, place, instance.maker, depth + 1)
    return ""


def _places(modules: Modules, path: str, module: str) -> list[str]:
    """The files that a module that is imported in another one can be."""
    name = module.lstrip(".")
    level = len(module) - len(name)
    folder = modules.base(path)
    if level or not module:
        folder = posixpath.dirname(path)
        for _ in range(level - 1):
            folder = posixpath.dirname(folder)
    start = posixpath.join(folder, name.replace(".", "/"))
    return [f"{start}.py", posixpath.join(start, "__init__.py")]


def chosen(modules: Modules, found: list[Application], command: tuple[str, ...]) -> Application | None:
    """Give the application that is meant: the one that the stack or a file of the project names, else
    the only one that nothing else is made of; None where that leaves several."""
    for text in (" ".join(command), *_telling(modules)):
        named = [each for each in found if _is_named(each, text)]
        if len(named) == 1:
            return named[0]
    objects = [each for each in found if not each.is_factory] or found
    for narrowed in (objects, _outermost(modules, objects), _usual(objects)):
        if len(narrowed) == 1:
            return narrowed[0]
    return None


def _telling(modules: Modules) -> list[str]:
    project = modules.project
    readme = [path for path in project.files if path.lower().startswith("readme")]
    return [project.text(name) for name in (*TELLING, *readme)]


def _is_named(application: Application, text: str) -> bool:
    module, name, path = (
        re.escape(each) for each in (application.module, application.name, application.path)
    )
    patterns = (
        rf"(?<![\w.]){module}:{name}\b",
        rf"FLASK_APP\s*=\s*[\"']?({module}|{path})(?![\w.:/])",
        rf"\bfastapi\s+(run|dev)\s+(\./)?{path}\b",
    )
    return any(re.search(pattern, text) for pattern in patterns)


def _outermost(modules: Modules, found: list[Application]) -> list[Application]:
    """Those whose modules no other one imports, as the main application does those that it mounts; one
    of several that the same function gives."""
    paths = modules.unimported(list(dict.fromkeys(each.path for each in found)))
    outer = [each for each in found if each.path in paths] or found
    if len({each.origin for each in outer}) == 1 and outer[0].origin:
        served = [each for each in outer if each.path.rpartition("/")[2] in ("wsgi.py", "asgi.py")]
        return served or outer[:1]
    return outer


def _usual(found: list[Application]) -> list[Application]:
    """Of several in one module that by the usual name, or what is wrapped around another one."""
    if len({each.path for each in found}) > 1:
        return found
    wrapped = [each for each in found if each.framework == "socketio.ASGIApp"]
    return wrapped or [each for each in found if each.name in ("app", "application")]
