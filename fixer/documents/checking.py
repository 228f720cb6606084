"""Edited texts of which nobody declares the data: what read them before must read them after."""

from __future__ import annotations

import re
import warnings

from fixer.documents.source import DishonestEdit

INSTRUCTIONS = {
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL",
    "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
}  # fmt: skip
"""What BuildKit knows. Its parser takes any first word of a line for an instruction."""


def check(path: str, before: bytes, after: bytes) -> None:
    """Look whether an edit left a Python module or a Dockerfile one.

    Raises DishonestEdit.
    """
    if path.endswith(".py"):
        # A module may be for another version of Python than the one that runs; libcst knows many.
        is_read = _compiles if _compiles(before) else _is_parsed
        if is_read(before) and not is_read(after):
            raise DishonestEdit(f"{path} would be no Python any more")
    elif _is_dockerfile(before) and not _is_dockerfile(after):
        raise DishonestEdit(f"{path} would be no Dockerfile any more")


def _compiles(content: bytes) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(content, "module", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
            return False
    return True


def _is_parsed(content: bytes) -> bool:
    from fixer.documents.python import PythonDocument, PythonSyntaxError

    try:
        PythonDocument(content)
    except PythonSyntaxError:
        return False
    return True


def _is_dockerfile(content: bytes) -> bool:
    if not re.search(rb"(?im)^[ \t]*FROM\b", content):
        return False
    from fixer.documents.dockerfile import DockerfileDocument, DockerfileSyntaxError

    try:
        document = DockerfileDocument(content)
    except DockerfileSyntaxError:
        return False
    return bool(document.stages) and all(each.name in INSTRUCTIONS for each in document.instructions)
