"""Moved passwords in the real servers: a fixed service starts as Docker would start it, lets the right
password in and no other, and its health check passes.

A container here is namespaces, with the files of this machine under a layer that goes away with them.
Debian's package is the server; what the image's own entrypoint does with a password is played by a few
lines of shell. All else is what the real Compose makes of the fixed stack.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fixer.images import image_facts
from tests.cases import COMPOSE, FIXTURES, compose_resolves, dockfix, repository_of
from tests.servers import needs, running


def has_namespaces() -> bool:
    """Whether containers can be made here, which root can on most machines."""
    made = ["unshare", "--mount", "--net", "true"]
    return bool(shutil.which("unshare")) and not subprocess.run(made, capture_output=True).returncode


is_excused = "CI" not in os.environ and not has_namespaces()
pytestmark = pytest.mark.skipif(is_excused, reason="no namespaces can be made")

ADDRESS = "192.0.2.2"
"""By which the other containers reach a server: some let everyone in who comes from 127.0.0.1."""

BINARIES = [Path("/usr/lib/rabbitmq/bin"), *sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]]
PATH = ":".join(map(str, ["/usr/local/bin", *BINARIES, "/usr/sbin:/usr/bin:/sbin:/bin"]))

SPACES = {"net": "net", "uts": "uts", "ipc": "ipc", "pid": "pid_for_children", "mount": "mnt"}
"""The namespaces of a container: as options of nsenter, and below the process that made them."""

CONTAINER = """
set -eu
cd "$1"
mkdir layer
mount -t tmpfs tmpfs layer
cp -a image layer/image
mkdir layer/work layer/root
mount -t overlay -o lowerdir=/,upperdir=layer/image,workdir=layer/work overlay layer/root
mount -t proc proc layer/root/proc
mount --rbind /dev layer/root/dev
for folder in /run /tmp $2; do
    mkdir -p "layer/root$folder"
    mount -t tmpfs tmpfs "layer/root$folder"
done
mkdir layer/root/run/secrets
mount --bind secrets layer/root/run/secrets
hostname "$3"
ip link set lo up
ip address replace "$4" dev lo
shift 4
cd layer/root
pivot_root . mnt
umount -l /mnt
"$@" || exit
"""
"""Starts words in the files of a folder's image, with new volumes and the folder's secrets."""

ENTRYPOINT = """#!/bin/sh
set -eu

given() {  # the value of a variable, or of the file that it names with _FILE behind, but not of both
    eval "value=\\${$1-} file=\\${$1_FILE-}"
    [ -z "$value" ] || [ -z "$file" ] || exit 1
    value=${value:-$(cat "$file")}
}

case $1 in
-*) set -- COMMAND "$@" ;;
esac
as_user="setpriv --reuid=USER --regid=USER --init-groups"
if [ "$1" = COMMAND ] && [ "$(id -u)" = 0 ]; then
    PREPARES
    set -- $as_user "$@"
fi
exec "$@"
"""
"""What an image's entrypoint does: root makes what the server needs, and the server's user starts it."""


class Image(NamedTuple):
    """What stands in for an image: the server that it starts, what its entrypoint does before, and the
    words by which the server says that it is ready; and a client with a variable for the password."""

    name: str
    command: str
    entrypoint: tuple[str, ...] = ("docker-entrypoint.sh",)
    user: str = ""
    prepares: str = ""
    ready: str = ""
    client: str = ""
    password: str = ""
    programs: tuple[str, ...] = ()
    variables: Mapping[str, str] = {}
    files: Mapping[str, str] = {}
    folder: str = "/"

    @property
    def scripts(self) -> dict[str, str]:
        text = ENTRYPOINT.replace("USER", self.user).replace("COMMAND", self.command)
        text = text.replace("PREPARES", self.prepares.strip())
        return {f"/usr/local/bin/{word}": text for word in self.entrypoint}

    @property
    def volumes(self) -> list[str]:
        facts = image_facts(self.name)
        return sorted(facts.data) if facts else []


POSTGRES = Image(
    name="postgres",
    command="postgres",
    user="postgres",
    programs=("psql", "pg_ctlcluster"),
    prepares=r"""
    given POSTGRES_PASSWORD
    printf '%s\n' "$value" > /tmp/password
    mkdir -p "$PGDATA" /run/postgresql
    chown postgres "$PGDATA" /run/postgresql /tmp/password
    $as_user initdb --no-sync --username="${POSTGRES_USER:-postgres}" --pwfile=/tmp/password
    echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
    echo "listen_addresses = '*'" >> "$PGDATA/postgresql.conf"
    echo "CREATE DATABASE ${POSTGRES_USER:-its_own}" | $as_user postgres --single postgres
    """,
    ready="ready to accept connections",
    client='psql -w -h "$HOST" -U "${POSTGRES_USER:-postgres}" -d postgres -c "SELECT 1"',
    password="PGPASSWORD",
    variables={"PGDATA": "/var/lib/postgresql/data"},
)
MARIADB = Image(
    name="mariadb",
    command="mariadbd",
    user="mysql",
    programs=("mariadbd", "mariadb"),
    prepares=r"""
    given MARIADB_ROOT_PASSWORD
    quoted=$(printf %s "$value" | sed "s/[\\']/\\\\&/g")
    cat > /tmp/passwords.sql <<END
