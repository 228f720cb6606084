"""What a Python module reads from its environment, and which texts it holds."""

from __future__ import annotations

import libcst as cst

from fixer.documents.python.names import Names, is_target
from fixer.documents.python.settings import Settings
from fixer.documents.python.spans import Credential, Default, Environ, EnvironmentRead, Text
from fixer.documents.python.tree import Tree, dotted, last_name, string
from fixer.documents.source import Edit

GETTERS = ("os.getenv", "os.environ.get", "decouple.config")

READERS = ("environ.Env", "environ.FileAwareEnv")
"""What django-environ has that reads variables."""

STANDS_ALONE = (
    cst.Assign, cst.AnnAssign, cst.AugAssign, cst.Arg, cst.Return, cst.Yield, cst.DictElement,
    cst.Element, cst.FormattedStringExpression, cst.Param, cst.Expr, cst.If, cst.While, cst.Match,
)  # fmt: skip
"""What takes a whole expression, however long."""

TESTS = {cst.In: "is not None or", cst.NotIn: "is None and"}
"""Questions for a variable, and how the same question for its file goes on to them."""

PLACES = (cst.Annotation, cst.MatchPattern, cst.BaseFormattedStringContent)
"""Where a text has to stay one."""


class Visitor:
    """Gathers the parts of a module, in the order of its text."""

    def __init__(self, tree: Tree, names: Names) -> None:
        self._tree = tree
        self._names = names
        self.reads: list[EnvironmentRead] = []
        self.environs: list[Environ] = []
        self.credentials: list[Credential] = []
        self.defaults: list[Default] = []
        self.texts: list[Text] = []
        found = Settings(tree, names)
        self.settings = found.classes
        for node in tree.parents:
            match node:
                case cst.Call():
                    self._call(node)
                case cst.Subscript():
                    self._item(node)
                case cst.Comparison():
                    self._question(node)
                case cst.ImportFrom():
                    self._import(node)
                case cst.Assign():
                    for target in node.targets:
                        self._credential(last_name(target.target), node.value, "")
                case cst.AnnAssign() if node.value is not None and node not in found.fields:
                    self._credential(last_name(node.target), node.value, "")
                case cst.AnnAssign() if node in found.fields:
                    self._field(node, found.fields[node])
                case cst.DictElement():
                    self._credential(string(node.key), node.value, "")
                case cst.SimpleString() if not node.prefix:
                    self._text(node)

    def _call(self, node: cst.Call) -> None:
        """A call may read a variable, and give something to what has a name."""
        name = self._names.imported(node.func)
        if name in GETTERS and node.args:
            first = node.args[0]
            is_name = not first.star and (
                first.keyword is None or first.keyword.value in ("key", "option")
            )
            if is_name and not _is_cast(node, name):
                self._read(node, first.value)
                self._default(node, name)
        if name in READERS and isinstance(node.func, cst.Attribute):
            span = self._tree.span(node.func.attr)
            self.environs.append(Environ(*span, "FileAwareEnv", name.endswith("FileAwareEnv")))
        for argument in node.args:
            if argument.keyword is not None:
                self._credential(argument.keyword.value, argument.value, name)

    def _import(self, node: cst.ImportFrom) -> None:
        """Where django-environ's reader is imported by its name, another one may take that name."""
        if node.relative or node.module is None or isinstance(node.names, cst.ImportStar):
            return
        for each in node.names:
            name = f"{dotted(node.module)}.{dotted(each.name)}"
            if name in READERS:
                text = "FileAwareEnv" if each.asname else "FileAwareEnv as Env"
                reads_files = name.endswith("FileAwareEnv")
                self.environs.append(Environ(*self._tree.span(each.name), text, reads_files))

    def _item(self, node: cst.Subscript) -> None:
        """An item of `os.environ` is a variable."""
        index = node.slice[0].slice if len(node.slice) == 1 else None
        is_variable = self._names.imported(node.value) == "os.environ" and not is_target(
            self._tree, node
        )
        if isinstance(index, cst.Index) and is_variable:
            self._read(node, index.value)

    def _question(self, node: cst.Comparison) -> None:
        """Code may ask whether a variable is set."""
        asked = node.comparisons[0]
        junction = TESTS.get(type(asked.operator))
        is_alone = len(node.comparisons) == 1
        if junction and is_alone and self._names.imported(asked.comparator) == "os.environ":
            self._read(node, node.left, junction)

    def _read(self, node: cst.BaseExpression, name: cst.BaseExpression, junction: str = "or") -> None:
        parent = self._tree.parents[node]
        start, end = self._tree.span(name)
        written = self._tree.source.text[start:end]
        if string(name) and not _is_asked_after(parent, node, written):
            is_in_or = isinstance(parent, cst.BooleanOperation) and isinstance(parent.operator, cst.Or)
            is_alone = isinstance(parent, STANDS_ALONE) and not getattr(parent, "star", "")
            binds = not node.lpar and not is_in_or and not is_alone
            span = self._tree.span(node)
            self.reads.append(EnvironmentRead(string(name), written, *span, junction, binds))

    def _default(self, call: cst.Call, getter: str) -> None:
        """What a call gives where the variable is not set."""
        name, last = call.args[0].value, call.args[-1]
        keyword = last.keyword.value if last.keyword else "default"
        value = string(last.value)
        if string(name) and len(call.args) == 2 and keyword == "default" and value:
            (_, behind), (_, end) = self._tree.span(call.args[0]), self._tree.span(last)
            required = Edit(behind, end, "")
            is_item = getter != "decouple.config"
            if is_item:
                first, last_offset = self._tree.span(name)
                written = self._tree.source.text[first:last_offset]
                required = Edit(*self._tree.span(call), f"[{written}]")
            start, _ = self._tree.span(last.value)
            self.defaults.append(Default(string(name), value, start, required, is_item))

    def _field(self, field: cst.AnnAssign, variable: str) -> None:
        """What a field of settings is where its variable is not set."""
        given = field.value
        required = Edit(self._tree.span(field.annotation)[1], self._tree.span(field)[1], "")
        if isinstance(given, cst.Call) and last_name(given.func).endswith("Field"):
            named = [each for each in given.args if each.keyword and each.keyword.value == "default"]
            unnamed = [each for each in given.args[:1] if not each.keyword and not each.star]
            given = next((each.value for each in [*named, *unnamed]), None)
            required = Edit(*self._tree.span(given), "...") if given else required
        if given is not None and (text := string(given)):
            start, _ = self._tree.span(given)
            self.defaults.append(Default(variable.upper(), text, start, required))

    def _credential(self, name: str, value: cst.BaseExpression, caller: str) -> None:
        if name and string(value):
            self.credentials.append(Credential(name, string(value), *self._tree.span(value), caller))

    def _text(self, node: cst.SimpleString) -> None:
        above = list(self._tree.ancestors(node))
        around = next(each for each in above if not isinstance(each, cst.ConcatenatedString))
        if not isinstance(around, cst.Expr):
            is_fixed = any(isinstance(each, PLACES) for each in above)
            self.texts.append(Text(node.value, *self._tree.span(node), is_fixed))


def _is_cast(call: cst.Call, getter: str) -> bool:
    """Whether a call makes another type of the variable's text."""
    casts = [each for each in call.args if each.keyword and each.keyword.value == "cast"]
    unnamed = [each for each in call.args if not each.keyword]
    return getter == "decouple.config" and any(
        last_name(each.value) != "str" for each in [*casts, *unnamed[2:]]
    )


def _is_asked_after(parent: cst.CSTNode, node: cst.CSTNode, written: str) -> bool:
    """Whether an expression counts only where a call with the same name has nothing."""
    if not isinstance(parent, cst.BooleanOperation) or parent.right is not node:
        return False
    left = parent.left
    while isinstance(left, cst.BooleanOperation) and isinstance(parent.operator, cst.Or):
        left = left.right
    if isinstance(left, cst.Comparison):
        left = left.left
    elif not isinstance(parent.operator, cst.Or):
        return False
    argument = left.args[0].value if isinstance(left, cst.Call) and left.args else None
    return isinstance(argument, cst.SimpleString) and argument.value == written
