"""What a Python module's top level makes: objects, and functions that give some."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from fixer.documents.python.names import Names
from fixer.documents.python.spans import Instance
from fixer.documents.python.tree import Tree, dotted


class Instances:
    """The objects that a module's top level gives a name, and the functions there that need no
    argument and return one, in the order written."""

    def __init__(self, tree: Tree, names: Names) -> None:
        self._tree = tree
        self._names = names
        self._relative = dict(self._relative_imports())
        self.found = [each for node in tree.parents for each in self._instances(node)]

    def _relative_imports(self) -> Iterator[tuple[str, str]]:
        for node in self._tree.parents:
            if isinstance(node, cst.ImportFrom) and node.relative and node.module is not None:
                of = "." * len(node.relative) + f"{dotted(node.module)}."
            elif isinstance(node, cst.ImportFrom) and node.relative:
                of = "." * len(node.relative)
            else:
                continue
            for each in [] if isinstance(node.names, cst.ImportStar) else node.names:
                yield each.evaluated_alias or dotted(each.name), of + dotted(each.name)

    def _instances(self, node: cst.CSTNode) -> Iterator[Instance]:
        match node:
            case cst.Assign() if self._is_at_top(node):
                target, value = node.targets[0].target, node.value
            case cst.AnnAssign() if node.value is not None and self._is_at_top(node):
                target, value = node.target, node.value
            case cst.FunctionDef() if self._is_at_top(node) and not _needs_arguments(node):
                maker = self._returned(node)
                if maker and not node.asynchronous:
                    yield Instance(node.name.value, maker, True)
                return
            case _:
                return
        maker = self._maker(value)
        if isinstance(target, cst.Name) and maker:
            yield Instance(target.value, maker, False)

    def _is_at_top(self, node: cst.CSTNode) -> bool:
        """Whether an import of the module runs a statement."""
        return not any(
            isinstance(each, cst.FunctionDef | cst.ClassDef | cst.Lambda)
            or (isinstance(each, cst.If) and "__name__" in self._text(each.test))
            for each in self._tree.ancestors(node)
        )

    def _text(self, node: cst.CSTNode) -> str:
        start, end = self._tree.span(node)
        return self._tree.source.text[start:end]

    def _maker(self, value: cst.BaseExpression) -> str:
        """What an expression calls, by the name that it was imported by; empty where it is no call."""
        return self._imported(value.func) if isinstance(value, cst.Call) else ""

    def _imported(self, node: cst.BaseExpression) -> str:
        name = dotted(node)
        first, dot, rest = name.partition(".")
        if first in self._relative:
            return self._relative[first] + dot + rest
        return self._names.imported(node) or name

    def _returned(self, function: cst.FunctionDef) -> str:
        """What makes the object that a function returns: the class that it is said to return, else a
        call there, whose result may get a name first."""
        if function.returns is not None and (said := self._imported(function.returns.annotation)):
            return said
        own = [
            node
            for node in self._tree.parents
            if next((each for each in self._tree.ancestors(node) if _is_function(each)), None)
            is function
        ]
        made = {name: maker for node in own for name, maker in self._named(node)}
        returned = [node.value for node in own if isinstance(node, cst.Return) and node.value]
        makers = (self._maker(value) or made.get(dotted(value), "") for value in returned)
        return next(filter(None, makers), "")

    def _named(self, node: cst.CSTNode) -> Iterator[tuple[str, str]]:
        if isinstance(node, cst.Assign):
            yield dotted(node.targets[0].target), self._maker(node.value)
        elif isinstance(node, cst.AnnAssign) and node.value is not None:
            yield dotted(node.target), self._maker(node.value)


def _is_function(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.FunctionDef | cst.Lambda)


def _needs_arguments(function: cst.FunctionDef) -> bool:
    parameters = function.params
    named = (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params)
    return any(each.default is None for each in named)
