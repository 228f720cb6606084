"""Logins after their files were moved, asked of the real nginx, whose workers are not root."""

from __future__ import annotations

import http.server
import re
import threading
import urllib.error
import urllib.request
from base64 import b64encode
from pathlib import Path

from tests.cases import cases, dockfix, repository_of
from tests.servers import after, free_port, needs, running, service_of

CASE = next(case for case in cases() if case.name == "secret-file-in-repository/basic-auth")


@needs("nginx")
def test_workers_read_the_moved_file(tmp_path: Path) -> None:
    """The container's paths are mapped to what the fixed stack mounts there."""
    repository = repository_of(CASE.before, tmp_path / "repository")
    dockfix(repository, "--apply", *CASE.arguments)
    port = free_port()
    configuration = _configuration(repository, port)
    with running(["nginx", "-c", str(configuration), "-g", "daemon off;"], "start worker process"):
        assert _status(port, "anna", "gravel-moth-51") == 200
        assert _status(port, "ben", "pewter-inlet-78") == 200
        assert _status(port) == 401
        assert _status(port, "anna", "pewter-inlet-78") == 401
        assert _status(port, "carla", "gravel-moth-51") == 401
        (repository / "secrets" / ".htpasswd").chmod(0o600)
        assert _status(port, "anna", "gravel-moth-51") == 500, "the workers have the rights of root"


def _configuration(repository: Path, port: int) -> Path:
    """An nginx.conf around the site of the stack's service, below folders that everyone may enter."""
    folder = repository.parent
    for parent in (folder, *list(folder.parents)[:-2]):
        parent.chmod(0o755)
    service = service_of(repository, "compose.yaml", "web")
    sources = {mount.target: str(repository / mount.path) for mount in service.bind_mounts if mount.path}
    site = Path(sources["/etc/nginx/conf.d/default.conf"]).read_text()
    for target, source in sources.items():
        site = site.replace(target, source)
    pages = folder / "pages"
    pages.mkdir()
    (pages / "index.html").write_text("reports")
    site = site.replace("/usr/share/nginx/html", str(pages)).replace("listen 80", f"listen {port}")
    path = folder / "nginx.conf"
    path.write_text(
        f"user www-data;\npid {folder}/nginx.pid;\nerror_log /dev/stderr notice;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{site}}}\n"
    )
    return path


def _status(port: int, *login: str) -> int:
    """The status of the answer to a request with a login, or without one."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/")
    if login:
        request.add_header("Authorization", "Basic " + b64encode(":".join(login).encode()).decode())
    try:
        with urllib.request.urlopen(request) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


@needs("nginx")
def test_nginx_sends_on_the_login_of_the_secret(tmp_path: Path) -> None:
    folder = after("authorization-in-nginx-configuration/before-a-registry")
    secret = tmp_path / "web_authorization"
    secret.write_bytes((folder / "secrets" / "web_authorization.txt").read_bytes())
    secret.chmod(0o600)
    port = free_port()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Heard)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site = (folder / "nginx" / "conf.d" / "default.conf").read_text()
    site = re.sub(r"http://\w+:\d+", f"http://127.0.0.1:{server.server_port}", site)
    site = site.replace("/run/secrets", str(tmp_path)).replace("listen 80", f"listen {port}")
    path = tmp_path / "nginx.conf"
    path.write_text(
        f"pid {tmp_path}/nginx.pid;\nerror_log /dev/stderr notice;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{site}}}\n"
    )
    with running(["nginx", "-c", str(path), "-g", "daemon off;"], "start worker process"):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as response:
            assert response.read() == b"Basic " + b64encode(b"shelf:wq7-harbor-21")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/stock") as response:
            assert response.read() == b""
    server.shutdown()


class Heard(http.server.BaseHTTPRequestHandler):
    """Answers with the login that it was asked with."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write((self.headers["Authorization"] or "").encode())

    def log_message(self, *_: object) -> None:
        pass
