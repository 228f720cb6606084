"""YAML edits: what must come out for layouts that people write, and what holds for any layout."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixer.documents.source import Source
from fixer.documents.yaml import (
    AliasTo,
    Append,
    Delete,
    Enlist,
    Flow,
    Insert,
    Join,
    Move,
    Nth,
    Operation,
    Prepend,
    Quoted,
    Rename,
    Reset,
    Rewrite,
    Route,
    Set,
    Tag,
    Unlist,
    Value,
    Wrap,
    YamlDocument,
    YamlSyntaxError,
)
from fixer.documents.yaml.checking import edited
from fixer.documents.yaml.spans import EditError
from fixer.documents.yaml.tree import Mapping, Node, Scalar, Sequence


def edit(text: str, *operations: Operation) -> str:
    return edited(YamlDocument(text.encode()), operations).decode()


@pytest.mark.parametrize(
    ("before", "operation", "after"),
    [
        ("a: 1\nb: 2\n", Delete(("b",)), "a: 1\n"),
        ("a: 1\n---\n# end\n", Delete((), 1), "a: 1\n# end\n"),
        ("---\r\n--- # it\r\na: 1\r\n", Delete((), 0), "--- # it\r\na: 1\r\n"),
        ("a: 1\n--- # no\n---\nb: 1\n", Delete((), 1), "a: 1\n# no\n---\nb: 1\n"),
        ("a: 1\n\nb: 2\n", Delete(("b",)), "a: 1\n"),
        ("a: 1\nb: 2", Delete(("b",)), "a: 1\n"),
        ("a: 1\nb: 2", Delete(("a",)), "b: 2"),
        ("# head\na: 1\n\nb: 2\n", Delete(("a",)), "# head\n\nb: 2\n"),
        ("a: 1\n\n# of b\nb: 2\n\nc: 3\n", Delete(("b",)), "a: 1\n\nc: 3\n"),
        ("a: 1\n# of both\nb: 2\nc: 3\n", Delete(("b",)), "a: 1\n# of both\nc: 3\n"),
        ("a:\n  b: 1\nc: 2\n", Delete(("a", "b")), "c: 2\n"),
        ("s:\n  a: 1\n\n  b: 2\n", Delete(("s", "a")), "s:\n  b: 2\n"),
        ("- a: 1\n  b: 2\n", Delete((0, "a")), "- b: 2\n"),
        ("a: [1, 2, 3]\n", Delete(("a", 1)), "a: [1, 3]\n"),
        ('{"a": "x"}\n', Set(("b",), "y"), '{"a": "x", "b": "y"}\n'),
        ('{"a": "x", b: 1}\n', Set(("c",), "y"), '{"a": "x", b: 1, c: y}\n'),
        ("a: [1, 2, 3]\n", Delete(("a", 0)), "a: [2, 3]\n"),
        ("a: {b: 1, c: 2}\n", Delete(("a", "c")), "a: {b: 1}\n"),
        ("a: {b: [1]}\nc: 1\n", Delete(("a", "b", 0)), "c: 1\n"),
        ("a:\n- 1\n# more\n", Append(("a",), 2), "a:\n- 1\n- 2\n# more\n"),
        ("a:\n    - 1 # one\n", Append(("a",), "x"), "a:\n    - 1 # one\n    - x\n"),
        ("a: []\n", Append(("a",), "x"), "a:\n  - x\n"),
        ("a: [1]\n", Append(("a",), "b, c"), 'a: [1, "b, c"]\n'),
        ("a: [\n  1,\n  2\n]\n", Append(("a",), 3), "a: [\n  1,\n  2,\n  3\n]\n"),
        ("a:\r\n  - 1\r\n", Append(("a",), 2), "a:\r\n  - 1\r\n  - 2\r\n"),
        ("a:\n# head\n- 1 # one\n- 2\n", Prepend(("a",), "x"), "a:\n# head\n- x\n- 1 # one\n- 2\n"),
        ("a:\r\n  - -f\r\n", Prepend(("a",), "x"), "a:\r\n  - x\r\n  - -f\r\n"),
        ("- - &n a\n  - *n\n", Prepend((0,), "x"), "- - x\n  - &n a\n  - *n\n"),
        ("a: [ b, c] # d\n", Prepend(("a",), "e: f"), 'a: [ "e: f", b, c] # d\n'),
        ("a: [\n  1,\n  2\n]\n", Prepend(("a",), 3), "a: [\n  3, 1,\n  2\n]\n"),
        ("a: 1\n", Set(("v", "d"), {"x": "y"}), "a: 1\n\nv:\n  d:\n    x: y\n"),
        ("a: 1\nb: 2\n", Set(("c",), None), "a: 1\nb: 2\nc:\n"),
        ("a:\n  b: {}\n", Set(("a", "b", "c"), 1), "a:\n  b:\n    c: 1\n"),
        ("a: 'x'\n", Set(("a",), "it's"), "a: 'it''s'\n"),
        ("a: x # why\n", Set(("a",), "y"), "a: y # why\n"),
        ("a: x # why\n", Set(("a",), ["y"]), "a: # why\n  - y\n"),
        ("a: # why\n  - x\n", Set(("a",), "y"), "a: y # why\n"),
        ("a: &n\n  - x\nb: *n\n", Set(("a",), ["z"]), "a: &n\n  - z\nb: *n\n"),
        ("a: {b: , c: }\n", Set(("a", "c"), []), "a: {b: , c: []}\n"),
        ("a: x\n", Set(("a",), Reset()), "a: !reset null\n"),
        ("a: x\n", Set(("a",), "no"), 'a: "no"\n'),
        ("a: x\n", Set(("a",), "22:22"), 'a: "22:22"\n'),
        ("a: x\n", Set(("a",), "one\ntwo\n"), "a: |\n  one\n  two\n"),
        ("x: &x {a: 1}\ny: 1\n", Set(("z", "<<"), Flow([AliasTo("x")])),
         "x: &x {a: 1}\ny: 1\nz:\n  <<: [*x]\n"),
        ("a: 1\nc: 3\n", Insert(("b",), 2, after="a"), "a: 1\nb: 2\nc: 3\n"),
        ("a: {b: 1, d: 2}\n", Insert(("a", "c"), 3, after="b"), "a: {b: 1, c: 3, d: 2}\n"),
        ("a: # why\n  - x\n", Tag(("a",), "!override"), "a: !override # why\n  - x\n"),
        ("a: &n [x]\nb: *n\n", Tag(("a",), "!override"), "a: !override &n [x]\nb: *n\n"),
        ("a: {b: [1]}\n", Tag(("a", "b"), "!override"), "a: {b: !override [1]}\n"),
        ("- [1]\n", Tag((0,), "!override"), "- !override [1]\n"),
        ("a:\n  b: 1\n  c: |\n    d\n", Wrap(("a",)), "a:\n  - b: 1\n    c: |\n      d\n"),
        ("a: {b: 1}\n", Wrap(("a",)), "a: [{b: 1}]\n"),
        ("a:\n  b: 1 # c\n  d:\n", Enlist(("a",), "="), "a:\n  - b=1 # c\n  - d\n"),
        ("a: {b: , c: }\n", Enlist(("a",), ":"), "a: [b, c]\n"),
        ("a: {80: '80'}\n", Enlist(("a",), ":"), "a: ['80:80']\n"),
        ("a:\n  - b: 1 # c\n  - d\n", Unlist(("a",)), "a:\n  b: 1 # c\n  d:\n"),
        ("a:\n- b: |\n    c\n  d: 1\n# e\n- 'f'\n", Unlist(("a",)),
         "a:\n  b: |\n    c\n  d: 1\n# e\n  'f':\n"),
        ("a:\n    -   b:\n            c: 1\n    - d: 1\n", Unlist(("a",)),
         "a:\n    b:\n        c: 1\n    d: 1\n"),
        ("a: [b, c: 1]\n", Unlist(("a",)), "a: {b, c: 1}\n"),
        ("a:\n  b: 1\n# c\nd: |\n  e\n\n", Move(("d",), ("a", "d")),
         "a:\n  b: 1\n  # c\n  d: |\n    e\n\n"),
        ("a:\nb:\n- 1\n", Move(("b",), ("a", "b")), "a:\n  b:\n  - 1\n"),
        ("a:\n  b: 1\nc: 2\nd: 3\n", Move(("d",), ("a", "e")), "a:\n  b: 1\n  e: 3\nc: 2\n"),
        ("a:\n  b: 1\n  # of c\n  c:\n    d: 2\ne: 3\n", Move(("a", "c"), ("c",), after="a"),
         "a:\n  b: 1\n# of c\nc:\n  d: 2\ne: 3\n"),
        ("a:\n  c:\n    d: 2\n\n  # of b\n  b: 1\n\ne: 3\n", Move(("a", "c"), ("c",)),
         "a:\n  # of b\n  b: 1\n\ne: 3\n\nc:\n  d: 2\n"),
        ("a:\n  b: 1\nc: 2\n", Move(("a", "b"), ("b",), after="a"), "a:\nb: 1\nc: 2\n"),
        ("# top\na: 1\n\nb: 2\n", Move(("b",), ("s", "b")), "# top\na: 1\n\ns:\n  b: 2\n"),
        ("s:\n  b: . # x\n", Move(("s", "b"), ("s", "b", "c")), "s:\n  b:\n    c: . # x\n"),
        ("a: 1\r\nb:\r\n  c: 2\r\nd: 3\r\n", Move(("a",), ("b", "a")),
         "b:\r\n  c: 2\r\n  a: 1\r\nd: 3\r\n"),
        ("a:\n  b: 1\nc: 2\na:\n  # of d\n  d: 3 # e\n", Join((Nth("a", 1),), ("a",)),
         "a:\n  b: 1\n  # of d\n  d: 3 # e\nc: 2\n"),
        ("a:\n- 1\n# more\na: # and\n  - 1\n  - 2\n", Join((Nth("a", 1),), ("a",)),
         "a:\n- 1\n# more\n# and\n- 2\n"),
        ("a: [1]\na:\n  - '2'\n  - x:y\n", Join((Nth("a", 1),), ("a",)), 'a: [1, \'2\', \'x:y\']\n'),
        ("a:\n  - 1\na: [2, b]\n", Join((Nth("a", 1),), ("a",)), "a:\n  - 1\n  - 2\n  - b\n"),
        ("a: {b: 1}\na: {b: 2, c: [3]}\n", Join((Nth("a", 1),), ("a",)), "a: {b: 2, c: [3]}\n"),
        ("a:\n  b: {c: 1}\n  d: 1\na:\n  b:\n    e: 2\n  d: 1\n", Join((Nth("a", 1),), ("a",)),
         "a:\n  b: {c: 1, e: 2}\n  d: 1\n"),
        ("a: 1 # one\n", Rename(("a",), "b c"), "b c: 1 # one\n"),
        ("a: 'u:p@h'\n", Rewrite(("a",), "p@", "q@"), "a: 'u:q@h'\n"),
        ("a: >\n  one\n  two\n", Rewrite(("a",), "two", "three"), "a: >\n  one\n  three\n"),
        ("a: x y\n", Rewrite(("a",), "y", "y: z"), 'a: "x y: z"\n'),
        ("---\na: 1\n---\nb: 2\n", Set(("b",), 3, document=1), "---\na: 1\n---\nb: 3\n"),
        ("", Set(("a",), 1), "a: 1\n"),
        ("# only this\n", Set(("a", "b"), 1), "# only this\na:\n  b: 1\n"),
        ("s:\n  <<: *x\n  i: 1\n  <<: *y\n", Delete(("s", Nth("<<", 1))), "s:\n  <<: *x\n  i: 1\n"),
    ],
)  # fmt: skip
def test_one_operation(before: str, operation: Operation, after: str) -> None:
    assert edit(before, operation) == after


def test_additions_to_one_missing_mapping_are_joined() -> None:
    after = edit("a: 1\n", Set(("v", "x"), None), Set(("v", "y"), None))
    assert after == "a: 1\n\nv:\n  x:\n  y:\n"


def test_additions_that_meet_at_one_point_go_to_their_own_collections() -> None:
    after = edit(
        "a:\n  b:\n    c: 1\n", Set(("d",), 2), Append(("a", "b", "e"), "x"), Set(("a", "f"), 3)
    )
    assert after == "a:\n  b:\n    c: 1\n    e:\n      - x\n  f: 3\nd: 2\n"


def test_a_group_that_goes_takes_its_comment_along() -> None:
    text = "s:\n  i: 1\n\n  # less safe\n  a: []\n  b: []\n\n  u: 2\n"
    after = edit(text, Delete(("s", "a")), Delete(("s", "b")))
    assert after == "s:\n  i: 1\n\n  u: 2\n"


def test_moves_to_one_place_stay_where_they_follow_one_another() -> None:
    text = "v: 1\n# of a\na:\n  b: 1\n\n# of c\n\nc: 2\nx: 3\n# of d\nd: 4\n"
    after = edit(text, *(Move((key,), ("s", key)) for key in "acd"))
    assert after == (
        "v: 1\ns:\n  # of a\n  a:\n    b: 1\n\n  # of c\n\n  c: 2\n  # of d\n  d: 4\nx: 3\n"
    )
    text = "s:\n  a: 1\n  b:\n    d: 2\n\n  c: 3\n"
    after = edit(text, *(Move(("s", key), (key,), after="s") for key in "bc"))
    assert after == "s:\n  a: 1\nb:\n  d: 2\n\nc: 3\n"


@pytest.mark.parametrize(
    ("text", "operation"),
    [
        ("a: {b: 1}\n", Move(("a", "b"), ("b",))),
        ("a: &x\n  b: 1\nc: *x\nd:\n", Move(("a",), ("d", "a"))),
        ("a:\n  b: 1\nb: 2\n", Move(("a", "b"), ("b",))),
        ("a: [1]\nb: 2\n", Move(("b",), ("a", "b"))),
        ("a:\n  - b: [\n    1\n  ]\n", Move(("a", 0, "b"), ("b",))),
        ("a: [1]\na: {b: 1}\n", Join((Nth("a", 1),), ("a",))),
        ("a: {b: 1}\nc: &x 1\na: {d: *x}\n", Join((Nth("a", 1),), ("a",))),
        ("a: {b: 1}\na: {c: &x 1}\nd: *x\n", Join((Nth("a", 1),), ("a",))),
    ],
)
def test_what_cannot_be_moved_says_so(text: str, operation: Operation) -> None:
    with pytest.raises(EditError):
        edit(text, operation)


def test_an_alias_cannot_be_edited_through() -> None:
    with pytest.raises(EditError):
        edit("a: &x {b: 1}\nc: *x\n", Set(("c", "b"), 2))


@pytest.mark.parametrize(
    "data", [b"a: [1", b"a: \xff", b"a: @x", b"\ta: 1", b"[" * 100_000, b"a: \x00", b"a: 1\n b: 2"]
)
def test_what_is_no_yaml_says_so(data: bytes) -> None:
    with pytest.raises(YamlSyntaxError):
        YamlDocument(data)


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbfa: 1\r\n", b"\xff\xfe", "ä\r\nb".encode()])
def test_bytes_come_back(data: bytes) -> None:
    assert Source(data).edited([]) == data


words = st.sampled_from(
    ["image", "ports", "web", "a b", "yes", "8080:80", "${X:-d}", "it's", 'say "hi"', "x: y", "#no"]
)
texts = words | st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=12)
values: st.SearchStrategy[Value] = st.recursive(
    texts | st.integers(0, 99) | st.booleans() | st.none() | words.map(Quoted),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def layouts(draw: st.DrawFn) -> str:
    """YAML of any structure in a layout drawn by chance: steps, dashes, flow, comments, newlines."""
    step, dash = draw(st.integers(1, 4)), draw(st.sampled_from([0, 2, 4]))
    lines: list[str] = []

    def comment(column: int) -> None:
        if draw(st.integers(0, 5)) == 0:
            lines.append(draw(st.sampled_from(["", " " * column + "# why", "# left"])))

    def scalar() -> str:
        return draw(st.sampled_from(["x", "'it''s'", '"q\\n"', "1.0", "", "a b # c", "[1, {a: b}]"]))

    def fill(column: int, depth: int) -> None:
        for index in range(draw(st.integers(1, 3))):
            comment(column)
            key = f"k{index}"
            kind = draw(st.integers(0, 4)) if depth < 3 else 0
            if kind == 1:
                lines.append(" " * column + f"{key}:")
                fill(column + step, depth + 1)
            elif kind == 2:
                lines.append(" " * column + f"{key}: # items")
                items = [f"- {scalar()}".rstrip() for _ in range(draw(st.integers(1, 3)))]
                lines.extend(" " * (column + dash) + item for item in items)
            elif kind == 3:
                lines.append(" " * column + f"{key}: |")
                lines.append(" " * (column + step) + "text")
            else:
                lines.append(" " * column + f"{key}: {scalar()}".rstrip())

    fill(0, 0)
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    # A block scalar that ends the file without a newline has none in its value either, so that
    # nothing can follow it.
    ends = [newline, newline * 2] if lines[-1].strip() == "text" else ["", newline, newline * 2]
    return newline.join(lines) + draw(st.sampled_from(ends))


def routes(document: YamlDocument) -> list[Route]:
    return [node.route for node in document.walk() if node.parent is not None]


@given(layouts(), st.data())
def test_edits_hold_what_they_declare_and_touch_nothing_else(text: str, data: st.DataObject) -> None:
    document = YamlDocument(text.encode())
    route = data.draw(st.sampled_from(routes(document)))
    node = document.node(route)
    assert node is not None
    operation = data.draw(operations_at(node, route))
    try:
        result = edit(text, operation)
    except EditError:
        return
    untouched = [line for line in text.splitlines() if line.strip().startswith("#")]
    if not isinstance(operation, Delete | Set):
        assert [line for line in result.splitlines() if line.strip() in ("# why", "# left")] == [
            line for line in untouched if line.strip() in ("# why", "# left")
        ]
    newlines = {line[len(line.rstrip("\r\n")) :] for line in result.splitlines(keepends=True)}
    assert newlines <= {"", "\r\n" if "\r\n" in text else "\n"}


@given(layouts(), st.data())
def test_moves_and_joins_are_what_they_declare(text: str, data: st.DataObject) -> None:
    # A block scalar that ends a text without a newline means something else anywhere else.
    text = text if text.endswith("\n") else f"{text}\n"
    document = YamlDocument(text.encode())
    route, other = data.draw(st.tuples(*[st.sampled_from(routes(document))] * 2))
    inside = route[: len(other)] == other or other[: len(route)] == route
    up = (*route[:-2], "new") if len(route) > 1 else (*route, "new")
    operations: list[Operation] = [
        Move(route, up, after=route[-2] if len(route) > 1 and isinstance(route[-2], str) else None),
        Move(route, (*route[:-1], "made", "new")),
    ]
    if not inside:
        operations += [Move(route, (*other, "new")), Join(route, other)]
    try:
        result = edit(text, data.draw(st.sampled_from(operations)))
    except EditError:
        return
    assert result.count("# why") <= text.count("# why")


def operations_at(node: Node, route: Route) -> st.SearchStrategy[Operation]:
    choices: list[st.SearchStrategy[Operation]] = [
        st.just(Delete(route)),
        values.map(lambda value: Set(route, value)),
        values.map(lambda value: Set((*route[:-1], "new"), value)),
        values.map(lambda value: Append(route, value)),
    ]
    if isinstance(node.parent, Mapping):
        choices.append(words.map(lambda key: Rename(route, key)))
        after = str(route[-1])
        choices.append(values.map(lambda value: Insert((*route[:-1], "new"), value, after)))
    if isinstance(node, Scalar) and "x" in node.value:
        choices.append(words.map(lambda new: Rewrite(route, "x", new)))
    if isinstance(node, Sequence):
        choices.append(st.just(Delete((*route, 0))))
        choices.append(st.just(Tag(route, "!override")))
    return st.one_of(choices)
