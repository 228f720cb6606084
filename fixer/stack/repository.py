"""The files around a stack, read as git sees them and never outside the root."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from fixer import git
from fixer.plan import FileState

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

Parsed = TypeVar("Parsed")

SKIPPED_FOLDERS = {".git", ".venv", "node_modules", "__pycache__", "venv"}
"""Folders that a walk leaves out where there is no git to say what is ignored."""

MAXIMUM_TEXT = 1_000_000
"""Larger files, in bytes, are not among those that are searched."""

MAKES_A_FILE = (
    r">|\b(cp|mv|ln|install|touch|tee|mkdir|openssl|envsubst|mkcert|htpasswd|keytool)\b|\bcurl\b"
)
"""What a script's line has that creates a file."""

MADE = r"""(>\s*|\b(?:touch|tee|mkdir|htpasswd)\b[^|;&]*\s|-(?:o|out|keyout)\s+
|\b(?:cp|mv|ln|install)\b[^|;&]*\s)["']?(?P<path>[^\s"']*(?<![\w.-]){name})["']?\s*(?:$|[;&|#)]|2>)"""
"""A line in which the file `{name}` is what a redirection or a command makes, not what it reads."""

MAXIMUM_READ = 100_000_000
"""Larger files, in bytes, are not read at all: memory has a bound."""

SCRIPTS = (".sh", ".bash", ".mk", ".ps1", ".yml", ".yaml")


