"""Dockerfiles that read a secret from a mount, built by buildah: nothing of the secret stays."""

from __future__ import annotations

import http.server
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases import FIXTURES
from tests.servers import needs

TOKEN = "right-token-5521"

WITH_VARIABLES = (
    'for file in /run/secrets/*; do if [ -f "$file" ]; then'
    ' export "$(basename "$file" | tr a-z A-Z)=$(cat "$file")"; fi; done; eval "$0"'
)
"""A shell that has the mounted secrets as variables: `env=` in a mount is BuildKit's, and buildah does
not know it."""


class Downloads(http.server.BaseHTTPRequestHandler):
    """Serves a file to those who have the token."""

    def do_GET(self) -> None:
        is_known = self.headers["Authorization"] == f"Bearer {TOKEN}"
        self.send_response(200 if is_known else 401)
        self.end_headers()
        self.wfile.write(b"what was asked for" if is_known else b"")

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Downloads)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/file"
    server.shutdown()


class Builder:
    """buildah with a storage of its own, in which `busybox:1.37` is this machine's busybox."""

    def __init__(self, folder: Path) -> None:
        self.options = ["--root", str(folder / "root"), "--runroot", str(folder / "run")]
        self.options += ["--storage-driver", "vfs"]
        root = folder / "busybox"
        for name in ("bin", "etc", "tmp"):
            (root / name).mkdir(parents=True)
        busybox = str(shutil.which("busybox"))
        shutil.copy(busybox, root / "bin" / "busybox")
        for applet in subprocess.check_output([busybox, "--list"], text=True).split():
            if applet != "busybox":
                (root / "bin" / applet).symlink_to("busybox")
        container = self.run("from", "scratch")
        self.run("add", "--quiet", container, str(root), "/")
        self.run("config", "--env", "PATH=/bin", container)
        self.run("commit", "--quiet", container, "docker.io/library/busybox:1.37")

    def run(self, command: str, *arguments: str, **environment: str) -> str:
        result = subprocess.run(
            ["buildah", *self.options, command, *arguments],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **environment},
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout.strip()

    def build(self, dockerfile: Path, *arguments: str, **environment: str) -> str:
        options = [
            "--isolation",
            "chroot",
            "--pull-never",
            "--format",
            "docker",
            "--no-cache",
            "--quiet",
        ]
        context = str(dockerfile.parent)
        return self.run("build", *options, *arguments, "-f", str(dockerfile), context, **environment)


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    return Builder(tmp_path_factory.mktemp("buildah"))


def stays(builder: Builder, image: str) -> list[str]:
    """Where an image shows the token: in what `inspect` tells (the configuration and the history), and
    in its files."""
    found = ["inspect"] if TOKEN in builder.run("inspect", "--type", "image", image) else []
    container = builder.run("from", "--pull-never", image)
    root = Path(builder.run("mount", container))
    files = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    assert any(path.read_bytes() == b"what was asked for" for path in files)
    return found + [str(path) for path in files if TOKEN.encode() in path.read_bytes()]


CASES = [
    ("secret-build-argument/downloads-with-a-token", "TILES", ""),
    ("secret-in-dockerfile/two-stages", "FONTS", "--target=fonts"),
]


@needs("buildah", "busybox")
@pytest.mark.parametrize(("case", "name", "target"), CASES)
def test_the_secret_stays_only_where_it_was_an_argument(
    case: str, name: str, target: str, builder: Builder, address: str, tmp_path: Path
) -> None:
    """The image after a fix has what was downloaded with the token and not the token, while the image
    before has both."""
    arguments = [target] if target else []
    arguments += ["--build-arg", f"{name}_URL={address}"]
    before = (FIXTURES / case / "before" / "Dockerfile").read_text()
    old = tmp_path / "old" / "Dockerfile"
    old.parent.mkdir()
    old.write_text(re.sub(r"(ENV \w+_TOKEN=).*", rf"\g<1>{TOKEN}", before))
    image = builder.build(old, *arguments, "--build-arg", f"{name}_TOKEN={TOKEN}")
    assert stays(builder, image) == ["inspect"]

    secret = f"{name.lower()}_token"
    after = (FIXTURES / case / "after" / "Dockerfile").read_text()
    mount = f"--mount=type=secret,id={secret}"
    assert f"{mount},env={name}_TOKEN" in after
    shell = f"SHELL {json.dumps(['/bin/sh', '-c', WITH_VARIABLES])}"
    new = tmp_path / "new" / "Dockerfile"
    new.parent.mkdir()
    after = after.replace(f"{mount},env={name}_TOKEN", mount)
    new.write_text(re.sub(r"(?m)^FROM .*", lambda found: f"{found[0]}\n{shell}", after))
    environment = {f"{name}_TOKEN": TOKEN}
    option = f"--secret=id={secret},env={name}_TOKEN"
    assert stays(builder, builder.build(new, *arguments, option, **environment)) == []


FIXES = (
    "password-in-run-instruction",
    "secret-build-argument",
    "secret-file-in-image",
    "secret-in-dockerfile",
)
CHANGED = [path for fix in FIXES for path in sorted((FIXTURES / fix).glob("*/after/**/*Dockerfile"))]


@pytest.mark.parametrize("path", CHANGED, ids=lambda path: path.relative_to(FIXTURES).parts[1])
def test_hadolint_finds_nothing_new(path: Path) -> None:
    hadolint = Path(sys.executable).parent / "hadolint"

    def rules(dockerfile: Path) -> set[str]:
        command = [str(hadolint), "--no-fail", "--format", "json", str(dockerfile)]
        return {each["code"] for each in json.loads(subprocess.check_output(command))}

    fix, case, _, *inside = path.relative_to(FIXTURES).parts
    assert rules(path) <= rules(FIXTURES.joinpath(fix, case, "before", *inside))
