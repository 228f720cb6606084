"""A GitHub for the real `gh`: a server that answers as its API does."""

from __future__ import annotations

import http.server
import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
REPOSITORY = "/api/v3/repos/octo/app"


class Hub(http.server.ThreadingHTTPServer):
    """A GitHub with one repository, which was renamed from `octo/old`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Requests)
        self.pulls: list[dict[str, Any]] = []
        self.refusal: tuple[int, dict[str, Any]] | None = None

    @property
    def host(self) -> str:
        return f"localhost:{self.server_address[1]}"

    def open(self, repository: str, branch: str, content: dict[str, Any]) -> dict[str, Any]:
        number = len(self.pulls) + 1
        url = f"https://{self.host}/octo/app/pull/{number}"
        head = {"ref": branch, "repo": {"full_name": repository}}
        self.pulls.append({"number": number, "html_url": url, "head": head, **content})
        return self.pulls[-1]


class Requests(http.server.BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path in (REPOSITORY, "/api/v3/repos/octo/old"):
            return self.answer(200, {"full_name": "octo/app", "owner": {"login": "octo"}})
        if url.path != f"{REPOSITORY}/pulls":
            return self.answer(404, {"message": "Not Found"})
        owner, _, branch = parse_qs(url.query)["head"][0].partition(":")
        assert owner == "octo"
        return self.answer(200, [pull for pull in self.server.pulls if pull["head"]["ref"] == branch])

    def do_POST(self) -> None:
        content = self.content()
        if self.server.refusal is not None:
            return self.answer(*self.server.refusal)
        return self.answer(201, self.server.open("octo/app", content.pop("head"), content))

    def do_PATCH(self) -> None:
        pull = self.server.pulls[int(self.path.rpartition("/")[2]) - 1]
        pull |= self.content()
        return self.answer(200, pull)

    def content(self) -> Any:
        length = self.headers["Content-Length"]
        if length is not None:
            return json.loads(self.rfile.read(int(length)))
        text = b""
        while size := int(self.rfile.readline(), 16):
            text += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return json.loads(text)

    def answer(self, status: int, content: Any) -> None:
        if self.headers["Authorization"] != f"token {TOKEN}":
            status, content = 401, {"message": "Bad credentials"}
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("certificate") / "both.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *names]
    subprocess.run([*command, "-keyout", path, "-out", path], check=True, capture_output=True)
    return path


@pytest.fixture
def hub(certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    server = Hub()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    variables = {
        "GH_HOST": server.host,
        "GH_ENTERPRISE_TOKEN": TOKEN,
        "SSL_CERT_FILE": str(certificate),
        "GH_CONFIG_DIR": str(tmp_path / "gh"),
        "NO_PROXY": "localhost",
        # What would change the output of `gh`.
        "GH_FORCE_TTY": "80",
        "GH_DEBUG": "api",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for name in ("GITHUB_ACTIONS", "GH_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    yield server
    server.shutdown()