FLUSH PRIVILEGES;
SET PASSWORD FOR root@localhost = PASSWORD('$quoted');
CREATE USER root@'%' IDENTIFIED BY '$quoted';
GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;
DROP USER IF EXISTS root@'127.0.0.1', root@'::1', root@'$(hostname)';
END
    mkdir -p /run/mysqld
    chown mysql /var/lib/mysql /run/mysqld
    $as_user mariadb-install-db --auth-root-authentication-method=normal --skip-test-db \
        --extra-file=/tmp/passwords.sql
    """,
    ready="ready for connections",
    client='mariadb -h "$HOST" -u root -e "SELECT 1"',
    password="MYSQL_PWD",
    files={"/etc/mysql/mariadb.conf.d/99-image.cnf": "[mariadbd]\nbind-address=*\nskip-name-resolve\n"},
)
REDIS = Image(
    name="redis",
    command="redis-server",
    user="redis",
    programs=("redis-server", "redis-cli"),
    prepares="chown redis .",
    ready="Ready to accept connections",
    client='redis-cli -e -h "$HOST" ping',
    password="REDISCLI_AUTH",
    folder="/data",
)
RABBITMQ = Image(
    name="rabbitmq",
    command="rabbitmq-server",
    user="rabbitmq",
    programs=("rabbitmq-server", "amqp-declare-queue"),
    prepares="chown rabbitmq /var/lib/rabbitmq",
    ready="Server startup complete",
    client="amqp-declare-queue -q queue -s $HOST --username=$RABBITMQ_DEFAULT_USER"
    ' ${PASSWORD+"--password=$PASSWORD"}',
    password="PASSWORD",
    variables={"HOME": "/var/lib/rabbitmq", "LANG": "C.UTF-8", "RUNNING_UNDER_SYSTEMD": "true"},
    files={"/etc/rabbitmq/conf.d/10-image.conf": "loopback_users.guest = false\nlog.console = true\n"},
)


def installed(image: Image) -> pytest.MarkDecorator:
    return needs("ip", *image.programs)


def before(case: str) -> Path:
    return FIXTURES / "hardcoded-password" / case / "before"


class Stack:
    """A tree's stack after the fix, as the real Compose resolves it."""

    def __init__(self, tree: Path, strategy: str, folder: Path) -> None:
        self.folder = folder
        self.repository = repository_of(tree, folder / "stack")
        chosen = ["--strategy", f"hardcoded-password={strategy}"]
        fixed = dockfix(self.repository, "--apply", "--select", "hardcoded-password", *chosen)
        assert fixed.returncode == 0, fixed.stdout
        (file,) = self.repository.glob("*compose.y*ml")
        # What Compose prints is a Compose file again, in which a dollar sign stands twice.
        resolved = json.dumps(compose_resolves(self.repository, file.name)).replace("$$", "$")
        self.model: dict[str, Any] = json.loads(resolved)

    def variable(self, name: str) -> str:
        """A variable's value as Compose reads it from `.env`."""
        command = [str(COMPOSE), "config", "--environment"]
        told = subprocess.run(command, cwd=self.repository, capture_output=True, text=True).stdout
        return dict(line.split("=", 1) for line in told.splitlines())[name]


