"""PHP: what Composer installs, run by Apache, or by php-fpm behind the stack's web server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles.debian import packages_of_programs
from fixer.scaffold.dockerfiles.pages import Pages, pages_of
from fixer.scaffold.dockerfiles.php.extensions import drivers, installation
from fixer.scaffold.dockerfiles.php.versions import version_of
from fixer.scaffold.dockerfiles.programs import DEVELOPER, user_of
from fixer.scaffold.dockerfiles.scaffold import Scaffold, labels_of, with_its_length
from fixer.scaffold.fastcgi import DEFAULT_ROOT
from fixer.scaffold.project import Project
from fixer.scaffold.rendering import render

USER = "33:33"
COMMANDS = {"apache": ["apache2-foreground"], "fpm": ["php-fpm"]}
MANIFESTS = ("composer.json", "composer.lock", "symfony.lock")
DOCUMENT_ROOTS = ("public", "web", "webroot", "htdocs", "public_html", "www", "html", "")
WRITABLE = (
    "cache", "data", "log", "logs", "public/uploads", "runtime", "storage", "temp", "tmp",
    "uploads", "var", "web/assets", "wp-content", "writable",
)  # fmt: skip
"""What applications call the folders that they write to, where no framework says it."""

LARAVEL_WORKERS = {
    "queue": "queue:work",
    "worker": "queue:work",
    "scheduler": "schedule:work",
    "horizon": "horizon",
}
SYMFONY_WORKERS = ("worker", "queue", "messenger", "consumer")
MODULES = {"rewrite": r"(?i)\bRewriteEngine\b", "headers": r"(?im)^\s*(Request)?Header\b"}
"""Apache's modules that its image leaves off, and what asks for one in a `.htaccess`."""


class Application(NamedTuple):
    """What a framework needs of its image: the folder of its pages, whether one script answers for all
    of them, extensions, variables, also those for development, folders to be written to, what a build
    does before and after the pages are built, how Composer installs, the path that tells its health, a
    worker's command."""

    root: str
    has_front_controller: bool = False
    extensions: tuple[str, ...] = ()
    environment: Mapping[str, str] = {}
    development: Mapping[str, str] = {}
    writable: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    last_steps: tuple[str, ...] = ()
    install_options: str = ""
    health_path: str = ""
    worker: tuple[str, ...] = ()


def scaffold(project: Project, demands: Demands) -> Scaffold | None:
    """Give the Dockerfile of a PHP application."""
    application = _application(project, demands)
    version = version_of(project)
    if application is None or version is None:
        return None
    extensions = installation(project, demands, *application.extensions)
    if extensions is None:
        return None
    variant = "cli" if application.worker else "fpm" if demands.root else "apache"
    folder = _folder(application, demands)
    port = {"cli": "", "fpm": "9000", "apache": demands.port or "8080"}[variant]
    user, developer = user_of(demands, USER), user_of(demands, DEVELOPER)
    has_composer = project.has("composer.json")
    pages, script = _pages(project)
    files, site = _site(project, application, folder, port) if variant == "apache" else ({}, "")
    apache = _apache(project, port, bool(site)) if variant == "apache" else []
    owned = _owned(user, application.writable, demands.data)
    developing = ['cp "$PHP_INI_DIR/php.ini-development" "$PHP_INI_DIR/php.ini"']
    developing += ["composer install --no-interaction --no-scripts"] if has_composer else []
    developing += _owned(developer, application.writable, demands.data)
    text = render(
        "dockerfile/php.Dockerfile.j2",
        demands=demands,
        version=f"{version[0]}.{version[1]}",
        variant=variant,
        folder=folder,
        prefix=project.prefix,
        commands=[*extensions.commands(packages_of_programs(demands, "curl")), *apache],
        application=application,
        has_composer=has_composer,
        manifests=[name for name in MANIFESTS if project.has(name)],
        copies_all=_names_own_packages(project),
        pages=pages,
        steps=[
            *application.steps,
            *(["composer dump-autoload --no-dev --optimize"] if has_composer else []),
            *([f"{pages.manager} run {script}", "rm -rf node_modules"] if pages else []),
            *application.last_steps,
        ],
        site=site,
        is_mounted=bool(demands.sources) and not demands.development,
        owned=owned,
        developing=developing,
        is_built=has_composer
        or pages is not None
        or demands.build in demands.targets
        or bool(demands.development),
        user=user,
        developer=developer,
        port=port,
        labels=labels_of(project, demands, "composer.json"),
        check=_check(demands, application, variant, port),
        command=application.worker or COMMANDS[variant],
    )
    return Scaffold(with_its_length(text), files)


