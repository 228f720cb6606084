"""Programs on a real terminal of 80 columns, as a person has one."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import termios
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from select import select

PATIENCE = 60
"""Seconds after which a program that says nothing has failed."""


class Terminal:
    """A program that was started on a terminal, and what it has shown so far."""

    def __init__(self, process: int, descriptor: int) -> None:
        self.process = process
        self.descriptor = descriptor
        self.shown = b""

    def press(self, keys: str) -> None:
        """Give it what a person types."""
        os.write(self.descriptor, keys.encode())

    def wait_for(self, text: str) -> None:
        """Read until it has shown a text after what was read before."""
        start = len(self.shown)
        while text.encode() not in self.shown[start:]:
            assert self._read(), f"{text} was not shown, but {self.shown.decode()}"

    def end(self) -> int:
        """Read until it ends and give its exit status."""
        while self._read():
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])

    def _read(self) -> bool:
        assert select([self.descriptor], [], [], PATIENCE)[0], self.shown.decode()
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:  # Linux says so of a terminal whose programs have ended.
            return False
        self.shown += data
        return bool(data)


@contextmanager
def terminal(command: list[str], folder: Path, environment: Mapping[str, str]) -> Iterator[Terminal]:
    """Start a program on a terminal; it is killed at the end, if it still runs."""
    process, descriptor = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.execvpe(command[0], command, environment)
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    started = Terminal(process, descriptor)
    try:
        yield started
    finally:
        # It may have ended.
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        os.close(descriptor)
