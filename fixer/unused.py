"""Which comments ignored nothing, where all that they could ignore was looked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from fixer import registry
from fixer.ignores import Ignore, Named, Unused, ignores_in
from fixer.stack import Stack
from fixer.stack.discovery import is_below

if TYPE_CHECKING:
    from fixer.detecting import Detection


def unused_ignores(detection: Detection) -> list[Unused]:
    """Give the comments that are void, and those with names that ignored nothing, but for the names of
    fixes that are not loaded. Nothing is said of what is no comment for sure, and where a part was not
    looked at."""
    if detection.files or detection.problems:
        return []
    wanted = [path for path in detection.paths if path]
    paths = sorted(
        {path for stack in detection.stacks for path in stack.sources - _kept_to_itself(stack)}
    )
    own = [path for path in paths if not wanted or is_below(path, wanted)]
    found = [each for path in own for each in ignores_in(detection.repository, path).comments]
    comments = [each for each in found if each.is_known]
    if not comments:
        return []
    everything = detection.find_all()
    if everything.problems:
        return []
    detection.detect_others()
    seen = {stack.named for stack in detection.stacks}
    others = [each for each in everything.stacks if each.named not in seen]
    unused = _unused(comments, detection)
    return [each for each in unused if not any(other.reads(each.comment.place.path) for other in others)]


def _kept_to_itself(stack: Stack) -> set[str | None]:
    """The files in which nothing is a comment: secrets, and environments that Compose takes raw."""
    secrets = {stack.file_of(each) for each in stack.declarations("secret").values()}
    files = (each for service in stack.services.values() for each in service.env_files)
    formats = ((each.path, each.at.get("format")) for each in files)
    return secrets | {path for path, written in formats if written is not None and written.data == "raw"}


def _unused(comments: Iterable[Ignore], detection: Detection) -> list[Unused]:
    used, missed = detection.filter.used, detection.filter.missed
    found: list[Unused] = []
    for comment in comments:
        names: list[Named] = [(comment, name) for name in comment.names]
        idle = [each for each in names if each not in used and not registry.is_expected(each[1])]
        if idle or comment.is_void:
            lines = {each[1]: missed[each] for each in idle if each in missed}
            found.append(Unused(comment, tuple(name for _, name in idle), lines))
    return found
