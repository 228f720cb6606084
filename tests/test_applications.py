"""The applications of the fixtures started for real: with the variable before, with the file after."""

from __future__ import annotations

import hmac
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cases import FIXTURES, dockfix, repository_of

SECRET = "a-secret-of-this-test"
COMMANDS = {
    "flask-shop": ["flask", "--app", "shop", "run", "--port", "PORT"],
    "fastapi-settings": ["uvicorn", "shop.main:app", "--port", "PORT"],
    "django-shop": [
        "django", "runserver", "--pythonpath", ".", "--settings", "shop.settings", "--noreload", "PORT",
    ],
}  # fmt: skip
"""Each application's start, as its Dockerfile has it, by the name of the case."""


@contextmanager
def running(folder: Path, case: str, variables: Mapping[str, str]) -> Iterator[int]:
    """An application that listens, with these variables and no others of its own; gives the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [str(port) if word == "PORT" else word for word in COMMANDS[case]]
    environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **variables}
    process = subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        while True:
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, process.stdout and process.stdout.read().decode()
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.communicate()


def answer(port: int, key: str) -> int:
    """The status of a request that is signed with a key."""
    signature = hmac.new(key.encode(), b"ada", "sha256").hexdigest()
    url = f"http://127.0.0.1:{port}/basket/ada?signature={signature}"
    try:
        with urllib.request.urlopen(url) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("case", COMMANDS)
def test_the_secret_reaches_the_application_as_a_file(case: str, tmp_path: Path) -> None:
    before = FIXTURES / "variable-not-read-from-file" / case / "before"
    repository = repository_of(before, tmp_path / "shop")
    folder = repository / "shop"
    with running(folder, case, {"SESSION_SECRET": SECRET}) as port:
        assert (answer(port, SECRET), answer(port, "another-key")) == (200, 403)
    select = ["--select", "variable-not-read-from-file"]
    assert dockfix(repository, "--apply", "--unsafe", *select).returncode == 0
    with running(folder, case, {"SESSION_SECRET": SECRET}) as port:
        assert (answer(port, SECRET), answer(port, "another-key")) == (200, 403)

    mounted = tmp_path / "mounted"
    mounted.mkdir()
    (mounted / "session_secret").write_text(f"{SECRET}\n")
    for path in folder.rglob("*.py"):
        path.write_text(path.read_text().replace("/run/secrets", str(mounted)))
    file = {"SESSION_SECRET_FILE": str(mounted / "session_secret")}
    with running(folder, case, file) as port:
        assert (answer(port, SECRET), answer(port, "another-key")) == (200, 403)
