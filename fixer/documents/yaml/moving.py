"""Entries and items moved to another place of a YAML document as the lines they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Sequence as List
from itertools import chain

from fixer.documents.source import Edit
from fixer.documents.yaml import emitting
from fixer.documents.yaml.data import NOT_TEXT, same
from fixer.documents.yaml.operations import Delete, Join, Move, Operation
from fixer.documents.yaml.removing import Remover
from fixer.documents.yaml.routes import Route, Step
from fixer.documents.yaml.spans import (
    EditError,
    are_apart,
    children,
    end_with_comments,
    into_flow,
    line_after,
    start_of_item,
    value_anchor,
)
from fixer.documents.yaml.tree import Alias, Entry, Mapping, Node, Scalar, Sequence, YamlDocument
from fixer.documents.yaml.values import Quoted

Place = tuple[Route, Step | None, int]
"""Where a move leads: the mapping, the entry there that it goes behind, and the document."""


class Mover:
    """Sees all moves of a document together: those to one place that follow one another stay where
    they are, and only their indentation changes."""

    def __init__(
        self, document: YamlDocument, operations: List[Operation], layout: emitting.Layout
    ) -> None:
        self.document = document
        self.source = document.source
        self.text = document.text
        self.layout = layout
        self.places: dict[int, Place] = {}
        self.members: dict[Place, list[Entry]] = {}
        for move in operations:
            if isinstance(move, Move):
                entry, place = self._entry(move), (move.to[:-1], move.after, move.document)
                self.places[id(entry.value)] = place
                self.members.setdefault(place, []).append(entry)
        self.first = {place: _first(entries) for place, entries in self.members.items()}
        self.staying = self._staying()
        leaving: list[Operation] = [
            Delete(each.route, each.document)
            for each in operations
            if isinstance(each, Join)
            or (isinstance(each, Move) and id(self._entry(each).value) not in self.staying)
        ]
        self.remover = Remover(document, [*operations, *leaving])

    def moved(self, move: Move) -> list[Edit]:
        """Give the edits of one move. Raises EditError."""
        entry = self._entry(move)
        if self.text[self.source.line_start(entry.key.start) : entry.key.start].strip(" "):
            raise EditError("what is to be moved does not start its line")
        target = self._target(entry)
        if isinstance(target, Mapping) and target.entry(move.to[-1]) not in (None, entry):
            raise EditError("what is to be moved is there already")
        shift = self._column(entry) - emitting.column_in_line(self.document, entry.key.start)
        name = move.to[-1] if isinstance(move.to[-1], str) else ""
        key = self._key(entry, name)
        if id(entry.value) in self.staying:
            renamed = Edit(entry.key.start, entry.key.end, key)
            start = self._start_of_staying(entry)
            edits = list(self._shifted(start, self._end(entry), shift))
            if self._is_first_of_new(entry):
                pad = " " * emitting.column_in_line(self.document, entry.key.start)
                header = emitting.inline(move.to[-2], self.layout, False)
                edits.insert(0, Edit(start, start, f"{pad}{header}:\n"))
            return [*edits, renamed] if key != self.text[renamed.start : renamed.end] else edits
        cut = self.remover.edit(Delete(move.route, move.document), moves=True)
        at = self._behind(entry)
        self._refuse_broken_alias(entry.value, at)
        start = min(cut.start, self.source.line_start(entry.key.start))
        end = self.source.line_end(self._end(entry))
        before, after = self.text[start : entry.key.start], self.text[entry.key.end : end]
        lines = self._reindented(before + key + after, shift)
        container = target if isinstance(target, Mapping) else entry.value.parent
        gap = "\n" if isinstance(container, Mapping) and are_apart(self.document, container) else ""
        return [cut, Edit(at, at, gap + "".join(f"\n{line}" for line in lines))]

    def joined(self, join: Join) -> list[Edit]:
        """Give the edits that put a collection behind another. Raises EditError."""
        source = self.document.node(join.route, join.document)
        target = self.document.node(join.into, join.document)
        if source is None or target is None:
            raise EditError("what is to be joined is not there")
        if self.document.is_used_outside(source):
            raise EditError("an alias stands for a part of what is to be joined")
        edits = list(self._added(source, target, self._heading(source)))
        return [*edits, self.remover.edit(Delete(join.route, join.document), moves=True)]

    def _entry(self, move: Move) -> Entry:
        entry = self.document.entry(move.route, move.document)
        if entry is None or entry.key.parent is None or entry.key.parent.flow:
            raise EditError("what is to be moved is not an entry of a block")
        return entry

    def _target(self, entry: Entry) -> Node | None:
        """What an entry goes into; None where that is made."""
        into, _, number = self.places[id(entry.value)]
        target = self.document.node(into, number)
        return None if target is not None and id(target) in self.places else target

    def _siblings(self, entry: Entry) -> tuple[Entry | None, Entry | None]:
        """The entries before and behind one."""
        parent = entry.value.parent
        entries = parent.entries if isinstance(parent, Mapping) else []
        index = entries.index(entry)
        return (
            entries[index - 1] if index else None,
            entries[index + 1] if index + 1 < len(entries) else None,
        )

    def _staying(self) -> set[int]:
        """The values of the entries whose lines are where they are to go, but for the indentation.
        One that goes to the left follows from the one behind it, any other from the one before."""
        staying: set[int] = set()
        entries = sorted(chain(*self.members.values()), key=lambda each: each.key.start)
        lifted = [each for each in entries if self._is_ancestor(self._target(each), each)]
        ids = {id(each) for each in lifted}
        for entry in reversed(lifted):
            _, following = self._siblings(entry)
            behind = self._goes_behind(entry)
            if following is not None:
                stays = id(following.value) in staying and self._go_together(following, entry)
            else:
                stays = behind is not None and self._end(behind) == self._end(entry)
            if stays:
                staying.add(id(entry.value))
        for entry in entries:
            previous, _ = self._siblings(entry)
            goes_along = (
                previous is not None
                and id(previous.value) in staying
                and self._go_together(previous, entry)
            )
            if id(entry) not in ids and (
                goes_along or self._is_first_of_new(entry) or self._follows_target(entry, previous)
            ):
                staying.add(id(entry.value))
        return staying

    def _go_together(self, entry: Entry, other: Entry) -> bool:
        return self.places.get(id(entry.value)) == self.places[id(other.value)]

    def _follows_target(self, entry: Entry, previous: Entry | None) -> bool:
        """Whether what an entry goes behind ends right before it."""
        target = self._target(entry)
        if previous is None or target is None:
            return False
        if isinstance(target, Mapping) and target.entries:
            behind = self._goes_behind(entry)
            return behind is target.entries[-1] and self._end(behind) == self._end(previous)
        return target is previous.value

    def _is_first_of_new(self, entry: Entry) -> bool:
        """Whether an entry is the first of those that go into a mapping which is made."""
        return self._target(entry) is None and self.first[self.places[id(entry.value)]] is entry

    def _goes_behind(self, entry: Entry) -> Entry | None:
        target, (_, after, _) = self._target(entry), self.places[id(entry.value)]
        if not isinstance(target, Mapping) or not target.entries:
            return None
        return target.entry(after) if after is not None else target.entries[-1]

    def _is_ancestor(self, target: Node | None, entry: Entry) -> bool:
        node: Node | None = entry.value.parent
        while node is not None and node is not target:
            node = node.parent
        return node is not None

    def _end(self, entry: Entry) -> int:
        """The offset behind an entry, which may have no value."""
        return max(entry.value.end, value_anchor(self.document, entry.value))

    def _column(self, entry: Entry) -> int:
        """The column at which an entry will stand. Raises EditError."""
        target = self._target(entry)
        if target is None:
            first = self.first[self.places[id(entry.value)]]
            return emitting.column_in_line(self.document, first.key.start) + self.layout.step
        if isinstance(target, Mapping) and not target.flow and target.entries:
            return emitting.column_of(self.document, target)
        if isinstance(target, Scalar) and target.is_null and target.start == target.end:
            parent = target.parent
            if isinstance(parent, Mapping):
                return emitting.column_of(self.document, parent) + self.layout.step
        raise EditError("a block mapping is needed to move an entry into")

    def _behind(self, entry: Entry) -> int:
        """The offset at which an entry that does not stay is written."""
        staying = [
            each for each in self.members[self.places[id(entry.value)]] if id(each.value) in self.staying
        ]
        target = self._target(entry)
        behind = staying[-1] if staying else self._goes_behind(entry)
        if behind is not None:
            column = emitting.column_in_line(self.document, behind.key.start)
            return end_with_comments(self.source, self._end(behind), column)
        if target is None:
            raise EditError("there is no place to move the entry to")
        return self.source.line_end(value_anchor(self.document, target))

    def _start_of_staying(self, entry: Entry) -> int:
        """Where the lines begin that change their indentation with an entry: right behind the one
        before it where that does the same, else with its comment."""
        previous, _ = self._siblings(entry)
        goes_along = previous is not None and id(previous.value) in self.staying
        if previous is not None and goes_along and self._go_together(previous, entry):
            return line_after(self.source, self.source.line_end(self._end(previous)))
        return self._with_comment(entry.key.start)

    def _with_comment(self, offset: int) -> int:
        """Where the line of an offset starts, or the comment right above it at its column. One that
        opens the text is about the whole of it."""
        start = first = self.source.line_start(offset)
        comment = self.text[start:offset] + "#"
        while start > 0 and self.text.startswith(comment, self.source.line_start(start - 1)):
            start = self.source.line_start(start - 1)
        return start or first

    def _shifted(self, start: int, end: int, shift: int) -> Iterator[Edit]:
        at = start
        while shift and at < end:
            line_end = self.source.line_end(at)
            line = self.text[at:line_end]
            if line.strip():
                width = _indent_to_lose(line, -shift) if shift < 0 else 0
                yield Edit(at, at + width, " " * max(shift, 0))
            at = line_after(self.source, line_end)

    def _reindented(self, text: str, shift: int) -> list[str]:
        lines = text.replace("\r\n", "\n").strip("\n").split("\n")
        return [
            " " * max(shift, 0) + line[_indent_to_lose(line, -shift) if shift < 0 else 0 :]
            if line.strip()
            else ""
            for line in lines
        ]

    def _key(self, entry: Entry, name: str) -> str:
        """An entry's key as it is written under its new name."""
        if not isinstance(entry.key, Scalar) or entry.key.value == name:
            return self.text[entry.key.start : entry.key.end]
        return emitting.inline(Quoted(name) if entry.key.style else name, self.layout, False)

    def _heading(self, source: Node) -> list[str]:
        """The comments above a key and beside it, which stay with what stands under it."""
        start = start_of_item(source)
        if source.parent is None or source.parent.flow:
            return []
        above = self.text[self._with_comment(start) : self.source.line_start(start)].splitlines()
        beside = self.text[value_anchor(self.document, source) : self.source.line_end(start)]
        is_comment = beside.strip().startswith("#")
        return [*(line.strip() for line in above), *([beside.strip()] if is_comment else [])]

    def _added(self, source: Node, target: Node, heading: list[str]) -> Iterator[Edit]:
        """What makes a collection hold what another one does."""
        new: list[Node] = []
        if isinstance(source, Mapping | Sequence) and isinstance(target, Scalar) and target.is_null:
            new = children(source)
        elif isinstance(source, Mapping) and isinstance(target, Mapping):
            for entry in source.entries:
                there = target.entry(entry.name) if entry.name is not None else None
                if there is None:
                    new.append(entry.value)
                elif not same(there.value, entry.value):
                    yield from self._combined(entry.value, there.value)
        elif isinstance(source, Sequence) and isinstance(target, Sequence):
            for item in source.items:
                if not any(same(item, each) for each in (*target.items, *new)):
                    new.append(item)
        else:
            raise EditError("only two lists or two mappings can be joined")
        if new and isinstance(source, Mapping | Sequence):
            yield self._appended(source, new, target, heading)

    def _combined(self, source: Node, target: Node) -> Iterator[Edit]:
        """What puts one value of a key in place of another, or into it."""
        for kind in (Mapping, Sequence):
            if isinstance(source, kind) and isinstance(target, kind):
                yield from self._added(source, target, [])
                return
        in_flow = target.parent is not None and target.parent.flow
        yield Edit(target.start, target.end, self._in_line(source, in_flow))

    def _appended(
        self, source: Mapping | Sequence, new: List[Node], target: Node, heading: list[str]
    ) -> Edit:
        """What puts values of a collection behind what another one, or nothing, holds."""
        there = children(target) if isinstance(target, Mapping | Sequence) else []
        if isinstance(target, Mapping | Sequence) and target.flow:
            if heading:
                raise EditError("what is to be joined has no place for comments")
            text = ", ".join(self._with_key(each, in_flow=True) for each in new)
            edit = into_flow(self.source, target, there, text)
            self._refuse_broken_alias(source, edit.start)
            return edit
        if isinstance(target, Mapping | Sequence):
            column = emitting.column_of(self.document, target)
            end = max(there[-1].end, value_anchor(self.document, there[-1]))
            at = end_with_comments(self.source, end, column)
        elif target.start == target.end and target.parent is not None:
            inner = self.layout.step if isinstance(source, Mapping) else self.layout.dash
            column = emitting.column_of(self.document, target.parent) + inner
            at = self.source.line_end(value_anchor(self.document, target))
        else:
            raise EditError("a null that is written out has no place for lines")
        self._refuse_broken_alias(source, at)
        lines = [" " * column + each for each in heading]
        if source.flow:
            dash = "- " if isinstance(source, Sequence) else ""
            lines += [" " * column + dash + self._with_key(each, in_flow=False) for each in new]
        else:
            shift = column - emitting.column_of(self.document, source)
            written = "\n".join(self._lines(source, each) for each in new)
            lines += self._reindented(written, shift)
        is_apart = isinstance(target, Mapping) and are_apart(self.document, target)
        return Edit(at, at, "\n" * is_apart + "".join(f"\n{line}" for line in lines))

    def _lines(self, parent: Mapping | Sequence, node: Node) -> str:
        """A block collection's entry or item with the comments above it."""
        siblings = children(parent)
        index = siblings.index(node)
        head = start_of_item(node)
        if isinstance(parent, Sequence):
            head = emitting.dash_of(self.document, parent, index)
        if self.text[self.source.line_start(head) : head].strip(" "):
            raise EditError("what is to be joined does not start its line")
        before = siblings[index - 1] if index else None
        if before is not None:
            above = max(before.end, value_anchor(self.document, before))
        else:
            above = value_anchor(self.document, parent)
        start = line_after(self.source, self.source.line_end(above))
        end = max(node.end, value_anchor(self.document, node))
        return self.text[start : self.source.line_end(end)].replace("\r\n", "\n")

    def _with_key(self, node: Node, in_flow: bool) -> str:
        """An entry or item in one line."""
        written = self._in_line(node, in_flow)
        if not isinstance(node.parent, Mapping):
            return written
        start = start_of_item(node)
        return f"{self.text[start : value_anchor(self.document, node)]} {written}".rstrip()

    def _in_line(self, node: Node, in_flow: bool) -> str:
        """A value as it is written, where it can stand in one line. Raises EditError."""
        written = self.text[node.start : node.end]
        is_block = isinstance(node, Mapping | Sequence) and not node.flow
        if is_block or "\n" in written:
            raise EditError("a value of several lines cannot be written in one")
        if isinstance(node, Scalar) and not node.style and written == node.value:
            is_text = not re.match(NOT_TEXT, node.value)
            return emitting.inline(node.value, self.layout, in_flow) if is_text else written
        return written

    def _refuse_broken_alias(self, moved: Node, at: int) -> None:
        """Raise EditError where an alias would stand before its anchor when `moved` stands at `at`."""
        for alias in self.document.walk():
            if isinstance(alias, Alias) and alias.target is not None:
                inside = [moved.start <= each.start < moved.end for each in (alias, alias.target)]
                places = [
                    at if moves else each.start
                    for moves, each in zip(inside, (alias, alias.target), strict=True)
                ]
                if inside[0] != inside[1] and places[0] < places[1]:
                    raise EditError("an alias would stand before its anchor")


def _first(entries: List[Entry]) -> Entry:
    return min(entries, key=lambda each: each.key.start)


def _indent_to_lose(line: str, shift: int) -> int:
    """How many blanks a line has that can go. Raises EditError where content would not go along."""
    indent = len(line) - len(line.lstrip(" "))
    if indent < shift and not line.lstrip().startswith("#"):
        raise EditError("a line stands further left than the entry that it belongs to")
    return min(indent, shift)
