"""What a Python module reads from its environment, found by libcst."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import libcst as cst
from libcst.metadata import CodeRange, PositionProvider

from fixer.documents.python.spans import (
    Credential,
    Default,
    Environ,
    EnvironmentRead,
    Import,
    SettingsClass,
    Text,
)
from fixer.documents.source import Edit, Source

GETTERS = ("os.getenv", "os.environ.get", "decouple.config")
NEWER_SETTINGS = "pydantic_settings.BaseSettings"
SETTINGS = (NEWER_SETTINGS, "pydantic.BaseSettings", "pydantic.v1.BaseSettings")

STANDS_ALONE = (
    cst.Assign, cst.AnnAssign, cst.Arg, cst.Return, cst.DictElement, cst.Element,
    cst.FormattedStringExpression, cst.Param, cst.Expr, cst.If,
)  # fmt: skip
"""What takes a whole expression, however long."""


class Visitor(cst.CSTVisitor):
    """Gathers the parts of a module while libcst walks over it. What libcst has to tell of parents and
    of names takes two thirds of its time; here the imports tell names, in the order of the text."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source
        self.reads: list[EnvironmentRead] = []
        self.settings: list[SettingsClass] = []
        self.environs: list[Environ] = []
        self.credentials: list[Credential] = []
        self.defaults: list[Default] = []
        self.texts: list[Text] = []
        self.imports: list[Import] = []
        self.top = 0
        self._called: dict[str, str] = {}
        self._fields: set[cst.AnnAssign] = set()
        self._above: list[cst.CSTNode] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Go into a node."""
        self._above.append(node)
        return super().on_visit(node)

    def on_leave(self, original_node: cst.CSTNode) -> None:
        """Leave a node."""
        super().on_leave(original_node)
        self._above.pop()

    @property
    def _parent(self) -> cst.CSTNode:
        """The parent of the node that is visited."""
        return self._above[-2]

    def visit_Import(self, node: cst.Import) -> None:
        """Remember what modules are called."""
        for each in node.names:
            name = _dotted(each.name)
            self._called[each.evaluated_alias or name.partition(".")[0]] = (
                name if each.evaluated_alias else name.partition(".")[0]
            )

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        """Remember what a module's names are called."""
        if node.module is not None and not node.relative and not isinstance(node.names, cst.ImportStar):
            for each in node.names:
                name = _dotted(each.name)
                self._called[each.evaluated_alias or name] = f"{_dotted(node.module)}.{name}"

    def visit_Module(self, node: cst.Module) -> None:
        """Find the imports that open the module, and where the first one would stand."""
        for statement in node.body:
            first = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
            if isinstance(first, cst.Import) or (
                isinstance(first, cst.ImportFrom) and not isinstance(first.names, cst.ImportStar)
            ):
                self.imports.append(self._import(first))
            elif not isinstance(first, cst.Expr | cst.ImportFrom) and not isinstance(
                statement, cst.If | cst.Try
            ):
                break
        if node.body:
            first_line = node.body[0]
            start, end = self._span(first_line)
            is_text = (
                isinstance(first_line, cst.SimpleStatementLine)
                and isinstance(first_line.body[0], cst.Expr)
                and isinstance(first_line.body[0].value, cst.SimpleString)
            )
            self.top = self._next_line(end) if is_text else start

    def visit_Call(self, node: cst.Call) -> None:
        """Find calls that read a variable, and what is given to calls by a name."""
        name = self._name(node.func)
        if name in GETTERS and node.args:
            self._read(node, node.args[0].value)
            self._default(node, name)
        if name in ("environ.Env", "environ.FileAwareEnv"):
            last = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
            self.environs.append(Environ(*self._span(last), name.endswith("FileAwareEnv")))
        for argument in node.args:
            if argument.keyword is not None:
                self._credential(argument.keyword.value, argument.value, name)

    def visit_Subscript(self, node: cst.Subscript) -> None:
        """Find variables that are read as items of `os.environ`."""
        index = node.slice[0].slice if len(node.slice) == 1 else None
        is_target = isinstance(self._parent, cst.AssignTarget | cst.Del | cst.AugAssign)
        if self._name(node.value) == "os.environ" and isinstance(index, cst.Index) and not is_target:
            self._read(node, index.value)

    def visit_Assign(self, node: cst.Assign) -> None:
        """Find what is assigned to names, attributes and items."""
        for target in node.targets:
            self._credential(_last_name(target.target), node.value, "")

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        """Find what is assigned to names with a type."""
        if node.value is not None and node not in self._fields:
            self._credential(_last_name(node.target), node.value, "")

    def visit_DictElement(self, node: cst.DictElement) -> None:
        """Find what dictionaries hold under a key."""
        if isinstance(node.key, cst.SimpleString):
            self._credential(str(node.key.evaluated_value), node.value, "")

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        """Find texts that are no documentation."""
        is_alone = isinstance(self._parent, cst.Expr)
        if not node.prefix and not is_alone:
            self.texts.append(Text(node.value, *self._span(node)))

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        """Find the classes of settings."""
        bases = [self._name(base.value) for base in node.bases]
        known = next((base for base in bases if base in SETTINGS), None)
        if known is not None and isinstance(node.body, cst.IndentedBlock):
            self.settings.append(self._settings(node.body, known == NEWER_SETTINGS))

    def _settings(self, body: cst.IndentedBlock, is_newer: bool) -> SettingsClass:
        options: dict[str, str] = {}
        form, at, indent = self._start(body, is_newer)
        for each in body.body:
            if isinstance(each, cst.ClassDef) and each.name.value == "Config":
                form = "class"
                start, _ = self._span(each.body.body[0])
                at = self.source.line_start(start)
                indent = " " * (start - at)
                options |= {name: _text(value) for name, value in _assignments(each.body)}
        for name, value in _assignments(body):
            if name == "model_config" and isinstance(value, cst.Call):
                form, at = "call", self._end_of_arguments(value)
                start, _ = self._span(value.args[-1]) if value.args else (at, at)
                line = self.source.text[self.source.line_start(start) : start]
                indent = line if value.args and not line.strip() else ""
                options |= {each.keyword.value: _text(each.value) for each in value.args if each.keyword}
        fields = [part for part in _statements(body) if isinstance(part, cst.AnnAssign)]
        self._fields.update(fields)
        prefix = options.get("env_prefix", "")
        for field in fields:
            self._field_default(field, prefix)
        read = tuple(f"{prefix}{_last_name(field.target)}".lower() for field in fields)
        return SettingsClass(read, options.get("secrets_dir", ""), form, at, indent, is_newer)

    def _start(self, body: cst.IndentedBlock, is_newer: bool) -> tuple[str, int, str]:
        """Where a class's first configuration goes: before its fields, the older form behind them."""
        start, end = self._span(body.body[0])
        line = self.source.line_start(start)
        indent = " " * (start - line)
        if not is_newer:
            return "body", self._next_line(self._span(body.body[-1])[1]), indent
        first = next(iter(_statements(body)), None)
        is_text = isinstance(first, cst.Expr) and self._span(first)[0] == start
        if is_text:
            line = self._next_line(end)
            if not self.source.text[line : self.source.line_end(line)].strip():
                line = self._next_line(line)
        return "body", line, indent

    def _end_of_arguments(self, call: cst.Call) -> int:
        return self._span(call.args[-1].value)[1] if call.args else self._span(call)[1] - 1

    def _read(self, node: cst.BaseExpression, argument: cst.BaseExpression) -> None:
        if isinstance(argument, cst.SimpleString) and isinstance(argument.evaluated_value, str):
            parent = self._parent
            start, end = self._span(argument)
            written = self.source.text[start:end]
            if not _is_fallback(parent, node, written):
                is_in_or = isinstance(parent, cst.BooleanOperation) and isinstance(
                    parent.operator, cst.Or
                )
                binds = not is_in_or and not isinstance(parent, STANDS_ALONE)
                read = EnvironmentRead(argument.evaluated_value, written, *self._span(node), binds)
                self.reads.append(read)

    def _default(self, call: cst.Call, getter: str) -> None:
        """Remember what a call gives where the variable is not set."""
        name = call.args[0].value
        last = call.args[-1]
        keyword = last.keyword.value if last.keyword else "default"
        value = _string(last.value)
        if isinstance(name, cst.SimpleString) and len(call.args) == 2 and keyword == "default" and value:
            (_, behind), (start, end) = self._span(name), self._span(last.value)
            required = Edit(behind, end, "")
            if getter != "decouple.config":
                first, last_offset = self._span(call)
                written = self.source.text[self._span(name)[0] : behind]
                required = Edit(first, last_offset, f"os.environ[{written}]")
            self.defaults.append(Default(str(name.evaluated_value), value, start, required))

    def _field_default(self, field: cst.AnnAssign, prefix: str) -> None:
        """Remember what a field of settings is where its variable is not set."""
        name = f"{prefix}{_last_name(field.target)}".upper()
        value = field.value
        if isinstance(value, cst.Call) and value.args and _dotted(value.func).endswith("Field"):
            named = {each.keyword.value: each for each in value.args if each.keyword}
            given = named.get("default") or (value.args[0] if not value.args[0].keyword else None)
            for key in ("env", "validation_alias", "alias"):
                name = _string(named[key].value) or name if key in named else name
            if given and (text := _string(given.value)):
                start, end = self._span(given.value)
                self.defaults.append(Default(name, text, start, Edit(start, end, "...")))
        elif value is not None and (text := _string(value)):
            start, end = self._span(value)
            behind = self._span(field.annotation.annotation)[1]
            self.defaults.append(Default(name, text, start, Edit(behind, end, "")))

    def _credential(self, name: str, value: cst.BaseExpression, caller: str) -> None:
        if name and isinstance(value, cst.SimpleString) and isinstance(value.evaluated_value, str):
            self.credentials.append(Credential(name, value.evaluated_value, *self._span(value), caller))

    def _import(self, node: cst.Import | cst.ImportFrom) -> Import:
        module = ""
        if isinstance(node, cst.ImportFrom):
            module = "." * len(node.relative) + (_dotted(node.module) if node.module else "")
        assert not isinstance(node.names, cst.ImportStar)
        names = tuple(
            (_dotted(each.name), each.evaluated_alias or _dotted(each.name)) for each in node.names
        )
        last = self._span(node.names[-1])[1]
        return Import(module, names, *self._span(node), last)

    def _name(self, node: cst.CSTNode) -> str:
        """The dotted name that an expression was imported by; empty where it is none of the imports."""
        if isinstance(node, cst.Attribute):
            of = self._name(node.value)
            return f"{of}.{node.attr.value}" if of else ""
        return self._called.get(node.value, "") if isinstance(node, cst.Name) else ""

    def _span(self, node: cst.CSTNode) -> tuple[int, int]:
        where: Any = self.get_metadata(PositionProvider, node)
        assert isinstance(where, CodeRange)
        starts = self.source.line_starts
        return (
            starts[where.start.line - 1] + where.start.column,
            starts[where.end.line - 1] + where.end.column,
        )

    def _next_line(self, offset: int) -> int:
        end = self.source.text.find("\n", offset)
        return end + 1 if end >= 0 else len(self.source.text)


