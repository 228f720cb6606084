"""A plan as a patch: `git apply` makes of it exactly the tree that the plan ends with."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unidiff import PatchSet  # type: ignore[attr-defined]

from fixer import patch
from fixer.plan import FileChange, FileState, Plan, Step
from tests.cases import files_below, git

Tree = Mapping[str, FileState]

ONE, TWO = FileState(b"one\n", 0o644), FileState(b"two\n", 0o644)
PROGRAM = FileState(b"one\n", 0o755)
EMPTY = FileState(b"", 0o644)


def plan(*steps: tuple[FileChange, ...]) -> Plan:
    return Plan("/repository", tuple(Step("some-fix", (), step) for step in steps))


def after_git_apply(before: Tree, data: bytes) -> Tree:
    """What git makes of a tree and a patch, in a repository of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        git(folder, "init", "-q")
        for path, state in before.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(state.content)
            target.chmod(state.mode)
        if data:
            git(folder, "apply", "--whitespace=nowarn", "-", stdin=data)
        return {
            path.relative_to(folder).as_posix(): FileState(path.read_bytes(), path.stat().st_mode)
            for path in files_below(folder)
        }


def known_to_git(tree: Tree) -> dict[str, tuple[bytes, bool]]:
    """A tree with as much of the modes as git keeps: whether a file can be executed."""
    return {path: (state.content, bool(state.mode & 0o100)) for path, state in tree.items()}


def after_plan(before: Tree, wanted: Plan) -> Tree:
    states = {**before, **{change.path: change.after for change in wanted.changes}}
    return {path: state for path, state in states.items() if state is not None}


def assert_one_truth(before: Tree, wanted: Plan) -> bytes:
    data = patch.render(wanted)
    assert known_to_git(after_git_apply(before, data)) == known_to_git(after_plan(before, wanted))
    return data


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"one\n", b"two\n"),
        (b"one", b"one\n"),
        (b"one\n", b"one"),
        (b"one\r\ntwo\r\n", b"one\r\nthree\r\n"),
        (b"one\rtwo\n", b"one\rthree\n"),
        (b"caf\xe9\n", b"caf\xe9s\n"),
        (b"\xef\xbb\xbfone\n", b"\xef\xbb\xbftwo\n"),
        (b"a\0b\n", b"a\0c\n"),
        (b"form\x0cfeed\x85\xe2\x80\xa8\n", b"two\n"),
        (b"", b"one\n"),
        (b"one\n", b""),
        (b"-- one\n++ two\n", b"\\ No newline at end of file\n"),
    ],
)
def test_contents_are_exact(before: bytes, after: bytes) -> None:
    states = FileState(before, 0o644), FileState(after, 0o644)
    assert_one_truth({"x": states[0]}, plan((FileChange("x", *states),)))
    assert_one_truth({}, plan((FileChange("folder/x", None, states[1]),)))
    assert_one_truth({"x": states[0]}, plan((FileChange("x", states[0], None),)))


@pytest.mark.parametrize(
    "name",
    ["a b", "tab\tx", 'quo"te', "back\\slash", "ünï", "line\nfeed", " x ", os.fsdecode(b"\xff"), "-x"],
)
def test_odd_names(name: str) -> None:
    for path in (name, f"a {name}/b"):
        assert_one_truth({path: ONE}, plan((FileChange(path, ONE, TWO),)))
        assert_one_truth({path: ONE}, plan((FileChange(path, ONE, None),)))
        assert_one_truth({path: ONE}, plan((FileChange(path, ONE, PROGRAM),)))
        assert_one_truth({path: ONE}, plan((FileChange("copy", None, ONE, path),)))
        assert_one_truth({"x": ONE}, plan((FileChange(path, None, ONE, "x"),)))
        assert_one_truth({}, plan((FileChange(path, None, EMPTY),)))


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        (((FileChange("y", None, ONE, "x"),),), b"copy from x\n"),
        (((FileChange("x", ONE, None), FileChange("y", None, ONE, "x")),), b"rename from x\n"),
        (((FileChange("y", None, ONE, "x"),), (FileChange("x", ONE, TWO),)), b"copy from x\n"),
        (((FileChange("y", None, ONE, "x"),), (FileChange("y", ONE, TWO),)), b"new file"),
        (((FileChange("x", ONE, TWO),), (FileChange("y", None, TWO, "x"),)), b"new file"),
        (((FileChange("x", ONE, TWO), FileChange("y", None, TWO, "x")),), b"new file"),
        (
            (
                (FileChange("x", ONE, None), FileChange("y", None, ONE, "x")),
                (FileChange("y", ONE, TWO),),
            ),
            b"deleted file",
        ),
        (
            (
                (FileChange("y", None, ONE, "x"),),
                (FileChange("x", ONE, None), FileChange("z", None, ONE, "x")),
            ),
            b"copy from x\n",
        ),
    ],
)
def test_copies_and_renames(steps: tuple[tuple[FileChange, ...], ...], says: bytes) -> None:
    assert says in assert_one_truth({"x": ONE}, plan(*steps))


