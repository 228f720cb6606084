"""Configuration of proxies that dockfix writes, given to the real programs with servers behind them."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.cases import FIXTURES
from tests.servers import after, backend, free_port, needs, running, service_of

CASES = FIXTURES / "missing-config-file"
TRAEFIK = Path(sys.executable).parent / "traefik"
ETC_NGINX = Path("/etc/nginx")

MAIN = """
error_log /dev/stderr notice;
events {}
http {
    include /etc/nginx/mime.types;
    include /etc/nginx/conf.d/*.conf;
}
"""
"""What the image's own nginx.conf does with the sites."""

CONTAINER_PATH = r"(?<![\w./])/(?=(etc|usr|var|srv|app|tmp|run|dynamic)(/|\b))"
"""Where an absolute path of a container begins."""


@contextmanager
def names() -> Iterator[tuple[int, set[str]]]:
    """A name server, which knows the names in the set to be this machine."""
    known: set[str] = set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                query, client = listener.recvfrom(512)
                if not query:
                    return
                parts, at = [], 12
                while query[at]:
                    parts.append(query[at + 1 : at + 1 + query[at]].decode())
                    at += query[at] + 1
                question = query[12 : at + 5]
                is_known = ".".join(parts) in known
                flags = 0x8180 if is_known else 0x8183
                head = query[:2] + struct.pack(">HHHHH", flags, 1, int(is_known), 0, 0)
                answer = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 1, 4) + socket.inet_aton("127.0.0.1")
                listener.sendto(head + question + (answer if is_known else b""), client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        port = listener.getsockname()[1]
        yield port, known
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", port))
        thread.join()


class Answer:
    """What a server says: its status, body and headers."""

    def __init__(self, url: str, host: str = "", **options: object) -> None:
        request = urllib.request.Request(url, headers={"Host": host} if host else {})
        opener = urllib.request.build_opener(Staying, urllib.request.HTTPSHandler(**options))  # type: ignore[arg-type]
        try:
            with opener.open(request) as response:
                self.status, self.headers, body = response.status, response.headers, response.read()
        except urllib.error.HTTPError as error:
            self.status, self.headers, body = error.code, error.headers, error.read()
        self.body = str(body.decode())

    @property
    def first(self) -> str:
        return self.body.partition("\n")[0]


class Staying(urllib.request.HTTPRedirectHandler):
    """Gives the redirection rather than what it leads to."""

    def redirect_request(self, *_: object) -> None:
        return None


def statuses(port: int, path: str, times: int) -> list[int]:
    """What one client gets that asks as fast as it can, on one connection."""
    client = http.client.HTTPConnection("127.0.0.1", port)
    found = []
    for _ in range(times):
        client.request("GET", path)
        response = client.getresponse()
        response.read()
        found.append(response.status)
    client.close()
    return found


def speaks_websocket(port: int, path: str) -> bool:
    """Whether a WebSocket goes through to a server that gives back what it gets."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        lines = (
            f"GET {path} HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "", "",
        )  # fmt: skip
        connection.sendall("\r\n".join(lines).encode())
        stream = connection.makefile("rb")
        if b" 101 " not in stream.readline():
            return False
        while stream.readline().strip():
            pass
        connection.sendall(b"ping")
        return stream.read(4) == b"ping"


@contextmanager
def serving(command: list[str], ready: str, **options: object) -> Iterator[None]:
    """A server whose log is read for as long as it runs, so that it never waits for a reader."""
    with running(command, ready, **options) as process:  # type: ignore[arg-type]
        assert process.stdout is not None
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield


class Container:
    """The files of a service's container, laid out in a folder: what its stack mounts, with the paths
    in the configuration leading into the folder and the ports those of this machine."""

    def __init__(self, case: str, file: str, name: str, folder: Path) -> None:
        self.folder = folder
        self.tree = after(f"missing-config-file/{case}")
        self.service = service_of(self.tree, file, name)
        self.ports: dict[str, int] = {}
        for mount in self.service.mounts:
            target = self.at(mount.target)
            source = self.tree / mount.path if mount.path else None
            target.parent.mkdir(parents=True, exist_ok=True)
            if source is not None and source.is_dir():
                shutil.copytree(source, target, dirs_exist_ok=True)
            elif source is not None and source.exists():
                shutil.copy(source, target)
            elif "." not in target.name:
                target.mkdir(parents=True, exist_ok=True)

    def at(self, path: str) -> Path:
        return self.folder / path.lstrip("/")

    def port(self, number: str) -> int:
        return self.ports.setdefault(number, free_port())

    def certify(self, chain: str, key: str) -> None:
        self.at(chain).parent.mkdir(parents=True, exist_ok=True)
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
        files = ["-keyout", str(self.at(key)), "-out", str(self.at(chain))]
        subprocess.run([*command, *files], check=True, capture_output=True)

    def adapt(self, path: Path, listen: str, **servers: int) -> str:
        """Lead a file's paths into the folder, and its addresses to the servers of the test."""
        text = re.sub(CONTAINER_PATH, f"{self.folder}/", path.read_text())
        text = re.sub(listen, lambda match: f"{match[1]}{self.port(match[2])}", text)
        for name, port in servers.items():
            text = re.sub(rf"(?<![\w.-]){name}:\d+", f"127.0.0.1:{port}", text)
        path.write_text(text)
        return text


def nginx(container: Container, **servers: int) -> list[str]:
    """Lay out what the image has and the stack does not mount, and give the command."""
    etc = container.at("/etc/nginx")
    (etc / "conf.d").mkdir(parents=True, exist_ok=True)
    (container.folder / "tmp").mkdir(exist_ok=True)
    # The workers are another user's.
    for parent in (container.folder, *list(container.folder.parents)[:-2]):
        parent.chmod(0o755)
    for name in ("mime.types", "fastcgi_params"):
        shutil.copy(ETC_NGINX / name, etc / name)
    main = etc / "nginx.conf"
    if not main.exists():
        main.write_text(MAIN)
    variables = {name: each.value for name, each in container.service.environment.items()}
    for template in etc.glob("templates/*.template"):
        # As the image's entrypoint does.
        defined = " ".join(f"${{{name}}}" for name in variables)
        made = subprocess.run(["envsubst", defined], input=template.read_bytes(), check=True,
                              capture_output=True, env={**os.environ, **variables})  # fmt: skip
        (etc / "conf.d" / template.name.removesuffix(".template")).write_bytes(made.stdout)
    for path in sorted(etc.rglob("*.conf")):
        text = container.adapt(path, r"(listen )(\d+)", **servers)
        # This machine's nginx may be older than the directive.
        text = text.replace("    http2 on;\n", "")
        path.write_text(text.replace("error_log /dev/stderr warn", "error_log /dev/stderr notice"))
    command = ["nginx", "-c", str(main), "-g", "daemon off;"]
    check = subprocess.run([*command[:3], "-t"], capture_output=True, text=True)
    assert "test is successful" in check.stderr, check.stderr
    assert "[warn]" not in check.stderr, check.stderr
    return command


NGINX_READY = "start worker process"


@needs("nginx")
def test_nginx_routes_to_both_services(tmp_path: Path) -> None:
    container = Container("nginx-in-front", "compose.yaml", "nginx", tmp_path)
    with (
        backend("backend") as one,
        backend("dashboard") as two,
        serving(nginx(container, backend=one, dashboard=two), NGINX_READY),
    ):
        port = container.port("80")
        page = Answer(f"http://127.0.0.1:{port}/books")
        assert page.body == f"dashboard /books\n127.0.0.1:{port}\n127.0.0.1\nhttp"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert Answer(f"http://127.0.0.1:{port}/api/books?of=2").first == "backend /api/books?of=2"
        assert Answer(f"http://127.0.0.1:{port}/nginx-health").body == "ok\n"
        moved = Answer(f"http://127.0.0.1:{port}/api")
        assert (moved.status, moved.headers["Location"]) == (301, "/api/")
        assert speaks_websocket(port, "/")
        assert speaks_websocket(port, "/api/live")


@needs("nginx")
def test_nginx_answers_one_client_so_often(tmp_path: Path) -> None:
    container = Container("nginx-in-front", "compose.yaml", "nginx", tmp_path)
    with (
        backend("backend") as one,
        backend("dashboard") as two,
        serving(nginx(container, backend=one, dashboard=two), NGINX_READY),
    ):
        found = statuses(container.port("80"), "/api/", 1000)
        assert set(found) == {200, 429}
        assert found[:40] == [200] * 40
        assert set(statuses(container.port("80"), "/picture", 100)) == {200}


@needs("nginx")
def test_nginx_starts_before_the_services_behind_it(tmp_path: Path) -> None:
    container = Container("nginx-folder-with-a-dot", "compose.yaml", "proxy", tmp_path)
    with backend("shop") as port, names() as (name_server, known):
        command = nginx(container)
        path = container.at("/etc/nginx/conf.d/default.conf")
        text = path.read_text().replace("127.0.0.11 valid=10s", f"127.0.0.1:{name_server} valid=1s")
        path.write_text(text.replace("shop:8000", f"shop:{port}"))
        with serving(command, NGINX_READY):
            url = f"http://127.0.0.1:{container.port('80')}/"
            assert Answer(url).status == 502
            known.add("shop")
            assert Answer(url).first == "shop /"


@needs("nginx", "openssl")
def test_nginx_sends_everyone_to_https(tmp_path: Path) -> None:
    container = Container("nginx-with-certificates", "compose.yaml", "proxy", tmp_path)
    container.certify("/etc/nginx/ssl/server.crt", "/etc/nginx/ssl/server.key")
    with (
        backend("web") as one,
        backend("api") as two,
        serving(nginx(container, web=one, api=two), NGINX_READY),
    ):
        plain = f"http://127.0.0.1:{container.port('80')}"
        moved = Answer(f"{plain}/tickets?page=2")
        assert moved.status == 301
        assert moved.headers["Location"] == "https://127.0.0.1:8443/tickets?page=2"
        assert Answer(f"{plain}/up").body == "ok\n"
        context = ssl.create_default_context(cafile=container.at("/etc/nginx/ssl/server.crt"))
        secure = f"https://localhost:{container.port('443')}"
        page = Answer(f"{secure}/tickets", context=context)
        assert page.body.splitlines()[0] == "web /tickets"
        assert page.body.splitlines()[-1] == "https"
        assert page.headers["Strict-Transport-Security"]
        # Its sources have no route below /api.
        assert Answer(f"{secure}/api/tickets/7", context=context).first == "api /tickets/7"


@needs("nginx", "openssl")
def test_nginx_leaves_the_challenges_to_certbot(tmp_path: Path) -> None:
    container = Container("nginx-lets-encrypt", "docker-compose.yml", "nginx", tmp_path)
    live = "/etc/letsencrypt/live/library.example.org"
    container.certify(f"{live}/fullchain.pem", f"{live}/privkey.pem")
    challenge = container.at("/var/www/certbot/.well-known/acme-challenge/token")
    challenge.parent.mkdir(parents=True)
    challenge.write_text("proof")
    container.at("/app/staticfiles/site.css").write_text("body {}")
    with backend("web") as web, serving(nginx(container, web=web), NGINX_READY):
        plain = f"http://127.0.0.1:{container.port('80')}"
        assert Answer(f"{plain}/.well-known/acme-challenge/token").body == "proof"
        assert Answer(f"{plain}/").headers["Location"] == "https://127.0.0.1/"
        context = ssl.create_default_context(cafile=container.at(f"{live}/fullchain.pem"))
        secure = f"https://localhost:{container.port('443')}"
        assert Answer(f"{secure}/shelf", context=context).first == "web /shelf"
        assert Answer(f"{secure}/static/site.css", context=context).body == "body {}"


@needs("nginx")
def test_nginx_shows_one_page_for_all_paths(tmp_path: Path) -> None:
    container = Container("nginx-single-page", "compose.yaml", "frontend", tmp_path)
    root = container.at("/usr/share/nginx/html")
    (root / "assets").mkdir(parents=True)
    (root / "index.html").write_text("the page")
    (root / "assets" / "main.js").write_text("the script")
    with backend("backend") as port, serving(nginx(container, backend=port), NGINX_READY):
        url = f"http://127.0.0.1:{container.port('80')}"
        assert Answer(f"{url}/rows/3").body == "the page"
        assert Answer(f"{url}/index.html").headers["Cache-Control"] == "no-cache"
        assert Answer(f"{url}/assets/main.js").body == "the script"
        assert Answer(f"{url}/api/seats").first == "backend /api/seats"


@needs("nginx", "php-fpm8.2")
def test_nginx_has_php_run_the_scripts(tmp_path: Path) -> None:
    container = Container("nginx-php", "compose.yaml", "nginx", tmp_path)
    source = container.at("/var/www/html")
    (source / "secret.txt").write_text("not below public")
    (source / "public" / ".env").write_text("nobody's business")
    port = free_port()
    pool = tmp_path / "fpm.conf"
    pool.write_text(
        f"[global]\nerror_log = /dev/stderr\n[www]\nlisten = 127.0.0.1:{port}\nuser = nobody\n"
        "pm = static\npm.max_children = 1\n"
    )
    fpm = ["php-fpm8.2", "--nodaemonize", "--fpm-config", str(pool), "--pid", str(tmp_path / "fpm.pid")]
    command = nginx(container, **{"php-fpm": port})
    with serving(fpm, "ready to handle connections"), serving(command, NGINX_READY):
        url = f"http://127.0.0.1:{container.port('8080')}"
        assert Answer(f"{url}/").body == "hello"
        assert Answer(f"{url}/any/path?of=1").body == "hello"
        assert Answer(f"{url}/missing.php").status == 404
        assert Answer(f"{url}/.env").status == 403


@needs("nginx", "envsubst")
def test_nginx_gets_its_variables_from_the_stack(tmp_path: Path) -> None:
    container = Container("nginx-template", "compose.yaml", "gateway", tmp_path)
    with backend("forecast") as port, serving(nginx(container, forecast=port), NGINX_READY):
        assert Answer(f"http://127.0.0.1:{container.port('8000')}/today").first == "forecast /today"
        assert speaks_websocket(container.port("8000"), "/live")


@needs("nginx")
def test_nginx_tells_services_apart_by_their_names(tmp_path: Path) -> None:
    container = Container("nginx-hosts", "compose.yaml", "nginx", tmp_path)
    with ExitStack() as stack:
        servers = {name: stack.enter_context(backend(name)) for name in ("shop", "desk", "orders")}
        command = nginx(container, **servers)
        stack.enter_context(serving(command, NGINX_READY))
        url = f"http://127.0.0.1:{container.port('80')}/"
        assert Answer(url, "www.shop.example.org").first == "shop /"
        assert Answer(url, "desk.example.org").first == "desk /"
        assert Answer(url, "elsewhere.example.org").first == "orders /"


@needs("nginx")
def test_nginx_finds_services_by_the_routes_in_their_sources(tmp_path: Path) -> None:
    container = Container("nginx-microservices", "compose.yaml", "gateway", tmp_path)
    names = ("tickets-service", "venues-service", "pages1", "pages2")
    with ExitStack() as stack:
        servers = {name: stack.enter_context(backend(name)) for name in names}
        stack.enter_context(serving(nginx(container, **servers), NGINX_READY))
        url = f"http://127.0.0.1:{container.port('80')}"
        assert Answer(f"{url}/api/tickets").first == "tickets-service /api/tickets"
        assert Answer(f"{url}/venues-service/halls").first == "venues-service /halls"
        answers = {Answer(f"{url}/").first for _ in range(20)}
        assert answers == {"pages1 /", "pages2 /"}


HAPROXY_READY = "Loading success"


def haproxy(container: Container, path: str, **servers: int) -> list[str]:
    file = container.at(path)
    container.adapt(file, r"(bind (?:127\.0\.0\.1)?:)(\d+)", **servers)
    check = subprocess.run(["haproxy", "-c", "-f", str(file)], capture_output=True, text=True)
    assert check.returncode == 0, check.stderr
    warnings = [line for line in check.stderr.splitlines() if "WARNING" in line]
    assert all("could not resolve address" in line for line in warnings), check.stderr
    return ["haproxy", "-W", "-db", "-f", str(file)]


@needs("haproxy")
def test_haproxy_routes_and_answers_one_client_so_often(tmp_path: Path) -> None:
    container = Container("haproxy-in-front", "compose.yaml", "balancer", tmp_path)
    with backend("api") as one, backend("frontend") as two:
        command = haproxy(container, "/usr/local/etc/haproxy/haproxy.cfg", api=one, frontend=two)
        with serving(command, HAPROXY_READY):
            port = container.port("80")
            url = f"http://127.0.0.1:{port}"
            assert Answer(f"{url}/boats").body == f"frontend /boats\n127.0.0.1:{port}\n127.0.0.1\nhttp"
            assert Answer(f"{url}/api/boats").first == "api /api/boats"
            assert Answer(f"{url}/haproxy-health").status == 200
            assert "Statistics" in Answer(f"http://127.0.0.1:{container.port('8404')}/").body
            assert speaks_websocket(port, "/api/live")
            assert set(statuses(port, "/api/", 1000)) == {200, 429}
            assert set(statuses(port, "/picture", 100)) == {200}


@needs("haproxy", "openssl")
def test_haproxy_tells_services_apart_by_their_names(tmp_path: Path) -> None:
    container = Container("haproxy-certificates", "compose.yaml", "haproxy", tmp_path)
    container.certify("/etc/haproxy/certs/site.pem", "/etc/haproxy/key")
    pem = container.at("/etc/haproxy/certs/site.pem")
    chain = pem.read_text()
    pem.write_text(chain + container.at("/etc/haproxy/key").read_text())
    with backend("shop") as one, backend("admin") as two:
        command = haproxy(container, "/usr/local/etc/haproxy/haproxy.cfg", shop=one, admin=two)
        with serving(command, HAPROXY_READY):
            moved = Answer(f"http://127.0.0.1:{container.port('80')}/x", "shop.example.org")
            assert (moved.status, moved.headers["Location"]) == (301, "https://shop.example.org/x")
            url = f"https://localhost:{container.port('443')}/x"
            context = ssl.create_default_context(cadata=chain)
            assert Answer(url, "shop.example.org", context=context).first == "shop /x"
            page = Answer(url, context=context)
            assert page.first == "admin /x"
            assert page.headers["Strict-Transport-Security"]


@needs("haproxy")
def test_haproxy_starts_before_the_services_behind_it(tmp_path: Path) -> None:
    container = Container("haproxy-in-front", "compose.yaml", "balancer", tmp_path)
    with serving(haproxy(container, "/usr/local/etc/haproxy/haproxy.cfg"), HAPROXY_READY):
        assert Answer(f"http://127.0.0.1:{container.port('80')}/").status == 503


@needs("haproxy")
def test_haproxy_shares_requests_out(tmp_path: Path) -> None:
    container = Container("haproxy-balanced", "compose.yaml", "haproxy", tmp_path)
    with ExitStack() as stack:
        servers = {name: stack.enter_context(backend(name)) for name in ("web1", "web2", "api")}
        command = haproxy(container, "/usr/local/etc/haproxy/haproxy.cfg", **servers)
        stack.enter_context(serving(command, HAPROXY_READY))
        url = f"http://127.0.0.1:{container.port('8080')}"
        assert {Answer(f"{url}/").first for _ in range(4)} == {"web1 /", "web2 /"}
        assert Answer(f"{url}/api/scores").first == "api /api/scores"


CADDY_READY = "serving initial configuration"


@contextmanager
def caddy(container: Container, file: str, **variables: str) -> Iterator[None]:
    environment = {
        **os.environ, **variables, "CADDY_ADMIN": f"127.0.0.1:{free_port()}",
        "XDG_DATA_HOME": str(container.folder), "XDG_CONFIG_HOME": str(container.folder),
    }  # fmt: skip
    with serving(
        ["caddy", "run", "--config", file, "--adapter", "caddyfile"], CADDY_READY, env=environment
    ):
        yield


def caddyfiles() -> list[Path]:
    return sorted(CASES.glob("caddy-*/after/**/Caddyfile"))


@needs("caddy")
@pytest.mark.parametrize("path", caddyfiles(), ids=lambda path: str(path.relative_to(CASES)))
def test_caddy_takes_its_file_as_it_would_write_it(path: Path) -> None:
    environment = {**os.environ, "DOMAIN": "example.org", "SITE_ADDRESS": "example.org",
                   "ACME_EMAIL": "ops@example.org"}  # fmt: skip
    command = ["caddy", "adapt", "--config", str(path), "--adapter", "caddyfile"]
    check = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert check.returncode == 0, check.stderr
    formatted = subprocess.run(["caddy", "fmt", str(path)], capture_output=True, text=True)
    assert formatted.stdout == path.read_text()


@needs("caddy")
def test_caddy_routes_to_both_services(tmp_path: Path) -> None:
    container = Container("caddy-in-front", "compose.yaml", "caddy", tmp_path)
    file = container.at("/etc/caddy/Caddyfile")
    with backend("api") as one, backend("landing") as two:
        container.adapt(file, r"(^:)(\d+)", api=one, landing=two)
        port = free_port()
        with caddy(container, str(file), DOMAIN=f"http://localhost:{port}", ACME_EMAIL="a@example.org"):
            url = f"http://localhost:{port}"
            page = Answer(f"{url}/lots")
            assert page.body.splitlines() == ["landing /lots", f"localhost:{port}", "127.0.0.1", "http"]
            assert page.headers["X-Content-Type-Options"] == "nosniff"
            # Its sources have no route below /api.
            assert Answer(f"{url}/api/bids").first == "api /bids"
            assert speaks_websocket(port, "/live")


@needs("caddy")
def test_caddy_shows_one_page_for_all_paths(tmp_path: Path) -> None:
    container = Container("caddy-hosts", "compose.yaml", "web", tmp_path)
    file = container.at("/etc/caddy/Caddyfile")
    container.at("/srv/index.html").write_text("the page")
    with backend("shop") as one, backend("search") as two:
        text = container.adapt(file, r"(^:)(\d+)", shop=one, search=two)
        port = free_port()
        site = f"http://museum.example.org:{port}"
        file.write_text(text.replace("shop.example.org", f"http://shop.example.org:{port}"))
        with caddy(container, str(file), SITE_ADDRESS=site):
            url = f"http://127.0.0.1:{port}"
            assert Answer(f"{url}/rooms/3", "museum.example.org").body == "the page"
            assert Answer(f"{url}/search/vase", "museum.example.org").first == "search /search/vase"
            assert Answer(f"{url}/", "shop.example.org").first == "shop /"


def traefik(container: Container, path: str) -> list[str]:
    file = container.at(path)
    text = container.adapt(file, r"(address: \":)(\d+)")
    file.write_text(
        text.replace(
            "entryPoints:\n", f"entryPoints:\n  traefik:\n    address: ':{container.port('8080')}'\n"
        )
    )
    return [str(TRAEFIK), f"--configFile={file}"]


def test_traefik_routes_to_both_services(tmp_path: Path) -> None:
    container = Container("traefik-routes", "compose.yaml", "proxy", tmp_path)
    with backend("backend") as one, backend("frontend") as two:
        container.adapt(container.at("dynamic.yml"), r"(^:)(\d+)", backend=one, frontend=two)
        with serving(traefik(container, "/traefik.yml"), "Starting provider *file.Provider"):
            port = container.port("80")
            url = f"http://127.0.0.1:{port}"
            page = once_there(f"{url}/beds", "frontend")
            assert page.body == f"frontend /beds\n127.0.0.1:{port}\n127.0.0.1\nhttp"
            assert page.headers["X-Frame-Options"] == "SAMEORIGIN"
            assert Answer(f"{url}/api/beds").first == "backend /beds"
            assert speaks_websocket(port, "/live")
            assert set(statuses(port, "/api/", 1000)) == {200, 429}
            ping = Answer(f"http://127.0.0.1:{container.port('8080')}/ping")
            assert ping.body == "OK"


def once_there(url: str, part: str) -> Answer:
    """What is answered when a part of it is there: Traefik listens before it has read its routes."""
    for _ in range(10_000):
        answer = Answer(url)
        if part in answer.body:
            break
    return answer


def test_traefik_has_the_entry_points_and_middlewares_that_labels_name(tmp_path: Path) -> None:
    container = Container("traefik-labels", "compose.yaml", "traefik", tmp_path)
    file = container.at("/etc/traefik/traefik.yml")
    command = traefik(container, "/etc/traefik/traefik.yml")
    # There is no Docker here, and nobody to ask for a certificate.
    text = re.sub(r"(?m)^  docker:\n(    .*\n)+", "", file.read_text())
    text = re.sub(r"(?m)^certificatesResolvers:\n(  .*\n)+", "", text)
    file.write_text(text)
    with serving(command, "Starting provider *file.Provider"):
        dashboard = f"http://127.0.0.1:{container.port('8080')}/api/http/middlewares"
        assert "secure-headers@file" in once_there(dashboard, "@file").body
        moved = Answer(f"http://127.0.0.1:{container.port('80')}/x")
        assert moved.status in (301, 308)
        assert moved.headers["Location"].startswith("https://")
