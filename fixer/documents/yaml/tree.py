"""A YAML text as a tree whose nodes know their span, built from the parser's events.

Events keep what composing loses: where an alias stands, which quotes a scalar has, keys that occur
twice, aliases without an anchor. Nothing here is resolved or converted: scalars are their text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from fixer.documents.source import Position, Source
from fixer.documents.yaml.routes import Nth, Route, Step

MAXIMUM_DEPTH = 100
"""Collections nested deeper than this are refused: recursion needs a bound."""

MAXIMUM_BYTES = 4_000_000
"""Texts longer than this are refused: a Compose file is a thousandth of it."""

MAXIMUM_SLOW_BYTES = 200_000
"""Texts longer than this are not given to the parser in Python, which reads that much in a second."""


class YamlSyntaxError(Exception):
    """The text is not YAML; `position` says where the parser gave up."""

    def __init__(self, message: str, position: Position) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


class Node:
    """A value in the tree. `start` and `end` are offsets into the text, with anchor and tag,
    without the blank lines and comments that follow."""

    __slots__ = ("anchor", "document", "end", "parent", "start", "step", "tag")

    def __init__(self, start: int, end: int, anchor: str | None, tag: str | None) -> None:
        self.start = start
        self.end = end
        self.anchor = anchor
        self.tag = tag
        self.parent: Mapping | Sequence | None = None
        self.step: Step | None = None
        self.document = 0

    @property
    def route(self) -> Route:
        """The steps that lead from the document's root to this node."""
        steps: list[Step] = []
        node: Node | None = self
        while node is not None and node.step is not None:
            steps.append(node.step)
            node = node.parent
        return tuple(reversed(steps))


class Scalar(Node):
    """A single value as text; `style` is its quote, `|`, `>` or empty for a plain scalar."""

    __slots__ = ("style", "value")

    def __init__(
        self, start: int, end: int, anchor: str | None, tag: str | None, value: str, style: str
    ) -> None:
        super().__init__(start, end, anchor, tag)
        self.value = value
        self.style = style

    @property
    def is_null(self) -> bool:
        """Whether the scalar stands for no value."""
        nulls = ("", "~", "null", "Null", "NULL")
        return not self.style and self.tag is None and self.value in nulls


class Alias(Node):
    """`*name`; `target` is the node that bears the anchor, or None where there is none before."""

    __slots__ = ("name", "target")

    def __init__(self, start: int, end: int, name: str, target: Node | None) -> None:
        super().__init__(start, end, None, None)
        self.name = name
        self.target = target

    @property
    def is_circular(self) -> bool:
        """Whether the alias stands inside of what it stands for."""
        node: Node | None = self.parent
        while node is not None and node is not self.target:
            node = node.parent
        return node is not None


class Sequence(Node):
    """A list; `flow` says that it is written in brackets."""

    __slots__ = ("flow", "items")

    def __init__(self, start: int, end: int, anchor: str | None, tag: str | None, flow: bool) -> None:
        super().__init__(start, end, anchor, tag)
        self.flow = flow
        self.items: list[Node] = []


class Entry:
    """One `key: value` of a mapping."""

    __slots__ = ("key", "value")

    def __init__(self, key: Node, value: Node) -> None:
        self.key = key
        self.value = value

    @property
    def name(self) -> str | None:
        """The key's text, or None where the key is a collection or an alias."""
        return self.key.value if isinstance(self.key, Scalar) else None


class Mapping(Node):
    """Keys and values in the order written, duplicates included; `flow` means in braces."""

    __slots__ = ("_by_name", "_indexed", "entries", "flow")

    def __init__(self, start: int, end: int, anchor: str | None, tag: str | None, flow: bool) -> None:
        super().__init__(start, end, anchor, tag)
        self.flow = flow
        self.entries: list[Entry] = []
        self._by_name: dict[str | None, list[Entry]] = {}
        self._indexed = 0

    def entry(self, step: Step) -> Entry | None:
        """Give the entry that a step of a route names."""
        name, occurrence = step if isinstance(step, Nth) else (str(step), 0)
        for entry in self.entries[self._indexed :]:
            self._by_name.setdefault(entry.name, []).append(entry)
        self._indexed = len(self.entries)
        found = self._by_name.get(name, [])
        return found[occurrence] if occurrence < len(found) else None

    def get(self, name: str) -> Node | None:
        """Give the value of the first key `name`, aliases resolved, merge keys not followed."""
        entry = self.entry(name)
        return resolve_alias(entry.value) if entry else None


