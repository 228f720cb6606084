"""The fixes that a repository has of its own: modules in it, made as those in `fixes/` are.

Loading one runs code of the repository, so that nothing here does so unless it is asked for by name.
"""

from __future__ import annotations

import sys
import traceback
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from fixer import registry
from fixer.finding import Fix
from fixer.place import from_here

FAMILY = "own"
"""The family of a fix whose folder names none."""

PACKAGE = "dockfix_own_fixes"
"""The package that the modules are in, for Python."""

MODULE = "[!_.]*.py"
"""What a fix's file is called."""

PARTS = ("detect", "propose", "review")
"""What a fix does; it has one of them or several."""


class OwnFixError(Exception):
    """A module that is no fix, or that cannot be loaded; the message says where and why."""


class OwnFix(NamedTuple):
    """A fix's module, not loaded."""

    path: Path
    family: str

    @property
    def name(self) -> str:
        """The fix's name."""
        return self.path.stem.replace("_", "-")

    @property
    def misnamed(self) -> Path | None:
        """The file, or its family's folder, if Python could not import one of that name."""
        if not self.path.stem.isidentifier():
            return self.path
        return None if self.family.isidentifier() else self.path.parent


def found_at(path: Path) -> list[OwnFix]:
    """Give the fixes at a path: the module itself, or those in a folder and in its families' folders."""
    if not path.is_dir():
        return [OwnFix(path, FAMILY)] if fnmatch(path.name, MODULE) else []
    own = [OwnFix(each, FAMILY) for each in sorted(path.glob(MODULE))]
    others = [OwnFix(each, each.parent.name) for each in sorted(path.glob(f"[!_.]*/{MODULE}"))]
    return [*own, *others]


@cache
def load(own: OwnFix) -> None:
    """Load a fix and add it to the others; again it does nothing.

    Raises OwnFixError.
    """
    if own.name in {rule.name for rule in registry.all_rules()}:
        raise OwnFixError(f"{from_here(own.path)}: there is a fix {own.name} already; rename this file")
    module = _module(own)
    if not isinstance(getattr(module, "fix", None), Fix):
        hint = "if it is not meant to be a fix, let its name start with _"
        raise OwnFixError(f"{from_here(own.path)}: this module has no `fix = Fix(...)`; {hint}")
    if not any(callable(getattr(module, part, None)) for part in PARTS):
        raise OwnFixError(f"{from_here(own.path)}: this fix has no function `detect`")
    registry.add(module)


def _module(own: OwnFix) -> ModuleType:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(f"{_package(own)}.{own.path.stem}", own.path)
    assert spec is not None and spec.loader is not None, "Python knows files that end with .py"
    module = module_from_spec(spec)
    writes_bytecode = sys.dont_write_bytecode
    # A check leaves nothing in the repository.
    sys.dont_write_bytecode = True
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        reason = error.msg if isinstance(error, SyntaxError) else " ".join(str(error).split())
        message = f"this fix cannot be loaded: {type(error).__name__}: {reason}"
        raise OwnFixError(f"{_place(own.path, error)}: {message}") from None
    finally:
        sys.dont_write_bytecode = writes_bytecode
    return module


def _package(own: OwnFix) -> str:
    """The package of a family, in which a fix can import what lies beside it."""
    name = f"{PACKAGE}.{own.family}"
    package = sys.modules.setdefault(name, ModuleType(name))
    folders: list[str] = list(getattr(package, "__path__", []))
    package.__path__ = list(dict.fromkeys([*folders, str(own.path.parent)]))
    return name


def _place(path: Path, error: BaseException) -> str:
    """Where in the fix, or in a module beside it, loading failed."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{from_here(Path(error.filename))}:{error.lineno or 1}:{error.offset or 1}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [each for each in frames if Path(each.filename).parent == path.parent]
    if not own:
        return from_here(path)
    return f"{from_here(Path(own[-1].filename))}:{own[-1].lineno}:{(own[-1].colno or 0) + 1}"
