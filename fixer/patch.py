"""A plan as a unified diff that `git apply` takes, and hunks taken back from an edited text."""

from __future__ import annotations

from collections.abc import Iterator

from fixer.plan import FileChange, FileState, Plan

CONTEXT = 3
LARGE = 2000
"""Lines from which on frequent ones are not matched: else the time grows with their square."""

NO_NEWLINE = b"\\ No newline at end of file\n"
ESCAPES = {
    7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r",
    34: '\\"', 92: "\\\\",
}  # fmt: skip


def render(plan: Plan) -> bytes:
    """Give the whole plan as one patch, in git's format, with paths relative to the plan's root.

    Git knows two modes only, so that a file which is its owner's alone needs more: `owners_alone`.
    """
    original = _originals(plan)
    changes = [
        # Git copies what stands on the disk. Where a step edited the source or the copy, that is
        # not what the plan ends with, so the whole content is given.
        change
        if change.source and change.after == original[change.source]
        else change._replace(source=None)
        for change in plan.changes
    ]
    removed = {change.path for change in changes if change.after is None}
    renames: dict[str, str] = {}
    for change in changes:
        if change.before is None and change.source in removed and change.source is not None:
            renames.setdefault(change.source, change.path)
    return b"".join(b"".join(_file(change, renames)) for change in changes if change.path not in renames)


def owners_alone(plan: Plan) -> list[str]:
    """Give the paths that only their owner may read, which `git apply` opens to everyone."""
    return [
        change.path
        for change in plan.changes
        if change.after is not None and not change.after.mode & 0o077
    ]


def _originals(plan: Plan) -> dict[str, FileState | None]:
    """What each path that the plan names held before it."""
    original: dict[str, FileState | None] = {}
    for step in plan.steps:
        for change in step.changes:
            original.setdefault(change.path, change.before)
        for change in step.changes:
            if change.source is not None:
                # A source that no step has touched yet is what its copy is.
                original.setdefault(change.source, change.after)
    return original


def _file(change: FileChange, renames: dict[str, str]) -> Iterator[bytes]:
    before, after = change.before, change.after
    old_name, new_name = change.path, change.path
    old_content = before.content if before else b""
    new_content = after.content if after else b""
    lines: list[str] = []
    if before is None and after is not None and change.source is not None:
        old_name = change.source
        verb = "rename" if renames.get(change.source) == change.path else "copy"
        lines = [
            "similarity index 100%",
            f"{verb} from {_name(old_name)}",
            f"{verb} to {_name(new_name)}",
        ]
        old_content = after.content
    elif before is None and after is not None:
        lines = [f"new file mode {_mode(after)}"]
    elif after is None and before is not None:
        lines = [f"deleted file mode {_mode(before)}"]
    elif before and after and _mode(before) != _mode(after):
        lines = [f"old mode {_mode(before)}", f"new mode {_mode(after)}"]
    elif old_content == new_content:
        # A change of mode that git does not know of; a bare header would spoil the patch.
        return
    yield f"diff --git {_name('a/' + old_name)} {_name('b/' + new_name)}\n".encode(
        errors="surrogateescape"
    )
    for line in lines:
        yield f"{line}\n".encode(errors="surrogateescape")
    if old_content == new_content:
        return
    yield _header("---", f"a/{old_name}" if before else None)
    yield _header("+++", f"b/{new_name}" if after else None)
    yield from hunks(old_content, new_content)


def _header(mark: str, name: str | None) -> bytes:
    if name is None:
        return f"{mark} /dev/null\n".encode()
    # A name with a blank needs a tab behind it, or what follows the blank is taken for a date.
    tab = "\t" if " " in name and _name(name) == name else ""
    return f"{mark} {_name(name)}{tab}\n".encode(errors="surrogateescape")


def hunks(old: bytes, new: bytes) -> Iterator[bytes]:
    """Yield the lines of the hunks that lead from one content to another."""
    from difflib import unified_diff

    lines = unified_diff(_lines(old), _lines(new), n=CONTEXT, lineterm="\n")
    for index, line in enumerate(lines):
        if index < 2:
            continue
        data = line.encode("latin-1")
        yield data
        if not data.endswith(b"\n"):
            yield b"\n" + NO_NEWLINE


def _lines(content: bytes) -> list[str]:
    """The lines of a content, split at line feeds alone, each byte as one character."""
    lines = [line + "\n" for line in content.decode("latin-1").split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _mode(state: FileState) -> str:
    return "100755" if state.mode & 0o100 else "100644"


def _name(path: str) -> str:
    """A path as git writes it: in quotes where it has bytes that need escaping, or where a part
    of it ends in a blank: there git fails to tell the header's two names apart."""
    data = path.encode("utf-8", "surrogateescape")
    if " /" not in f"{path}/" and all(32 <= byte < 127 and byte not in (34, 92) for byte in data):
        return path
    escaped = "".join(
        ESCAPES.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}") for byte in data
    )
    return f'"{escaped}"'


def reverse(current: bytes, before: bytes, after: bytes) -> bytes | None:
    """Take the change from `before` to `after` back from a text that was edited since.

    Each hunk must stand in `current` with its context, at one place only, and behind the hunk before
    it. Gives None where one does not.
    """
    from difflib import SequenceMatcher

    old, new, text = _lines(before), _lines(after), _lines(current)
    matcher = SequenceMatcher(None, new, old, autojunk=len(new) > LARGE)
    result: list[str] = []
    end = 0
    for group in matcher.get_grouped_opcodes(CONTEXT):
        first, last = group[0], group[-1]
        present, wanted = new[first[1] : last[2]], old[first[3] : last[4]]
        places = [
            index
            for index in range(len(text) - len(present) + 1)
            if text[index : index + len(present)] == present
        ]
        if len(places) != 1 or places[0] < end:
            return None
        result += [*text[end : places[0]], *wanted]
        end = places[0] + len(present)
    return "".join([*result, *text[end:]]).encode("latin-1")