class Repository:
    """A folder and the files below it, with changes that are planned but not written laid over it.

    Paths are relative to the root, in POSIX form. A path that leads out of the root, by `..` or by
    a link, reads as absent. `excluded` are patterns, as in a `.gitignore`, of paths that are not to be
    looked at: they are in no list of files, and can still be read where a stack names them.
    """

    def __init__(
        self,
        root: Path,
        overlay: Mapping[str, FileState | None] | None = None,
        excluded: tuple[str, ...] = (),
    ) -> None:
        self.root = root
        self._excluded = excluded
        self._overlay = dict(overlay or {})
        self._read: dict[str, FileState | None] = {}
        self._parsed: dict[tuple[str, object], tuple[bytes, Any]] = {}
        self._outside: dict[str, bool] = {}
        self._ignored: dict[str, bool] = {}

    def with_changes(self, states: Mapping[str, FileState | None]) -> Repository:
        """Give this repository as it will be after the changes."""
        changed = Repository(self.root, {**self._overlay, **states}, self._excluded)
        changed._read = self._read
        changed._parsed = self._parsed
        changed._outside = self._outside
        changed._ignored = self._ignored
        for name in {"_on_disk", "submodules", "_exclusion"} & self.__dict__.keys():
            changed.__dict__[name] = self.__dict__[name]
        return changed

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Every file that git would show, ignored ones left out, in order of path."""
        gone = {path for path, state in self._overlay.items() if state is None}
        added = {path for path, state in self._overlay.items() if state is not None}
        shown = (self._on_disk - gone) | added
        return tuple(sorted(path for path in shown if not self.is_excluded(path)))

    @cached_property
    def _on_disk(self) -> frozenset[str]:
        listed = git.run(self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        if listed is None:
            return frozenset(self._walk())
        return frozenset(
            path for path in os.fsdecode(listed).split("\0") if path and (self.root / path).is_file()
        )

    def _walk(self) -> Iterator[str]:
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
            for name in names:
                yield Path(folder, name).relative_to(self.root).as_posix()

    def is_excluded(self, path: str) -> bool:
        """Say whether a path is one of those that are not to be looked at."""
        return bool(self._excluded) and self._exclusion.match_file(path)

    @cached_property
    def _exclusion(self) -> GitIgnoreSpec:
        from pathspec import GitIgnoreSpec

        return GitIgnoreSpec.from_lines(self._excluded)

    @cached_property
    def submodules(self) -> tuple[str, ...]:
        """The folders that hold other repositories, as `.gitmodules` names them."""
        if not self.is_file(".gitmodules"):
            return ()
        found = git.run(self.root, "config", "-z", "--file", ".gitmodules", "--get-regexp", r"\.path$")
        entries = os.fsdecode(found or b"").split("\0")
        return tuple(entry.partition("\n")[2] for entry in entries if entry)

    def is_unknown(self, path: str) -> bool:
        """Say whether a path lies in a submodule that is not checked out, so that nobody can tell."""
        return any(
            path.startswith(f"{folder}/") and not self.listed(folder) for folder in self.submodules
        )

    def outside(self, path: str) -> bool:
        """Say whether a path leads out of the root, textually or through a link."""
        if path not in self._outside:
            self._outside[path] = self._leads_outside(path)
        return self._outside[path]

    def _leads_outside(self, path: str) -> bool:
        if "\0" in path or path.startswith("/") or os.path.normpath(path).split("/")[0] == "..":
            return True
        try:
            real = os.path.realpath(self.root / path)
        except (OSError, ValueError):
            return True
        try:
            os.stat(real)
        except FileNotFoundError:
            pass
        except OSError:
            # A link to itself, or a path below a file: nothing can stand there.
            return True
        root = os.path.realpath(self.root)
        return real != root and not real.startswith(root.rstrip("/") + "/")

    def state(self, path: str) -> FileState | None:
        """Give a file's bytes and mode, or None where there is no regular file that can be read, or
        one larger than `MAXIMUM_READ`."""
        if path in self._overlay:
            return self._overlay[path]
        if path not in self._read:
            self._read[path] = self._load(path)
        return self._read[path]

    def _load(self, path: str) -> FileState | None:
        if self.outside(path):
            return None
        try:
            found = os.stat(self.root / path)
            # Opening a pipe would wait for someone to write to it.
            if not stat.S_ISREG(found.st_mode) or found.st_size > MAXIMUM_READ:
                return None
            with open(self.root / path, "rb") as file:
                return FileState(file.read(), found.st_mode & 0o777)
        except (OSError, ValueError):
            return None

    def read(self, path: str) -> bytes | None:
        """Give a file's bytes, or None where there is no readable file."""
        state = self.state(path)
        return state.content if state else None

    def parsed(self, path: str, parse: Callable[[str, bytes], Parsed]) -> Parsed | None:
        """Give what `parse` makes of a path and its bytes, which is done once for each content; None
        where there is no readable file. Raises what `parse` raises."""
        content = self.read(path)
        if content is None:
            return None
        known = self._parsed.get((path, parse))
        if known is None or known[0] != content:
            known = self._parsed[path, parse] = (content, parse(path, content))
        result: Parsed = known[1]
        return result

    def searchable(self, path: str) -> bytes | None:
        """Give the bytes of a file that is one of many to search; None for a large one, unread."""
        if path not in self._overlay and path not in self._read:
            try:
                if os.stat(self.root / path).st_size > MAXIMUM_TEXT:
                    return None
            except (OSError, ValueError):
                return None
        content = self.read(path)
        return content if content is not None and len(content) <= MAXIMUM_TEXT else None

    def is_file(self, path: str) -> bool:
        """Say whether a regular file stands at a path."""
        if path in self._overlay:
            return self._overlay[path] is not None
        return not self.outside(path) and (self.root / path).is_file()

    def is_link(self, path: str) -> bool:
        """Say whether a path is a link, or leads through one."""
        parts = path.split("/")
        folders = ("/".join(parts[: end + 1]) for end in range(len(parts)))
        return any(os.path.islink(self.root / folder) for folder in folders)

    def is_directory(self, path: str) -> bool:
        """Say whether a folder stands at a path."""
        prefix = f"{path}/" if path not in ("", ".") else ""
        if any(state and each.startswith(prefix) for each, state in self._overlay.items()):
            return True
        return not self.outside(path) and (self.root / path).is_dir()

    def exists(self, path: str) -> bool:
        """Say whether anything stands at a path."""
        if path in self._overlay:
            return self._overlay[path] is not None
        if self.is_directory(path):
            return True
        return not self.outside(path) and os.path.lexists(self.root / path)

    def is_missing(self, path: str) -> bool:
        """Say whether it is known that nothing stands at a path inside of the root."""
        return not (self.outside(path) or self.exists(path) or self.is_unknown(path))

    def is_ignored(self, path: str) -> bool:
        """Say whether git would ignore a file at this path; False without git."""
        if self.outside(path):
            return False
        if path not in self._ignored:
            answer = git.run(self.root, "check-ignore", "-q", "--", path)
            self._ignored[path] = answer is not None
        return self._ignored[path]

    def is_left_out(self, path: str) -> bool:
        """Say whether git ignores this very file or its folder. A pattern for a whole kind of file
        (`*.sql`) does not count: it says nothing of this one."""
        if not self.is_ignored(path):
            return False
        answer = git.run(self.root, "check-ignore", "-v", "--", path) or b""
        pattern = os.fsdecode(answer).partition("\t")[0].rpartition(":")[2]
        return not pattern.startswith("*.")

    def is_tracked(self, path: str) -> bool:
        """Say whether a file is under version control."""
        return bool(git.run(self.root, "--literal-pathspecs", "ls-files", "-z", "--", path))

    def is_encrypted(self, path: str) -> bool:
        """Say whether git keeps a file through a filter, as git-crypt does to encrypt it; large files,
        which git keeps elsewhere, do not count."""
        answer = git.run(self.root, "check-attr", "-z", "filter", "--", path) or b""
        return answer.split(b"\0")[2:3] not in ([], [b"unspecified"], [b"unset"], [b"lfs"])

    def listed(self, folder: str) -> list[str]:
        """Give the paths of what lies directly in a folder, without asking git."""
        if self.outside(folder or "."):
            return []
        try:
            names = sorted(os.listdir(self.root / folder))
        except OSError:
            return []
        paths = [f"{folder}/{name}" if folder else name for name in names]
        return [path for path in paths if not self.is_excluded(path)]

    def below(self, folder: str) -> list[str]:
        """Give the files below a folder, of the root those of the repository."""
        prefix = f"{folder}/" if folder not in ("", ".") else ""
        return [path for path in self.files if path.startswith(prefix)]

    def named(self, name: str) -> list[str]:
        """Give the files whose name, without folders, is `name`."""
        return self._by_name.get(name, [])

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        by_name: dict[str, list[str]] = {}
        for path in self.files:
            by_name.setdefault(path.rpartition("/")[2], []).append(path)
        return by_name

    def generated(self, path: str) -> str | None:
        """Give the place (`setup.sh:12`) of a script's line that makes the file, or None."""
        name = path.rpartition("/")[2]
        made = re.compile(MADE.replace("{name}", re.escape(name)), re.VERBOSE)
        for script, number, line in self._lines_that_make_files:
            found = made.search(line) if name in line else None
            if found is not None and _may_be(found["path"], script, path):
                return f"{script}:{number}"
        return None

    @cached_property
    def _lines_that_make_files(self) -> list[tuple[str, int, str]]:
        found: list[tuple[str, int, str]] = []
        for path in self.files:
            name = path.rpartition("/")[2]
            is_script = name.endswith(SCRIPTS[:4]) or name in ("Makefile", "justfile")
            is_script = is_script or (path.startswith(".github/") and name.endswith(SCRIPTS[4:]))
            content = self.searchable(path) if is_script else None
            if content is None:
                continue
            for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
                if re.search(MAKES_A_FILE, line) and not line.lstrip().startswith("#"):
                    found.append((path, number, line))
        return found


def _may_be(written: str, script: str, path: str) -> bool:
    """Whether a path in a script's line can be the one that is looked for: it ends alike, and a bare
    name is made where the script lies. What stands before a variable's value is not known."""
    known = re.sub(r"^.*\$[^/]*/", "", written)
    parts = [part for part in known.split("/") if part not in ("", ".", "..")]
    if path.split("/")[-len(parts) :] != parts:
        return False
    folder = script.rpartition("/")[0]
    if known != written:
        return len(parts) > 1 or path.startswith(f"{folder}/" if folder else "")
    return path in (written.removeprefix("./"), os.path.normpath(os.path.join(folder, written)))