def resolve_alias(node: Node) -> Node | None:
    """Give the node that an alias stands for, or any other node itself; None where an alias has no
    anchor, or stands for what it is in."""
    while isinstance(node, Alias):
        if node.target is None or node.is_circular:
            return None
        node = node.target
    return node


class YamlDocument:
    """A YAML file: its text and the tree of each document in it. What libyaml refuses is given to the
    slow parser as well, which takes a little more, unless the reader is not `patient`.

    Raises YamlSyntaxError when the text is not YAML, too long or nested too deeply.
    """

    def __init__(self, data: bytes, patient: bool = True) -> None:
        if len(data) > MAXIMUM_BYTES:
            raise YamlSyntaxError(f"longer than {MAXIMUM_BYTES:,} bytes", Position(1, 1))
        self.source = Source(data)
        self.text = self.source.text
        self.roots: list[Node] = []
        self.anchors: dict[str, Node] = {}
        try:
            self.text.encode()
        except UnicodeEncodeError as error:
            position = self.source.position(error.start)
            raise YamlSyntaxError("the file is not UTF-8", position) from None
        try:
            _Builder(self, _fast_parser).build()
        except YamlSyntaxError as error:
            # libyaml refuses some of what Compose takes, such as `[cache:/data]`.
            if len(data) > MAXIMUM_SLOW_BYTES or not patient:
                raise
            self.roots, self.anchors = [], {}
            try:
                _Builder(self, _slow_parser).build()
            except YamlSyntaxError:
                # Compose's parser words its complaints as libyaml does.
                raise error from None

    @property
    def root(self) -> Node | None:
        """The first document's root, or None where the file holds nothing."""
        return self.roots[0] if self.roots else None

    def node(self, route: Route, document: int = 0) -> Node | None:
        """Give the node at `route`, as written there, or None."""
        node: Node | None = self.roots[document] if document < len(self.roots) else None
        for step in route:
            if isinstance(node, Mapping) and not isinstance(step, int):
                entry = node.entry(step)
                node = entry.value if entry else None
            elif isinstance(node, Sequence) and isinstance(step, int):
                node = node.items[step] if step < len(node.items) else None
            else:
                return None
        return node

    def entry(self, route: Route, document: int = 0) -> Entry | None:
        """Give the mapping entry that `route` ends with, or None."""
        parent = self.node(route[:-1], document)
        if isinstance(parent, Mapping) and not isinstance(route[-1], int):
            return parent.entry(route[-1])
        return None

    def walk(self) -> Iterator[Node]:
        """Yield every value of every document, parents first, in the order written."""
        pending = list(reversed(self.roots))
        while pending:
            node = pending.pop()
            yield node
            if isinstance(node, Mapping):
                pending.extend(entry.value for entry in reversed(node.entries))
            elif isinstance(node, Sequence):
                pending.extend(reversed(node.items))

    @cached_property
    def alias_count(self) -> dict[str, int]:
        """How often each anchor's name is used by an alias."""
        counts: dict[str, int] = {}
        for node in self.walk():
            if isinstance(node, Alias):
                counts[node.name] = counts.get(node.name, 0) + 1
        return counts

    def is_used_outside(self, node: Node) -> bool:
        """Say whether an alias elsewhere stands for a node or for something in it."""
        return any(
            each.target is not None
            and node.start <= each.target.start < node.end
            and not node.start <= each.start < node.end
            for each in self.walk()
            if isinstance(each, Alias)
        )

    def position(self, node: Node) -> Position:
        """Give the line and column where a node starts, for a mapping's value where its key does."""
        parent = node.parent
        if isinstance(parent, Mapping) and node.step is not None:
            entry = parent.entry(node.step)
            if entry is not None:
                return self.source.position(entry.key.start)
        return self.source.position(node.start)


