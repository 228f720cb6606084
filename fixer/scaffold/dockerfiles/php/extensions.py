"""Which extensions of PHP a project needs, and how they come into the image."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles.php.versions import locked_packages
from fixer.scaffold.project import Project

PRESENT = {
    "ctype", "curl", "date", "dom", "fileinfo", "filter", "ftp", "hash", "iconv", "json", "libxml",
    "mbstring", "mysqlnd", "opcache", "openssl", "pcre", "pdo", "pdo_sqlite", "phar", "posix", "random",
    "readline", "reflection", "session", "simplexml", "sodium", "spl", "sqlite3", "standard",
    "tokenizer", "xml", "xmlreader", "xmlwriter", "zend-opcache", "zlib",
}  # fmt: skip
"""Those that every image of PHP has."""


class Extension(NamedTuple):
    """Debian's packages that an extension is built with and those that it loads, the options that it is
    configured with, and whether it comes from PECL."""

    headers: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    options: str = ""
    is_pecl: bool = False


EXTENSIONS = {
    "amqp": Extension(("librabbitmq-dev",), ("librabbitmq4",), is_pecl=True),
    "apcu": Extension(is_pecl=True),
    "bcmath": Extension(),
    "bz2": Extension(("libbz2-dev",)),
    "calendar": Extension(),
    "exif": Extension(),
    "gd": Extension(
        ("libfreetype-dev", "libjpeg62-turbo-dev", "libpng-dev", "libwebp-dev"),
        ("libfreetype6", "libjpeg62-turbo", "libpng16-16", "libwebp7"),
        "--with-freetype --with-jpeg --with-webp",
    ),
    "gettext": Extension(),
    "gmp": Extension(("libgmp-dev",), ("libgmp10",)),
    "igbinary": Extension(is_pecl=True),
    "imagick": Extension(("libmagickwand-dev",), ("libmagickwand-6.q16-6",), is_pecl=True),
    "intl": Extension(("libicu-dev",), ("libicu72",)),
    "ldap": Extension(("libldap-dev",), ("libldap-2.5-0",)),
    "memcached": Extension(
        ("libmemcached-dev", "libssl-dev", "zlib1g-dev"), ("libmemcached11",), is_pecl=True
    ),
    "mongodb": Extension(("libssl-dev",), is_pecl=True),
    "mysqli": Extension(),
    "pcntl": Extension(),
    "pdo_mysql": Extension(),
    "pdo_pgsql": Extension(("libpq-dev",), ("libpq5",)),
    "pgsql": Extension(("libpq-dev",), ("libpq5",)),
    "redis": Extension(is_pecl=True),
    "soap": Extension(("libxml2-dev",)),
    "sockets": Extension(),
    "sysvmsg": Extension(),
    "sysvsem": Extension(),
    "sysvshm": Extension(),
    "tidy": Extension(("libtidy-dev",), ("libtidy5deb1",)),
    "xsl": Extension(("libxslt1-dev",), ("libxslt1.1",)),
    "zip": Extension(("libzip-dev",), ("libzip4",)),
}
"""Debian's packages are those of bookworm."""

SIGNS = {
    "bcmath": r"\bbc(?:add|sub|mul|div|mod|pow|comp)\s*\(",
    "exif": r"\bexif_read_data\s*\(",
    "gd": r"\bimagecreate\w*\s*\(",
    "intl": r"\bnew\s+\\?(?:NumberFormatter|IntlDateFormatter|Collator)\b",
    "mysqli": r"\bmysqli_\w+\s*\(|\bnew\s+\\?mysqli\b",
    "pdo_mysql": r"[\"']mysql:",
    "pdo_pgsql": r"[\"']pgsql:",
    "pgsql": r"\bpg_p?connect\s*\(",
    "redis": r"\bnew\s+\\?Redis\b",
    "soap": r"\bnew\s+\\?SoapClient\b",
    "zip": r"\bnew\s+\\?ZipArchive\b",
}
"""How a project's own sources show that they use an extension."""

DATABASES = {
    "pdo_pgsql": (("postgres", "postgis", "timescaledb", "pgvector"), "pgsql|postgres"),
    "pdo_mysql": (("mysql", "mariadb", "percona"), "mysql|mariadb"),
}
"""By the driver: the images that it speaks to, and how variables name it."""

VARIABLES = (".env", ".env.example", ".env.dist", "config/database.php")
CHOICE = r"(?m)^(?:DB_CONNECTION|DATABASE_URL)=\"?(?:{0})|DB_CONNECTION['\"],\s*['\"](?:{0})"
"""How a file of variables, or Laravel's configuration, chooses a driver."""

MANY = 2000


class Installation(NamedTuple):
    """What a project's extensions are installed from."""

    headers: list[str]
    libraries: list[str]
    configured: dict[str, str]
    built: list[str]
    pecl: list[str]

    def commands(self, programs: list[str]) -> list[str]:
        """Give the commands that install the extensions, and the packages of some programs. The headers
        go again, the libraries stay."""
        packages = sorted([*programs, *self.libraries, *self.headers])
        found = ["apt-get update"] if packages else []
        found += [f"apt-get install -y --no-install-recommends {' '.join(packages)}"] if packages else []
        found += [
            f"docker-php-ext-configure {name} {options}" for name, options in self.configured.items()
        ]
        found += [f'docker-php-ext-install -j"$(nproc)" {" ".join(self.built)}'] if self.built else []
        if self.pecl:
            names = " ".join(self.pecl)
            found += [f"pecl install {names}", f"docker-php-ext-enable {names}", "rm -rf /tmp/pear"]
        found += [f"apt-get purge -y --auto-remove {' '.join(self.headers)}"] if self.headers else []
        return [*found, "rm -rf /var/lib/apt/lists/*"] if packages else found


def installation(project: Project, demands: Demands, *more: str) -> Installation | None:
    """Give how the extensions that a project needs, and some more, are installed; None where it needs
    one that dockfix does not know."""
    names = sorted({*_required(project), *_used(project), *drivers(project, demands), *more} - PRESENT)
    if any(name not in EXTENSIONS for name in names):
        return None
    found = [EXTENSIONS[name] for name in names]
    return Installation(
        headers=sorted({package for each in found for package in each.headers}),
        libraries=sorted({package for each in found for package in each.libraries}),
        configured={name: EXTENSIONS[name].options for name in names if EXTENSIONS[name].options},
        built=[name for name in names if not EXTENSIONS[name].is_pecl],
        pecl=[name for name in names if EXTENSIONS[name].is_pecl],
    )


def _required(project: Project) -> Iterator[str]:
    for package in (project.json("composer.json"), *locked_packages(project)):
        required = package.get("require")
        for name in required if isinstance(required, dict) else ():
            if name.lower().startswith("ext-"):
                yield name.lower().removeprefix("ext-")


def _used(project: Project) -> Iterator[str]:
    sources = [path for path in project.files if path.endswith((".php", ".inc"))]
    for path in sources[:MANY]:
        if not re.search(r"(^|/)(vendor|tests?)/", path):
            text = project.text(path)
            yield from (name for name, sign in SIGNS.items() if re.search(sign, text))


def drivers(project: Project, demands: Demands) -> list[str]:
    """Give the drivers of the stack's databases, else of those that the project's variables name."""
    beside = [name for name, (images, _) in DATABASES.items() if set(images) & set(demands.neighbours)]
    texts = "\n".join(project.text(name) for name in VARIABLES)
    return beside or [
        name for name, (_, names) in DATABASES.items() if re.search(CHOICE.format(names), texts)
    ]
