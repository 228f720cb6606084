"""Real servers for tests: what is asked of a machine that has them, and how they are started."""

from __future__ import annotations

import base64
import hashlib
import http.server
import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fixer.stack import Repository, Service, stack_from_files
from tests.cases import FIXTURES


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skip a test on a machine without its servers; `.ci/run` installs them, so CI never does."""
    missing = [program for program in programs if shutil.which(program) is None]
    is_excused = bool(missing) and "CI" not in os.environ
    return pytest.mark.skipif(is_excused, reason=f"not installed: {', '.join(missing)}")


def after(case: str) -> Path:
    return FIXTURES / case / "after"


def service_of(folder: Path, file: str, name: str) -> Service:
    stacks, *_ = stack_from_files(Repository(folder), [file])
    return stacks[0].services[name]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running(
    command: list[str], ready: str, end: signal.Signals = signal.SIGTERM, **options: object
) -> Iterator[subprocess.Popen[str]]:
    """A server, from the line of its output that says it is ready on, until it gets a signal."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True, **options,  # type: ignore[call-overload]
    )  # fmt: skip
    try:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if ready in line:
                break
        else:
            raise AssertionError("".join(lines))
        yield process
    finally:
        os.killpg(process.pid, end)
        process.wait()


class Named(http.server.BaseHTTPRequestHandler):
    """Answers with the name of its server, the path asked for and who asks; speaks WebSocket to who
    wants it, by giving back what it gets."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer is one packet

    def do_GET(self) -> None:
        if self.headers.get("Upgrade", "").lower() == "websocket":
            return self.speak()
        name = str(self.server.name)  # type: ignore[attr-defined]
        told = [self.headers.get(key, "-") for key in ("Host", "X-Forwarded-For", "X-Forwarded-Proto")]
        body = "\n".join([f"{name} {self.path}", *told]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    do_HEAD = do_GET

    def speak(self) -> None:
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        accepted = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        self.send_header("Sec-WebSocket-Accept", accepted)
        self.end_headers()
        self.wfile.flush()
        self.wfile.write(self.rfile.read1(100))
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def backend(name: str) -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Named)
    server.name = name  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()


@contextmanager
def postgres(folder: Path, *options: str) -> Iterator[tuple[list[str], int]]:
    """Run a new server, which trusts its socket and asks for a password on its port, with
    options of the server. Gives the command
    of an administrator's client, and the port."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data, port = folder / "data", free_port()
    for parent in (folder, *list(folder.parents)[:-2]):
        parent.chmod(0o755)
    data.mkdir()
    shutil.chown(data, "postgres", "postgres")
    init = [*as_postgres, str(binaries / "initdb"), "--auth-local=trust", "--auth-host=scram-sha-256"]
    subprocess.run([*init, "-D", str(data)], check=True, capture_output=True, cwd="/")
    server = [
        *as_postgres,
        str(binaries / "postgres"),
        "-D",
        str(data),
        "-p",
        str(port),
        "-k",
        str(data),
        *options,
    ]
    with running(server, "ready to accept connections", cwd="/"):
        client = ["psql", "-h", str(data), "-p", str(port), "-U", "postgres", "-v", "ON_ERROR_STOP=1"]
        yield client, port


def logs_in(port: int, role: str, database: str, **password: str) -> bool:
    login = ["psql", "-w", "-h", "127.0.0.1", "-p", str(port), "-U", role, "-d", database]
    environment = {**os.environ, **password}
    return (
        subprocess.run([*login, "-c", "SELECT 1"], capture_output=True, env=environment).returncode == 0
    )


@contextmanager
def mariadb(folder: Path, defaults: str = "--no-defaults") -> Iterator[list[str]]:
    """Run a new server without a network, with an option that says which files it reads. Gives the
    command of an administrator's client."""
    data, at = folder / "data", folder / "socket"
    files = [defaults, f"--datadir={data}", "--user=root"]
    init = ["mariadb-install-db", *files, "--auth-root-authentication-method=normal"]
    subprocess.run(init, check=True, capture_output=True)
    server = ["mariadbd", *files, f"--socket={at}", "--skip-networking", f"--pid-file={folder}/pid"]
    with running(server, "ready for connections", cwd="/"):
        yield ["mariadb", "--no-defaults", f"--socket={at}", "-uroot"]


@contextmanager
def rabbitmq(folder: Path, **variables: str) -> Iterator[Callable[..., str]]:
    """Run a new broker with the `rabbitmq.conf` and the `plugins` in a folder. Gives what runs a
    command of its administrator, and gives its output."""
    programs = Path("/usr/lib/rabbitmq/bin")
    environment = {
        **os.environ,
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(free_port()),
        "RABBITMQ_NODENAME": "dockfix@localhost",
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_BASE": str(folder),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_CONF_ENV_FILE": os.devnull,
        **variables,
    }

    def control(*words: str) -> str:
        command = [str(programs / "rabbitmqctl"), *words]
        return subprocess.run(command, capture_output=True, text=True, env=environment).stdout

    try:
        with running([str(programs / "rabbitmq-server")], "completed with", env=environment):
            yield control
    finally:
        subprocess.run(["epmd", "-kill"], env=environment, capture_output=True)
