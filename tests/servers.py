"""Real servers for tests: what is asked of a machine that has them, and how they are started."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
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