class _Builder:
    """Turns the parser's events into the tree of one document."""

    def __init__(self, document: YamlDocument, parser: Callable[[str], Any]) -> None:
        self.document = document
        self.text = document.text
        self.parser = parser(document.text)
        self.number = 0

    def build(self) -> None:
        from ruamel.yaml.error import MarkedYAMLError, YAMLError

        source = self.document.source
        try:
            while self.parser.check_event():
                event = self.parser.get_event()
                if type(event).__name__ == "DocumentStartEvent":
                    self.document.anchors = {}
                    root = self._node(self.parser.get_event(), 0)
                    root.document = self.number
                    self.document.roots.append(root)
                    self.number += 1
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            position = source.position(min(mark.index, len(self.text))) if mark else Position(1, 1)
            raise YamlSyntaxError(str(error.problem or error.context), position) from None
        except (YAMLError, UnicodeError) as error:
            raise YamlSyntaxError(str(error).splitlines()[0], Position(1, 1)) from None

    def _node(self, event: Any, depth: int) -> Node:
        start = event.start_mark.index
        if depth > MAXIMUM_DEPTH:
            position = self.document.source.position(start)
            raise YamlSyntaxError(f"nested deeper than {MAXIMUM_DEPTH} levels", position)
        kind = type(event).__name__
        if kind == "AliasEvent":
            name = str(event.anchor)
            return Alias(start, event.end_mark.index, name, self.document.anchors.get(name))
        anchor, tag = event.anchor, _tag(event)
        if kind == "ScalarEvent":
            style = event.style or ""
            end = event.end_mark.index
            if style in "|>" and style:
                end = self._block_scalar_end(start, end)
            scalar = Scalar(start, end, anchor, tag, event.value, style)
            self._remember(scalar)
            return scalar
        if kind == "SequenceStartEvent":
            sequence = Sequence(start, event.end_mark.index, anchor, tag, bool(event.flow_style))
            self._remember(sequence)
            while type(event := self.parser.get_event()).__name__ != "SequenceEndEvent":
                item = self._node(event, depth + 1)
                self._place(item, sequence, len(sequence.items))
                sequence.items.append(item)
            sequence.end = self._collection_end(sequence, event, sequence.items)
            return sequence
        mapping = Mapping(start, event.end_mark.index, anchor, tag, bool(event.flow_style))
        self._remember(mapping)
        seen: dict[str, int] = {}
        while type(event := self.parser.get_event()).__name__ != "MappingEndEvent":
            key = self._node(event, depth + 1)
            value = self._node(self.parser.get_event(), depth + 1)
            colon = self.text.find(":", key.end)
            if value.start == value.end and not self.text[key.end : colon].strip(" \t"):
                # The parser puts the last value of a block, if it is missing, at the next token.
                value.start = value.end = colon + 1
            name = key.value if isinstance(key, Scalar) else f"?{key.start}"
            occurrence = seen.get(name, 0)
            seen[name] = occurrence + 1
            self._place(value, mapping, Nth(name, occurrence) if occurrence else name)
            key.parent, key.document = mapping, self.number
            mapping.entries.append(Entry(key, value))
        last = mapping.entries[-1] if mapping.entries else None
        mapping.end = self._collection_end(mapping, event, [last.key, last.value] if last else [])
        return mapping

    def _place(self, node: Node, parent: Mapping | Sequence, step: Step) -> None:
        node.parent, node.step, node.document = parent, step, self.number

    def _remember(self, node: Node) -> None:
        if node.anchor is not None:
            self.document.anchors[node.anchor] = node

    def _collection_end(self, node: Mapping | Sequence, event: Any, parts: list[Node]) -> int:
        """A flow collection ends at its bracket; a block one is said to end where the next token
        starts, behind comments, so its last part tells."""
        if node.flow:
            return int(event.end_mark.index)
        end = max((part.end for part in parts), default=node.end)
        if parts and isinstance(node, Mapping) and parts[1].start == parts[1].end:
            colon = self.text.find(":", parts[0].end)
            return max(end, colon + 1)
        if parts and isinstance(node, Sequence) and parts[-1].start == parts[-1].end:
            dash = self.text.rfind("-", node.start, parts[-1].start + 1)
            return max(dash + 1, *(part.end for part in parts[:-1]), 0)
        return end

    def _block_scalar_end(self, start: int, end: int) -> int:
        header = self.text[start : self.document.source.line_end(start)].split("#")[0]
        if "+" in header:
            return end
        content = self.text[start:end].rstrip()
        # A comment that follows at a smaller indentation is not part of the scalar.
        return start + len(content)


def _tag(event: Any) -> str | None:
    tag = event.tag
    return str(tag) if tag is not None else None


def _fast_parser(text: str) -> Any:
    """libyaml's parser where the wheel has one, else the ten times slower one in Python."""
    try:
        from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined]
    except ImportError:
        return _slow_parser(text)
    return _guarded(CParser, text)


def _slow_parser(text: str) -> Any:
    """ruamel.yaml's own parser."""
    from ruamel.yaml import YAML

    return _guarded(lambda each: YAML(typ="safe", pure=True).get_constructor_parser(each)[1], text)


def _guarded(parser: Callable[[str], Any], text: str) -> Any:
    from ruamel.yaml.error import YAMLError

    try:
        return parser(text)
    except (YAMLError, UnicodeError) as error:
        raise YamlSyntaxError(str(error).splitlines()[0], Position(1, 1)) from None