class Container:
    """A service of a stack on the files of an image, with its secrets, its variables and no others."""

    def __init__(self, stack: Stack, name: str, image: Image) -> None:
        self.stack, self.name, self.image = stack, name, image
        self.service: dict[str, Any] = stack.model["services"][name]
        given = self.service.get("environment") or {}
        self.variables = {"PATH": PATH, **image.variables, **given}
        self.folder = stack.folder / name
        self.secrets = self.folder / "secrets"
        self.secrets.mkdir(parents=True)
        for secret in self.service.get("secrets", ()):
            self.keep(secret["target"], stack.model["secrets"][secret["source"]])
        hosts = f"127.0.0.1 localhost\n{ADDRESS} {' '.join(stack.model['services'])}\n"
        mounted = {
            mount["target"]: (stack.repository / mount["source"]).read_text()
            for mount in self.service.get("volumes", ())
            if mount["type"] == "bind"
        }
        for path, text in {"/etc/hosts": hosts, **image.scripts, **image.files, **mounted}.items():
            file = self.folder / "image" / path[1:]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            file.chmod(0o755)

    def keep(self, target: str, secret: Mapping[str, str]) -> None:
        """Put a secret in its place as Compose does: a file remains its owner's alone, who is not root,
        and a variable's value becomes a file that everyone may read."""
        path = self.secrets / Path(target).relative_to("/run/secrets")
        if "file" in secret:
            shutil.copy(self.stack.repository / secret["file"], path)
            os.chown(path, 1000, 1000)
        else:
            path.write_text(self.stack.variable(secret["environment"]))
            path.chmod(0o444)

    def starting(self, network: Path | None = None) -> list[str]:
        """The command that starts it, in the network of another container or else in one of its own."""
        joined = ["nsenter", f"--net={network}", "unshare"] if network else ["unshare", "--net"]
        spaces = ["--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child"]
        place = [str(self.folder), " ".join(self.image.volumes), self.name, ADDRESS]
        entrypoint, command = self.service["entrypoint"], self.service["command"]
        if entrypoint is None:  # else Docker forgets the image's command, too
            entrypoint, command = self.image.entrypoint, command or [self.image.command]
        words = [*self.with_variables(self.variables), *entrypoint, *(command or ())]
        return [*joined, *spaces, "sh", "-c", CONTAINER, "sh", *place, *words]

    @contextmanager
    def started(self) -> Iterator[None]:
        """Run it, from the moment when its server is ready."""
        with running(self.starting(), self.image.ready, end=signal.SIGKILL) as process:
            self.spaces = Path(f"/proc/{process.pid}/ns")
            yield

    def runs(self, variables: Mapping[str, str], *words: str) -> bool:
        """Whether a command succeeds in it."""
        spaces = [f"--{space}={self.spaces / kind}" for space, kind in SPACES.items()]
        command = ["nsenter", *spaces, *self.with_variables(variables), *words]
        return subprocess.run(command, capture_output=True).returncode == 0

    def with_variables(self, variables: Mapping[str, str]) -> list[str]:
        pairs = (f"{name}={value}" for name, value in variables.items())
        return ["env", f"--chdir={self.image.folder}", "-i", *pairs]

    def lets_in(self, password: str | None) -> bool:
        """Whether a client that knows the user's name can log in over the network."""
        told = {name: value for name, value in self.variables.items() if name.endswith("_USER")}
        given = {} if password is None else {self.image.password: password}
        return self.runs(
            {"PATH": PATH, "HOST": self.name, **told, **given}, "sh", "-c", self.image.client
        )

    def forget(self, password: str) -> None:
        """Take a password from all places but the server itself."""
        self.variables = {key: text.replace(password, "") for key, text in self.variables.items()}
        for path in self.secrets.iterdir():
            path.write_text("")

    def is_healthy(self) -> bool:
        kind, *words = self.service["healthcheck"]["test"]
        return self.runs(self.variables, *(words if kind == "CMD" else ("sh", "-c", *words)))


CASES = [
    ("read-from-a-file", "db", POSTGRES, "wq7-harbor-21", "env file"),
    ("checks-without-a-password", "db", POSTGRES, "mill-pond-88x", "file"),
    ("checks-that-log-in", "db", POSTGRES, 'mill $3 "pond" #8', "env file"),
    ("list-form-and-two-services", "db", MARIADB, "it's $mine", "env file"),
    ("checks-without-a-password", "archive", MARIADB, "quarry-lane-5", "file"),
    ("checks-that-log-in", "archive", MARIADB, "quarry's \\lane\\ 5", "env file"),
    ("checks-without-a-password", "cache", REDIS, "tide-88-lamp", "env"),
    ("commands-and-health-checks", "cache", REDIS, "tide-88-lamp", "env"),
    ("checks-that-log-in", "cache", REDIS, "tide & lamp*88", "env file"),
    ("checks-without-a-password", "broker", RABBITMQ, "pier-lantern-40", "env"),
    ("checks-that-log-in", "broker", RABBITMQ, "pier`40`%lantern", "env file"),
]
"""Services of fixtures, with the strategies that make a difference to them."""


