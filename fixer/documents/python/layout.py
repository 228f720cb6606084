"""Where a Python module's imports and functions go."""

from __future__ import annotations

import libcst as cst

from fixer.documents.python.spans import Import
from fixer.documents.python.tree import Tree, dotted, string
from fixer.documents.source import Edit

BETWEEN = (cst.Expr, cst.If, cst.Try, cst.TryStar)
"""What stands between the imports of a module without ending them."""


class Layout:
    """The opening of a module: the places where an import, and a function that all statements with one
    of the `reads` may call, are in time. `readers` are the functions that are such ones already."""

    def __init__(self, tree: Tree, reads: list[int]) -> None:
        self._tree = tree
        self._text = tree.source.text
        self._imports: list[Import] = []
        self._top = 0
        self.readers: set[str] = set()
        body = list(tree.module.body)
        if body:
            start, behind = tree.lines(body[0])
            self._top = behind if _is_documentation(body[0]) else tree.above_comments(start)
            body = body[1:] if _is_documentation(body[0]) else body
        self.function_at = self._top
        is_opening, is_in_time = True, True
        for statement in body:
            start, behind = tree.lines(statement)
            is_opening = is_opening and _is_import(statement)
            if is_opening:
                self._imports.append(self._import(statement))
            self._remember_reader(statement)
            if any(start <= read < behind for read in reads):
                break
            is_in_time = is_in_time and (_is_import(statement) or _is_between(statement))
            if is_in_time and _is_import(statement):
                self.function_at = behind

    def _import(self, statement: cst.CSTNode) -> Import:
        assert isinstance(statement, cst.SimpleStatementLine)
        first = statement.body[0]
        if isinstance(first, cst.ImportFrom):
            name = "." * len(first.relative) + (dotted(first.module) if first.module else "")
            return Import(name, True, *self._tree.lines(statement))
        assert isinstance(first, cst.Import)
        return Import(dotted(first.names[0].name), False, *self._tree.lines(statement))

    def _remember_reader(self, statement: cst.CSTNode) -> None:
        if isinstance(statement, cst.FunctionDef) and not statement.asynchronous:
            start, end = self._tree.span(statement)
            if len(statement.params.params) == 1 and "_FILE" in self._text[start:end]:
                self.readers.add(statement.name.value)

    def importing(self, statement: str, module: str) -> Edit:
        """Give the edit that imports a module of Python's own: in the order of its group, which opens
        the imports."""
        others = [each for each in self._imports if each.module != "__future__"]
        own = [each for each in others if each.is_own]
        before = None
        for each in own:
            if each.is_from or each.module > module:
                break
            before = each
        if before is not None:
            at = before.end
            line = statement if self._text[:at].endswith("\n") else f"\n{statement}"
            return Edit(at, at, f"{line}\n")
        if others:
            at = own[0].start if own else others[0].start
            return Edit(at, at, f"{statement}\n" if own else f"{statement}\n\n")
        at = self._imports[-1].end if self._imports else self._top
        return Edit(at, at, self._apart(at, statement, 1, self._text[:at]))

    def defining(self, code: str, imports: list[Edit]) -> Edit:
        """Give the edit that defines a function, behind edits that import what it needs."""
        at = self.function_at
        above = self._text[:at] + "".join(each.text for each in imports if each.start == at)
        return Edit(at, at, self._apart(at, code.rstrip(), 2, above))

    def _apart(self, at: int, code: str, lines: int, above: str) -> str:
        """Code with so many empty lines between it and what stands above and below."""
        below = self._text[at:]
        before = lines + 1 - above[len(above.rstrip()) :].count("\n") if above.strip() else 0
        behind = lines - below[: len(below) - len(below.lstrip())].count("\n") if below.strip() else 0
        return "\n" * before + code + "\n" + "\n" * behind


def _is_documentation(statement: cst.CSTNode) -> bool:
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) > 1:
        return False
    first = statement.body[0]
    return isinstance(first, cst.Expr) and bool(string(first.value))


def _is_import(statement: cst.CSTNode) -> bool:
    """Whether a line has nothing but imports."""
    return isinstance(statement, cst.SimpleStatementLine) and all(
        isinstance(each, cst.Import | cst.ImportFrom) for each in statement.body
    )


def _is_between(statement: cst.CSTNode) -> bool:
    if isinstance(statement, cst.SimpleStatementLine):
        return isinstance(statement.body[0], BETWEEN)
    return isinstance(statement, BETWEEN)
