"""Images built from Dockerfiles for real, and their containers started in a network of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fixer.documents.dockerfile import DockerfileDocument
from tests import base_images
from tests.base_images import run
from tests.servers import needs

builds = needs("buildah", "debootstrap", "unshare", "nsenter")
"""The mark of a module whose tests build."""

WAIT = """
import socket, sys, time
for _ in range(600):
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()
        break
    except OSError:
        time.sleep(0.1)
else:
    sys.exit("nobody listens")
"""


class Container:
    """A container that runs, in a network of its own."""

    def __init__(self, process: subprocess.Popen[str], name: str, log: Path) -> None:
        self.process = process
        self.name = name
        self._log = log

    @property
    def log(self) -> str:
        """What it has printed so far."""
        return self._log.read_text(errors="replace")

    def inside(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run one of this machine's programs in the container's network."""
        network = f"--net=/proc/{self.process.pid}/ns/net"
        return subprocess.run(["nsenter", network, *command], capture_output=True, text=True)

    def wait_for(self, port: int) -> None:
        """Come back as soon as a port is listened on."""
        waited = self.inside("python3", "-c", WAIT, str(port))
        assert waited.returncode == 0, self.log

    def get(self, port: int, path: str = "/") -> str:
        """Give what a page says."""
        got = self.inside("curl", "-sS", "--fail-with-body", f"http://127.0.0.1:{port}{path}")
        assert got.returncode == 0, got.stdout + got.stderr + self.log
        return got.stdout

    def execute(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the image beside the container's own, as a health check does."""
        network = f"--net=/proc/{self.process.pid}/ns/net"
        words = ["nsenter", network, "env", *_settings(), "buildah", "run", self.name, "--", *command]
        return subprocess.run(words, capture_output=True, text=True)

    def users(self) -> set[str]:
        """The numbers of the users that the processes in the container's network run as, this
        machine's own helpers left out."""
        own = Path(f"/proc/{self.process.pid}/ns/net").readlink()
        found = set()
        for each in Path("/proc").glob("[0-9]*"):
            try:
                is_inside = (each / "ns" / "net").readlink() == own
                command = (each / "cmdline").read_bytes()
                if is_inside and not any(word in command for word in (b"buildah", b"unshare", b"sleep")):
                    status = dict(
                        line.split(":\t", 1)
                        for line in (each / "status").read_text().splitlines()
                        if ":\t" in line
                    )
                    found.add(status["Uid"].split()[0])
            except OSError:
                continue
        return found


def _settings() -> list[str]:
    return [f"{name}={value}" for name, value in base_images.BUILDAH.items()]


def build(context: Path, dockerfile: str = "Dockerfile", target: str = "", **arguments: str) -> str:
    """Build an image from a folder, a copy, and give its name."""
    # Debian's buildah waits for itself where two stages of one build lock the same cache.
    path = context / dockerfile
    path.write_text(path.read_text().replace(",sharing=locked", ""))
    for image in _bases(context / dockerfile, arguments):
        base_images.make(image)
    name = f"localhost/dockfix-{uuid.uuid4().hex[:12]}"
    words = [word for key, value in arguments.items() for word in ("--build-arg", f"{key}={value}")]
    words += ["--target", target] if target else []
    run(
        "buildah", "bud", "--pull-never", "--format", "docker", "--layers=false", *words,
        "-f", str(path), "-t", name, str(context),
    )  # fmt: skip
    return name


def _bases(dockerfile: Path, arguments: dict[str, str]) -> list[str]:
    """The images that a Dockerfile starts from or copies from."""
    document = DockerfileDocument(dockerfile.read_bytes())
    names = {stage.name for stage in document.stages}
    values = dict(arguments)
    found = []
    for instruction in document.instructions:
        if instruction.name == "ARG":
            key, _, value = instruction.words[0].partition("=")
            values.setdefault(key, value.strip("\"'"))
        if instruction.name == "FROM":
            image = instruction.words[0]
            for key, value in values.items():
                image = image.replace(f"${{{key}}}", value).replace(f"${key}", value)
            found.append(image)
        found += [flag.partition("=")[2] for flag in instruction.flags if flag.startswith("--from=")]
    return [each for each in dict.fromkeys(found) if each not in names and each != "scratch"]


def settings_of(image: str) -> dict[str, object]:
    """What an image says of itself: user, command, labels, health check."""
    data = json.loads(run("buildah", "inspect", "--type", "image", image))
    config: dict[str, object] = data["Docker"]["config"]
    return config


def remove(image: str) -> None:
    """Remove an image, whose layers are whole copies of its files."""
    subprocess.run(["env", *_settings(), "buildah", "rmi", "-f", image], capture_output=True)


@contextmanager
def container(
    image: str, folder: Path, command: Sequence[str] = (), **variables: str
) -> Iterator[Container]:
    """Run an image's command, or another one, in a network of its own."""
    config = settings_of(image)
    entrypoint, own = config.get("Entrypoint") or [], config.get("Cmd") or []
    assert isinstance(entrypoint, list) and isinstance(own, list)
    name = run("buildah", "from", "--pull-never", image).strip()
    words = [*entrypoint, *(command or own)]
    flags = [word for key, value in variables.items() for word in ("--env", f"{key}={value}")]
    log = folder / f"{name}.log"
    # The network is there as soon as the other end of the pipe is closed.
    reading, writing = os.pipe()
    # As in Docker's, any user may listen on any port in it.
    ports = "/proc/sys/net/ipv4/ip_unprivileged_port_start"
    script = f'ip link set lo up && echo 0 >{ports} && exec {writing}>&- && exec buildah run "$@"'
    joined = ["unshare", "--net", "env", *_settings(), "bash", "-c", script, "bash"]
    start = [*joined, *flags, name, "--", *words]
    with open(log, "w") as output:
        process = subprocess.Popen(
            start,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            pass_fds=[writing],
        )
    os.close(writing)
    os.read(reading, 1)
    os.close(reading)
    try:
        yield Container(process, name, log)
    finally:
        _stop(process)
        subprocess.run(["env", *_settings(), "buildah", "rm", name], capture_output=True)


def _stop(process: subprocess.Popen[str]) -> None:
    """End everything that runs in the container's network."""
    try:
        own = Path(f"/proc/{process.pid}/ns/net").readlink()
    except OSError:
        return
    for each in Path("/proc").glob("[0-9]*"):
        try:
            if (each / "ns" / "net").readlink() == own:
                subprocess.run(["kill", "-KILL", each.name], capture_output=True)
        except OSError:
            continue
    process.wait()


def copied(source: Path, folder: Path) -> Path:
    """Copy a tree of the fixtures, which a build must not change."""
    return Path(shutil.copytree(source, folder, dirs_exist_ok=True))