def test_modes() -> None:
    assert_one_truth({"x": ONE}, plan((FileChange("x", ONE, PROGRAM),)))
    assert_one_truth({"x": PROGRAM}, plan((FileChange("y", None, PROGRAM, "x"),)))
    assert_one_truth({}, plan((FileChange("x", None, PROGRAM),)))


def test_a_mode_that_git_does_not_know_leaves_the_rest_whole() -> None:
    private = FileState(b"one\n", 0o600)
    changes = FileChange("x", ONE, private), FileChange("y", ONE, TWO)
    assert b"x" not in assert_one_truth({"x": ONE, "y": ONE}, plan(changes))
    assert patch.owners_alone(plan(changes)) == ["x"]


def test_steps_that_cancel_each_other_are_no_patch() -> None:
    assert patch.render(plan((FileChange("x", ONE, TWO),), (FileChange("x", TWO, ONE),))) == b""


def test_a_text_patch_is_read_by_others() -> None:
    changes = (
        FileChange("a b", ONE, TWO),
        FileChange("new", None, ONE),
        FileChange("old", ONE, None),
    )
    files = PatchSet(patch.render(plan(changes)).decode())
    assert [(each.path, each.added, each.removed) for each in files] == [
        ("a b", 1, 1),
        ("new", 1, 0),
        ("old", 0, 1),
    ]


lines = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\r\n", b"\n", b"\xff\0\n"]), max_size=30)
contents = st.builds(lambda some, end: b"".join(some) + end, lines, st.sampled_from([b"", b"z"]))
states = st.none() | st.builds(FileState, contents, st.sampled_from([0o644, 0o755, 0o600]))


@settings(max_examples=60)
@given(st.lists(st.tuples(states, states), min_size=1, max_size=4))
def test_git_makes_the_plans_tree(pairs: list[tuple[FileState | None, FileState | None]]) -> None:
    changes = tuple(FileChange(f"file {index}", *pair) for index, pair in enumerate(pairs))
    before = {change.path: change.before for change in changes if change.before is not None}
    assert_one_truth(before, plan(changes))


@given(contents, contents)
def test_reverse_of_what_was_not_edited(before: bytes, after: bytes) -> None:
    assert patch.reverse(after, before, after) in (before, None)


NUMBERS = b"".join(b"%d\n" % number for number in range(40))
FIXED = NUMBERS.replace(b"\n5\n", b"\nfive\n").replace(b"\n30\n", b"\nthirty\nmore\n")


def test_reverse_keeps_what_was_edited_elsewhere() -> None:
    edited = b"first\n" + FIXED.replace(b"\n18\n", b"\neighteen\n") + b"last\n"
    expected = b"first\n" + NUMBERS.replace(b"\n18\n", b"\neighteen\n") + b"last\n"
    assert patch.reverse(edited, NUMBERS, FIXED) == expected


@pytest.mark.parametrize(
    "edited",
    [
        FIXED.replace(b"five", b"cinq"),
        FIXED.replace(b"\n6\n", b"\nsix\n"),
        FIXED.replace(b"thirty\nmore\n", b"thirty\n"),
        FIXED + FIXED,
        FIXED[FIXED.index(b"15\n") :] + FIXED[: FIXED.index(b"15\n")],
        b"",
    ],
    ids=["line", "context", "half", "twice", "order", "empty"],
)
def test_reverse_gives_up_where_a_hunk_does_not_stand_as_it_was(edited: bytes) -> None:
    assert patch.reverse(edited, NUMBERS, FIXED) is None


def test_reverse_of_many_equal_lines() -> None:
    """Matching each line with each would be 2500 million pairs."""
    many = b"- a\n" * 50_000
    assert patch.reverse(b"x: 1\n" + many + b"z: 1\n", many, b"x: 1\n" + many) == many + b"z: 1\n"
