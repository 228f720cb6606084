"""Django projects: who serves them, and whether their static files can be collected in a build."""

from __future__ import annotations

import posixpath
import re

from fixer.scaffold.dockerfiles.python import servers
from fixer.scaffold.dockerfiles.python.start import Start
from fixer.scaffold.project import Project
from fixer.secret_names import is_secret_name

SETTINGS = r"DJANGO_SETTINGS_MODULE[\"']\s*,\s*[\"']([\w.]+)"
APPLICATION = r"(?m)^(WSGI|ASGI)_APPLICATION\s*=\s*[\"']([\w.]+)\.(\w+)[\"']"
STATIC_ROOT = r"(?m)^STATIC_ROOT\s*="
"""The setting that collecting needs, where no condition decides whether a build has it."""

READ = (
    r"\benviron\[\s*[\"'](\w+)"
    r"|\b(?:env(?:\.\w+)?|config)\(\s*[\"'](\w+)[\"']\s*(?:\)|,\s*cast\b(?!.*default))"
)
"""A variable that the settings do not load without."""

GIVEN = r"\b(\w+)\s*=\s*\(\s*\w+\s*,"
"""A variable's kind and default, as django-environ has them."""

MAY_MISS = r"\bget(?:env)?\(\s*[\"'](\w+)[\"']\s*\)"
NEEDS_DATABASE = r"\benv\.(?:db|cache)(?:_url)?\(\s*\)"


def start_of(project: Project, names: frozenset[str]) -> Start | None:
    """Give the start of a Django project; None where the project has no manage.py, or several."""
    found = [
        path
        for path in project.files
        if path.rpartition("/")[2] == "manage.py"
        and path.count("/") < 3
        and "DJANGO_SETTINGS_MODULE" in project.text(path)
    ]
    if "manage.py" in found:
        found = ["manage.py"]
    if len(found) != 1 or "django" not in names:
        return None
    folder = posixpath.dirname(found[0])
    module = re.search(SETTINGS, project.text(found[0]))
    settings = _settings(project, folder, module[1]) if module else []
    if not settings:
        return None
    run = ("python", "manage.py", "runserver", f"{servers.HOST}:{{port}}")
    return Start(
        command=_serving(project, folder, settings, names) or (*run, "--noreload"),
        reloading=run,
        port="8000",
        directory=folder,
        static_files=_collecting(project, settings),
    )


def _settings(project: Project, folder: str, module: str) -> list[str]:
    """The files that the settings stand in: the module, and those beside it in a package of settings."""
    path = posixpath.join(folder, module.replace(".", "/"))
    own = project.first(f"{path}.py", f"{path}/__init__.py")
    if own is None:
        return []
    beside = posixpath.dirname(own)
    is_package = posixpath.basename(beside) in ("settings", "conf", "config")
    base = project.first(f"{beside}/base.py", f"{beside}/common.py", f"{beside}/defaults.py")
    return [own, base] if is_package and base and base != own else [own]


def _serving(
    project: Project, folder: str, settings: list[str], names: frozenset[str]
) -> tuple[str, ...]:
    """The command of the server that is installed, an ASGI server first where the project has channels;
    nothing where there is none."""
    targets = {
        kind: f"{module}:{name}"
        for path in settings
        for kind, module, name in re.findall(APPLICATION, project.text(path))
        if project.has(f"{posixpath.join(folder, module.replace('.', '/'))}.py")
    }
    package = posixpath.dirname(settings[0]).removeprefix(folder).strip("/")
    for kind in ("wsgi", "asgi"):
        for each in dict.fromkeys((package, posixpath.dirname(package))):
            if project.has(posixpath.join(folder, each, f"{kind}.py")):
                module = posixpath.join(each, kind).replace("/", ".")
                targets.setdefault(kind.upper(), f"{module}:application")
    is_asynchronous = "channels" in names
    for kind in ("ASGI", "WSGI") if is_asynchronous else ("WSGI", "ASGI"):
        if kind in targets:
            serve = servers.asgi if kind == "ASGI" else servers.wsgi
            command = serve(targets[kind], False, names - {"flask"})
            if command:
                return command
    return ()


def _collecting(project: Project, settings: list[str]) -> tuple[str, ...]:
    """The words that collect the static files, a stand-in for each secret before them; nothing where the
    settings need something else that no build has."""
    text = "\n".join(project.text(path) for path in settings)
    if not re.search(STATIC_ROOT, text) or re.search(NEEDS_DATABASE, text):
        return ()
    required = {name for names in re.findall(READ, text) for name in names if name}
    required -= set(re.findall(GIVEN, text))
    if not all(is_secret_name(name) for name in required):
        return ()
    # Without its secret key Django refuses to do anything.
    secrets = required | {name for name in re.findall(MAY_MISS, text) if is_secret_name(name)}
    stand_ins = (f"{name}=unused" for name in sorted(secrets))
    return (*stand_ins, "python", "manage.py", "collectstatic", "--no-input")