@pytest.mark.parametrize(
    ("case", "name", "image", "password", "strategy"),
    [
        pytest.param(
            case,
            name,
            image,
            password,
            strategy,
            id=f"{case}-{name}-{strategy}",
            marks=installed(image),
        )
        for case, name, image, password, strategies in CASES
        for strategy in strategies.split()
    ],
)
def test_the_server_has_the_moved_password(
    case: str, name: str, image: Image, password: str, strategy: str, tmp_path: Path
) -> None:
    container = Container(Stack(before(case), strategy, tmp_path), name, image)
    with container.started():
        assert container.lets_in(password)
        assert not container.lets_in("wrong")
        assert not container.lets_in(None)
        if "healthcheck" in container.service:
            assert container.is_healthy()
        if case == "checks-that-log-in":
            container.forget(password)
            assert not container.is_healthy()


READERS = [
    ("db", POSTGRES, "shop", 'psql "$DATABASE_URL" -c "SELECT 1"'),
    ("broker", RABBITMQ, "worker", 'amqp-declare-queue -q queue --url="${BROKER_URL%//}"'),
]


@pytest.mark.parametrize("strategy", ["env", "file"])
@pytest.mark.parametrize(
    ("name", "image", "reader", "client"),
    [pytest.param(*each, id=each[2], marks=installed(each[1])) for each in READERS],
)
def test_a_service_with_the_password_in_a_url_logs_in(
    name: str, image: Image, reader: str, client: str, strategy: str, tmp_path: Path
) -> None:
    """The reader is an image of Python, whose program logs in by the URL."""
    stack = Stack(before("strategy-file"), strategy, tmp_path)
    program = {"/usr/local/bin/python": f"#!/bin/sh\n{client}\n"}
    application = Container(stack, reader, Image("python", "python", entrypoint=(), files=program))
    server = Container(stack, name, image)
    with server.started():
        assert not subprocess.call(application.starting(server.spaces / "net"))
        if "healthcheck" in server.service:
            assert server.is_healthy()


CHECKS = {
    "client-that-knows-the-variable": (POSTGRES, """
    environment:
      POSTGRES_PASSWORD: harbor-wq7-21
      PGPASSWORD: harbor-wq7-21
    healthcheck:
      test: ["CMD", "psql", "-h", "server", "-U", "postgres", "-c", "SELECT 1"]
"""),
    "redis-client": (REDIS, """
    command: sh -c 'exec redis-server --requirepass "$$REDISCLI_AUTH"'
    environment:
      REDISCLI_AUTH: harbor-wq7-21
    healthcheck:
      test: redis-cli ping | grep PONG
"""),
    "shell-in-the-shell": (POSTGRES, """
    environment:
      POSTGRES_PASSWORD: harbor-wq7-21
    healthcheck:
      test: sh -c 'PGPASSWORD="$$POSTGRES_PASSWORD" psql -h server -U postgres -c "SELECT 1"'
"""),
    "words-behind-the-script": (POSTGRES, """
    environment:
      POSTGRES_PASSWORD: harbor-wq7-21
    healthcheck:
      test: [CMD, sh, -c, 'PGPASSWORD="$$POSTGRES_PASSWORD" psql -h "$$1" -U postgres -l', sh, server]
"""),
    "program-in-another-language": (POSTGRES, """
    environment:
      POSTGRES_PASSWORD: harbor-wq7-21
    healthcheck:
      test: [CMD, perl, -e, 'exit !$$ENV{"POSTGRES_PASSWORD"}']
"""),
    "script-in-a-file": (MARIADB, """
    environment:
      MARIADB_ROOT_PASSWORD: harbor-wq7-21
    healthcheck:
      test: ["CMD", "/check.sh"]
    volumes: ["./check.sh:/check.sh:ro"]
"""),
    "cookie-of-the-command-line": (RABBITMQ, """
    environment:
      RABBITMQ_DEFAULT_USER: shop
      RABBITMQ_DEFAULT_PASS: harbor-wq7-21
      RABBITMQ_ERLANG_COOKIE: wharf-cookie-91
    healthcheck:
      test: ["CMD", "rabbitmq-diagnostics", "-q", "ping"]
"""),
}  # fmt: skip
"""Health checks that have the password from a variable, of which their text says too little."""


@pytest.mark.xfail(strict=True, reason="a health check has not what the container's first process has")
@pytest.mark.parametrize(
    ("image", "rest"),
    [pytest.param(*each, id=name, marks=installed(each[0])) for name, each in CHECKS.items()],
)
def test_a_health_check_has_what_it_reads(image: Image, rest: str, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "compose.yaml").write_text(f"services:\n  server:\n    image: {image.name}:1{rest}")
    script = tree / "check.sh"
    script.write_text('#!/bin/sh\nmariadb -uroot -p"$MARIADB_ROOT_PASSWORD" -e "SELECT 1"\n')
    server = Container(Stack(tree, "file", tmp_path), "server", image)
    with server.started():
        assert server.lets_in("harbor-wq7-21")
        assert server.is_healthy()
