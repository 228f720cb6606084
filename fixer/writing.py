"""Files that are replaced as a whole, and those that are named on the command line to be written."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path


def replace(path: Path, content: bytes, mode: int) -> None:
    """Replace a file by rename, with its content on disk before it takes the name."""
    import tempfile

    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".dockfix-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def is_led_out(path: Path, root: Path) -> bool:
    """Say whether a path goes by a link in the root that leads out of it: whoever committed the link has
    chosen that file, not the user. A path that is written as one outside was chosen."""
    if Path(os.path.realpath(path)).is_relative_to(root):
        return False
    written = Path.cwd() / path
    return any(
        each.is_symlink() and Path(os.path.realpath(each.parent)).is_relative_to(root)
        for each in (written, *written.parents)
    )


def write(path: Path, text: str) -> None:
    """Write a file that was named, whole or not at all.

    Raises OSError.
    """
    content = text.encode()
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        mode = stat.S_IFREG | 0o644
    if stat.S_ISREG(mode):
        replace(Path(os.path.realpath(path)), content, stat.S_IMODE(mode))
    else:
        # A pipe, such as /dev/stdout, is written to; it cannot be replaced.
        path.write_bytes(content)
