"""The classes of pydantic's settings in a Python module."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from fixer.documents.python.names import Names
from fixer.documents.python.spans import FOLDER, SettingsClass
from fixer.documents.python.tree import Tree, last_name, statements, string
from fixer.documents.source import Edit

NEWER = "pydantic_settings.BaseSettings"
BASES = (NEWER, "pydantic.BaseSettings", "pydantic.v1.BaseSettings")

MAKERS = ("SettingsConfigDict", "ConfigDict", "dict")
"""What a class's `model_config` may be a call of."""

ALIASES = ("validation_alias", "alias", "env")
"""Arguments of a field that name its variable."""


class Settings:
    """The classes of settings with what they are read from; `fields` are all of their fields, with the
    variable of each."""

    def __init__(self, tree: Tree, names: Names) -> None:
        self._tree = tree
        self._names = names
        self.classes: list[SettingsClass] = []
        self.fields: dict[cst.AnnAssign, str] = {}
        for node in tree.parents:
            if isinstance(node, cst.ClassDef) and isinstance(node.body, cst.IndentedBlock):
                base = next((each for each in node.bases if names.imported(each.value) in BASES), None)
                if base is not None:
                    self._class(node, node.body, base.value)

    def _class(self, node: cst.ClassDef, body: cst.IndentedBlock, base: cst.BaseExpression) -> None:
        configuration = next((value for name, value in _assigned(body) if name == "model_config"), None)
        inner = next(
            (
                each
                for each in body.body
                if isinstance(each, cst.ClassDef) and each.name.value == "Config"
            ),
            None,
        )
        options: dict[str, str] = {}
        if inner is not None:
            options = {name: _text(value) for name, value in _assigned(inner.body)}
            edits = self._in_inner(inner)
        elif configuration is not None:
            options = dict(_options(configuration))
            edits = self._in_configuration(configuration)
        elif self._names.imported(base) == NEWER:
            edits = self._new_configuration(body, base)
        else:
            edits = self._new_inner(node, body)
        fields = {
            each: _variable(each, options.get("env_prefix", ""))
            for each in statements(body)
            if isinstance(each, cst.AnnAssign) and last_name(each.target) != "model_config"
        }
        self.fields |= fields
        self.classes.append(SettingsClass(tuple(fields.values()), options.get("secrets_dir", ""), edits))

    def _in_inner(self, inner: cst.ClassDef) -> tuple[Edit, ...]:
        if isinstance(inner.body, cst.IndentedBlock):
            at, _ = self._opening(inner.body)
            indent = self._tree.indent(inner.body.body[0])
            return (Edit(at, at, f'{indent}secrets_dir = "{FOLDER}"\n'),)
        _, end = self._tree.span(inner.body.body[-1])
        return (Edit(end, end, f'; secrets_dir = "{FOLDER}"'),)

    def _in_configuration(self, value: cst.BaseExpression) -> tuple[Edit, ...]:
        if isinstance(value, cst.Call) and last_name(value.func) in MAKERS:
            return self._added(value, value.args, f'secrets_dir="{FOLDER}"')
        if isinstance(value, cst.Dict):
            return self._added(value, value.elements, f'"secrets_dir": "{FOLDER}"')
        return ()

    def _new_configuration(self, body: cst.IndentedBlock, base: cst.BaseExpression) -> tuple[Edit, ...]:
        """The edits that give a class a configuration, before its fields."""
        maker, edits = self._maker(base)
        value = f'{maker}(secrets_dir="{FOLDER}")' if maker else f'{{"secrets_dir": "{FOLDER}"}}'
        at, is_documented = self._opening(body)
        text = self._tree.source.text
        if is_documented and not text[at : self._tree.source.line_end(at)].strip():
            at = self._tree.next_line(at)
        line = f"{self._tree.indent(body.body[0])}model_config = {value}\n\n"
        return (*edits, Edit(at, at, line))

    def _maker(self, base: cst.BaseExpression) -> tuple[str, tuple[Edit, ...]]:
        """What a configuration is made with, empty where the base is not imported at the module's top,
        and the edits that import it beside the base."""
        if isinstance(base, cst.Attribute):
            start, end = self._tree.span(base.value)
            return f"{self._tree.source.text[start:end]}.SettingsConfigDict", ()
        start, _ = self._tree.span(base)
        if known := next(self._names.names_of("pydantic_settings.SettingsConfigDict", start), None):
            return known, ()
        for statement in statements(self._tree.module):
            if isinstance(statement, cst.ImportFrom) and not isinstance(statement.names, cst.ImportStar):
                called = [each.evaluated_alias or each.evaluated_name for each in statement.names]
                if last_name(base) in called and "SettingsConfigDict" not in self._names.used:
                    names = self._added(statement, statement.names, "SettingsConfigDict")
                    return "SettingsConfigDict", names
        return "", ()

    def _new_inner(self, node: cst.ClassDef, body: cst.IndentedBlock) -> tuple[Edit, ...]:
        """The edit that gives a class of pydantic 1 a configuration, behind its fields."""
        _, at = self._tree.lines(body.body[-1])
        indent = self._tree.indent(body.body[0])
        deeper = indent + indent.removeprefix(self._tree.indent(node))
        before = "\n" if self._tree.source.text[:at].endswith("\n") else "\n\n"
        line = f'{before}{indent}class Config:\n{deeper}secrets_dir = "{FOLDER}"\n'
        return (Edit(at, at, line),)

    def _opening(self, body: cst.IndentedBlock) -> tuple[int, bool]:
        """The line where the first statement of a class goes, and whether there is documentation above
        it."""
        first = body.body[0]
        line, behind = self._tree.lines(first)
        is_documented = (
            isinstance(first, cst.SimpleStatementLine)
            and isinstance(first.body[0], cst.Expr)
            and bool(string(first.body[0].value))
        )
        return (behind, True) if is_documented else (self._tree.above_comments(line), False)

    def _added(
        self,
        node: cst.Call | cst.Dict | cst.ImportFrom,
        items: Sequence[cst.Arg | cst.BaseDictElement | cst.ImportAlias],
        text: str,
    ) -> tuple[Edit, ...]:
        """The edits that put something behind the last of several in parentheses, on a line of its own
        where that one has one."""
        if not items:
            _, end = self._tree.span(node)
            return (Edit(end - 1, end - 1, text),)
        start, end = self._tree.span(items[-1])
        source = self._tree.source
        before, line_end = source.text[source.line_start(start) : start], source.line_end(end)
        rest, has_comma = source.text[end:line_end], isinstance(items[-1].comma, cst.Comma)
        is_enclosed = not isinstance(node, cst.ImportFrom) or node.lpar is not None
        is_on_own_line = is_enclosed and not before.strip() and rest.startswith(",") == has_comma
        if not is_on_own_line or rest.removeprefix(",").partition("#")[0].strip():
            return (Edit(end, end, f", {text}"),)
        if has_comma:
            return (Edit(line_end, line_end, f"\n{before}{text},"),)
        return (Edit(end, end, ","), Edit(line_end, line_end, f"\n{before}{text}"))