def _owned(user: str, writable: tuple[str, ...], data: tuple[str, ...]) -> list[str]:
    """The commands that give a user what it writes to, folders of the application and volumes."""
    owner, _, group = user.partition(":")
    found = [f"chown -R {user} {' '.join(writable)}"] if writable else []
    return [*found, f"install -d -o {owner} -g {group or owner} {' '.join(data)}"] if data else found


def _application(project: Project, demands: Demands) -> Application | None:
    """What the project is; None where no page of it can be told."""
    required = project.json("composer.json").get("require")
    packages = frozenset(required if isinstance(required, dict) else ())
    if "laravel/framework" in packages and project.has("artisan"):
        return _laravel(project, demands, packages)
    if "symfony/framework-bundle" in packages and project.has("bin/console"):
        return _symfony(project, demands, packages)
    roots = (root for root in DOCUMENT_ROOTS if project.has(f"{root}/index.php".lstrip("/")))
    root = next(roots, None)
    if root is not None:
        writable = tuple(name for name in WRITABLE if _has_folder(project, name))
        return Application(root, bool(packages) and bool(root), writable=writable)
    has_pages = project.has("index.html") and any(
        re.fullmatch(r"[\w.-]+\.php", path) for path in project.files
    )
    return Application("") if has_pages else None


def _laravel(project: Project, demands: Demands, packages: frozenset[str]) -> Application:
    # A database that is reached by no driver of the network is a file.
    database = () if drivers(project, demands) else ("database",)
    # Git keeps no empty folders.
    folders = (
        "bootstrap/cache", *database, "storage/app/public", "storage/framework/cache/data",
        "storage/framework/sessions", "storage/framework/views", "storage/logs",
    )  # fmt: skip
    has_redis = bool({"redis", "valkey"} & set(demands.neighbours)) and "predis/predis" not in packages
    command = "" if demands.ports or demands.root else LARAVEL_WORKERS.get(demands.name, "")
    has_health = re.search(r"health:\s*[\"'](/[\w/-]*)", project.text("bootstrap/app.php"))
    return Application(
        root="public",
        has_front_controller=True,
        extensions=("pcntl", *(("redis",) if has_redis else ())),
        environment={"LOG_CHANNEL": "stderr"},
        writable=("bootstrap/cache", *database, "storage"),
        steps=(f"mkdir -p {' '.join(folders)}",),
        last_steps=("ln -sfn ../storage/app/public public/storage",),
        health_path=has_health[1] if has_health else "",
        worker=("php", "artisan", command) if command else (),
    )


def _symfony(project: Project, demands: Demands, packages: frozenset[str]) -> Application:
    steps = ["php bin/console assets:install public"]
    if "symfony/asset-mapper" in packages:
        steps += ["php bin/console importmap:install"] if project.has("importmap.php") else []
        steps += (
            ["php bin/console tailwind:build --minify"]
            if "symfonycasts/tailwind-bundle" in packages
            else []
        )
        steps += ["php bin/console sass:build"] if "symfonycasts/sass-bundle" in packages else []
        steps += ["php bin/console asset-map:compile"]
    has_transport = re.search(r"(?m)^\s+async:", project.text("config/packages/messenger.yaml"))
    is_worker = bool(has_transport) and demands.name in SYMFONY_WORKERS and not demands.ports
    return Application(
        root="public",
        has_front_controller=True,
        extensions=("intl", *(("pcntl",) if "symfony/messenger" in packages else ())),
        environment={"APP_DEBUG": "0", "APP_ENV": "prod"},
        development={"APP_DEBUG": "1", "APP_ENV": "dev"},
        writable=(*_folders_of_databases(project), "var"),
        # Symfony reads the file, though the environment may have all that could stand in it.
        steps=("touch .env", "mkdir -p var"),
        last_steps=(*steps, "php bin/console cache:warmup"),
        # Flex would write its recipes' files anew.
        install_options=" --no-plugins" if "symfony/flex" in packages else "",
        worker=("php", "bin/console", "messenger:consume", "async") if is_worker else (),
    )


