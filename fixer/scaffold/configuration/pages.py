"""What a proxy serves itself: the pages and files mounted or built into it, and the PHP beside it."""

from __future__ import annotations

import re
from typing import NamedTuple

from fixer.stack import Mount, Service
from fixer.stack.merging import join

STATIC = r"(?i)/(static|staticfiles|static_root|media|mediafiles|uploads)\Z"
PHP_PORT = "9000"


class Pages(NamedTuple):
    """The folder of pages in a container. `is_application` says that one page shows all paths."""

    root: str
    is_application: bool


class Php(NamedTuple):
    """A PHP-FPM service: its name, the folder of `index.php` as it sees it, and as the proxy does."""

    name: str
    root: str
    root_of_proxy: str

    @property
    def address(self) -> str:
        """The host and port of its FastCGI."""
        return f"{self.name}:{PHP_PORT}"


def pages(service: Service, *roots: str) -> Pages | None:
    """Give what is mounted or built into one of a program's document roots, or None."""
    for root in roots:
        for mount in service.bind_mounts:
            if mount.target == root and mount.path is not None:
                return Pages(root, _is_application(service, mount))
    path = service.build.dockerfile_path if service.build else None
    document = service.stack.dockerfile(path) if path else None
    for instruction in document.stages[-1].instructions if document and document.stages else ():
        target = instruction.words[-1].rstrip("/") if instruction.words else ""
        if instruction.name == "COPY" and target in roots:
            return Pages(target, any(flag.startswith("--from=") for flag in instruction.flags))
    return None


def _is_application(service: Service, mount: Mount) -> bool:
    """Whether a folder is what a bundler makes: a build's output, or one page with its assets."""
    path = mount.path or ""
    repository = service.stack.repository
    names = [each[len(path) :].strip("/") for each in repository.below(path)]
    folders = {each.partition("/")[0] for each in names if "/" in each}
    is_built = path.rpartition("/")[2] in ("dist", "build", "out")
    is_one_page = [each for each in names if each.endswith(".html")] == ["index.html"]
    return (is_built and not names) or (is_one_page and bool(folders & {"assets", "static", "js"}))


def static_folders(service: Service) -> dict[str, str]:
    """Give the folders of static files that are mounted for a proxy, by the path of the site that they
    belong at (`/static/`)."""
    found: dict[str, str] = {}
    for mount in service.mounts:
        kind = re.search(STATIC, mount.target)
        if kind is not None:
            name = kind[1].lower()
            path = "static" if name.startswith("static") else "media" if "media" in name else name
            found.setdefault(f"/{path}/", mount.target)
    return found


def php(service: Service) -> Php | None:
    """Give the PHP-FPM service that runs the scripts of a folder which the proxy has mounted too."""
    for other in service.stack.services.values():
        if not is_fpm(other) or not other.networks.keys() & service.networks.keys():
            continue
        for mount in service.mounts:
            for counterpart in other.mounts:
                is_shared = mount.source and mount.source == counterpart.source
                if is_shared and not mount.target.startswith("/etc/"):
                    below = _public(service, mount)
                    roots = join(counterpart.target, below), join(mount.target, below)
                    return Php(other.name, *roots)
    return None


def is_fpm(service: Service) -> bool:
    """Say whether a service runs PHP's FastCGI, which speaks no HTTP."""
    if service.build is None:
        return service.image is not None and "fpm" in service.image.tag
    path = service.build.dockerfile_path
    document = service.stack.dockerfile(path) if path else None
    return any("fpm" in stage.base for stage in document.stages) if document else False


def _public(service: Service, mount: Mount) -> str:
    """The folder below a mounted one that holds `index.php`: frameworks keep it apart from the code."""
    repository = service.stack.repository
    names = ("public", "web", "webroot", "htdocs")
    path = mount.path if mount.kind == "bind" else None
    if path is None:
        return ""
    return next((each for each in names if repository.is_file(join(path, f"{each}/index.php"))), "")