def _is_fallback(parent: cst.CSTNode, node: cst.CSTNode, name: str) -> bool:
    """Whether an expression counts only where one that is asked for the same name has nothing."""
    return (
        isinstance(parent, cst.BooleanOperation)
        and isinstance(parent.operator, cst.Or)
        and parent.right is node
        and isinstance(parent.left, cst.Call)
        and bool(parent.left.args)
        and isinstance(argument := parent.left.args[0].value, cst.SimpleString)
        and argument.value == name
    )


def _statements(body: cst.BaseSuite) -> Iterator[cst.BaseSmallStatement]:
    for line in body.body:
        if isinstance(line, cst.SimpleStatementLine):
            yield from line.body


def _assignments(body: cst.BaseSuite) -> Iterator[tuple[str, cst.BaseExpression]]:
    for part in _statements(body):
        if isinstance(part, cst.Assign):
            yield _last_name(part.targets[0].target), part.value


def _string(node: cst.BaseExpression) -> str:
    """A text that is written out; empty for another expression."""
    value = node.evaluated_value if isinstance(node, cst.SimpleString) else ""
    return value if isinstance(value, str) else ""


def _text(node: cst.BaseExpression) -> str:
    """A text that is written out; another expression as a text that is none."""
    return str(node.evaluated_value) if isinstance(node, cst.SimpleString) else "?"


def _dotted(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def _last_name(node: cst.BaseExpression) -> str:
    """What an assignment's target is called: a name, an attribute's, or an item's key."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        return node.attr.value
    if isinstance(node, cst.Subscript) and len(node.slice) == 1:
        index = node.slice[0].slice
        if isinstance(index, cst.Index) and isinstance(index.value, cst.SimpleString):
            return str(index.value.evaluated_value)
    return ""