def _has_folder(project: Project, name: str) -> bool:
    return any(path.startswith(f"{name}/") for path in project.files)


def _folders_of_databases(project: Project) -> list[str]:
    """The folders of SQLite's databases, which it writes to beside them."""
    found = (re.fullmatch(r"([\w-]+)/[\w-]+\.(?:sqlite3?|db)", path) for path in project.files)
    return sorted({each[1] for each in found if each and each[1] not in ("tests", "var")})


def _names_own_packages(project: Project) -> bool:
    """Whether packages come from folders beside the manifest, which are needed to install them."""
    return bool(
        re.search(r"\"type\"\s*:\s*\"(?:path|artifact)\"|merge-plugin", project.text("composer.json"))
    )


def _folder(application: Application, demands: Demands) -> str:
    """Where the sources lie in the container: where the stack mounts them, or where its web server looks
    for the scripts."""
    if demands.sources:
        return demands.sources[0]
    root = demands.root or DEFAULT_ROOT
    return root.removesuffix(f"/{application.root}") if application.root else root


def _pages(project: Project) -> tuple[Pages | None, str]:
    """How the pages are built with Node.js, and the script that does it."""
    pages = pages_of(project)
    script = next(
        (name for name in ("build", "production", "prod") if pages and name in pages.scripts), ""
    )
    return (pages, script) if script else (None, "")


def _site(
    project: Project, application: Application, folder: str, port: str
) -> tuple[dict[str, str], str]:
    """Apache's site, and where it stands in the context; nothing where the image's own will do."""
    has_own = any(path == f"{application.root}/.htaccess".lstrip("/") for path in project.files)
    falls_back = application.has_front_controller and not has_own
    if f"{folder}/{application.root}".rstrip("/") == DEFAULT_ROOT and not falls_back:
        return {}, ""
    root = f"{folder}/{application.root}".rstrip("/")
    path = next(name for name in ("docker/apache.conf", "docker/site.conf") if not project.has(name))
    text = render("apache/site.conf.j2", root=root, port=port, falls_back=falls_back)
    return {f"{project.prefix}{path}": text}, path


def _apache(project: Project, port: str, has_site: bool) -> list[str]:
    """The commands that have Apache listen on the port, with the modules that the project asks for."""
    found = []
    if port != "80":
        found.append(f"sed -i 's/^Listen 80$/Listen {port}/' \"$APACHE_CONFDIR/ports.conf\"")
        site = '"$APACHE_CONFDIR/sites-available/000-default.conf"'
        found += [] if has_site else [f"sed -i 's/:80>/:{port}>/' {site}"]
    texts = [project.text(path) for path in project.files if path.endswith(".htaccess")]
    modules = [name for name, sign in MODULES.items() if any(re.search(sign, text) for text in texts)]
    return [*found, f"a2enmod {' '.join(modules)}"] if modules else found


def _check(demands: Demands, application: Application, variant: str, port: str) -> list[str]:
    """The health check: the path that tells it, else whether the port is listened on."""
    if not port or demands.is_shared:
        return []
    path = demands.health_path or application.health_path
    if path and variant == "apache":
        return ["curl", "-fsS", "-o", "/dev/null", f"http://127.0.0.1:{port}{path}"]
    return ["php", "-r", f"exit(@fsockopen('127.0.0.1', {port}) ? 0 : 1);"]
