"""What the names of a Python module stand for, as far as imports tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from fixer.documents.python.tree import Tree, dotted

IN_TARGETS = (cst.Element, cst.StarredElement, cst.Tuple, cst.List)
TARGETS = (
    cst.AssignTarget, cst.AnnAssign, cst.AugAssign, cst.NamedExpr, cst.Del, cst.For, cst.CompFor,
)  # fmt: skip
NAMED = (
    cst.AsName, cst.Param, cst.FunctionDef, cst.ClassDef, cst.MatchAs, cst.MatchStar,
)  # fmt: skip


class Binding(NamedTuple):
    """A place that gives a name a meaning: the dotted name of what is imported there, empty for
    anything else, its offset, and whether the scope's whole rest comes after it."""

    imported: str
    start: int
    is_certain: bool


class Scope(NamedTuple):
    """A part of the text with names of its own."""

    start: int
    end: int
    is_class: bool
    bindings: dict[str, list[Binding]]


class Names:
    """The scopes of a module and their names."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        whole = Scope(0, len(tree.source.text) + 1, False, {})
        self._scopes: dict[cst.CSTNode, Scope] = {tree.module: whole}
        self.used: set[str] = set()
        for node in tree.parents:
            if isinstance(node, cst.FunctionDef | cst.Lambda | cst.ClassDef):
                scope = Scope(*tree.span(node.body), isinstance(node, cst.ClassDef), {})
                self._scopes[node.body] = scope
            elif isinstance(node, cst.BaseComp):
                self._scopes[node] = Scope(*tree.span(node), False, {})
        for node in tree.parents:
            if isinstance(node, cst.Import | cst.ImportFrom):
                self._import(node)
            elif isinstance(node, cst.Name):
                self.used.add(node.value)
                if is_target(tree, node):
                    self._bind(node, node.value, "")

    def _import(self, node: cst.Import | cst.ImportFrom) -> None:
        if isinstance(node.names, cst.ImportStar):
            return
        for each in node.names:
            name = dotted(each.name)
            if isinstance(node, cst.ImportFrom):
                of = dotted(node.module) if node.module and not node.relative else ""
                imported = f"{of}.{name}" if of else ""
            else:
                imported = name if each.evaluated_alias else name.partition(".")[0]
            self._bind(node, each.evaluated_alias or name.partition(".")[0], imported)

    def _bind(self, node: cst.CSTNode, name: str, imported: str) -> None:
        scope, body = self._scope_of_binding(node)
        above = self._tree.parents[self._tree.parents[node]]
        start, _ = self._tree.span(node)
        scope.bindings.setdefault(name, []).append(Binding(imported, start, above is body))

    def _scope_of_binding(self, node: cst.CSTNode) -> tuple[Scope, cst.CSTNode]:
        parent = self._tree.parents[node]
        if isinstance(parent, cst.Param):
            function = self._tree.parents[self._tree.parents[parent]]
            assert isinstance(function, cst.FunctionDef | cst.Lambda)
            return self._scopes[function.body], function.body
        return next(
            (self._scopes[each], each) for each in self._tree.ancestors(node) if each in self._scopes
        )

    def imported(self, node: cst.CSTNode) -> str:
        """Give the dotted name that an expression was imported by; empty where it is no import."""
        if isinstance(node, cst.Attribute):
            of = self.imported(node.value)
            return f"{of}.{node.attr.value}" if of else ""
        if not isinstance(node, cst.Name):
            return ""
        scopes = [self._scopes[each] for each in self._tree.ancestors(node) if each in self._scopes]
        start, _ = self._tree.span(node)
        found = [each for each in _bindings(node.value, scopes) if each.imported]
        before = [each for each in found if each.start <= start] or found
        # What stands in for a module that may be missing comes behind it.
        certain = [each for each in before if each.is_certain]
        return next((each.imported for each in (*certain[-1:], *before)), "")

    def names_of(self, imported: str, offset: int) -> Iterator[str]:
        """Yield the names that certainly stand for something imported at an offset."""
        scopes = self._around(offset)
        for name in dict.fromkeys(name for scope in scopes for name in scope.bindings):
            found = _bindings(name, scopes)
            is_certain = any(each.is_certain and each.start < offset for each in found)
            if is_certain and all(each.imported == imported for each in found):
                yield name

    def is_free(self, name: str, imported: str, offset: int) -> bool:
        """Say whether the name will stand for something at an offset once the module's first lines
        import it so."""
        scopes = self._around(offset)
        found = _bindings(name, scopes)
        whole = scopes[-1].bindings.get(name, [])
        return found in ([], whole) and all(each.imported == imported for each in found)

    def _around(self, offset: int) -> list[Scope]:
        """The scopes around an offset, the innermost first."""
        around = [each for each in self._scopes.values() if each.start <= offset < each.end]
        return sorted(around, key=lambda each: each.end - each.start)


def _bindings(name: str, scopes: list[Scope]) -> list[Binding]:
    """What gives a name its meaning in the innermost scope. A class's names are not those of the
    functions in it."""
    for number, scope in enumerate(scopes):
        if name in scope.bindings and not (scope.is_class and number):
            return scope.bindings[name]
    return []


def is_target(tree: Tree, node: cst.CSTNode) -> bool:
    """Say whether an expression or a name is given a value there, or is deleted."""
    parent = tree.parents[node]
    while isinstance(parent, IN_TARGETS):
        node, parent = parent, tree.parents[parent]
    if isinstance(parent, cst.AsName) and isinstance(tree.parents[parent], cst.ImportAlias):
        return False
    if isinstance(parent, TARGETS):
        return parent.target is node
    return isinstance(parent, NAMED) and parent.name is node