def _assigned(body: cst.BaseSuite) -> Iterator[tuple[str, cst.BaseExpression]]:
    for each in statements(body):
        if isinstance(each, cst.Assign):
            yield last_name(each.targets[0].target), each.value
        elif isinstance(each, cst.AnnAssign) and each.value is not None:
            yield last_name(each.target), each.value


def _options(value: cst.BaseExpression) -> Iterator[tuple[str, str]]:
    """The options that a configuration sets."""
    if isinstance(value, cst.Call):
        for argument in value.args:
            if argument.keyword:
                yield argument.keyword.value, _text(argument.value)
    elif isinstance(value, cst.Dict):
        for element in value.elements:
            if isinstance(element, cst.DictElement):
                yield string(element.key), _text(element.value)


def _variable(field: cst.AnnAssign, prefix: str) -> str:
    """The variable that a field is read from, in small letters."""
    named: dict[str, str] = {}
    if isinstance(field.value, cst.Call):
        named = dict(_options(field.value))
    aliases = [named[key] for key in ALIASES if named.get(key, "?") != "?"]
    return (aliases[0] if aliases else f"{prefix}{last_name(field.target)}").lower()


def _text(node: cst.BaseExpression) -> str:
    """A text that is written out; another expression as a text that is none."""
    return string(node) if isinstance(node, cst.SimpleString) else "?"
