"""The Python code of the services that the stack builds: whether it reads a secret's file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fixer.changes import Change, EditText
from fixer.stack import Service
from fixes.secrets._moving import MOUNTED

if TYPE_CHECKING:
    from fixer.documents.python import PythonDocument

MOST_FILES = 400
"""Modules of one service that are looked at."""

NO_APPLICATION = (
    r"(?i)(^|/)(tests?|testing|migrations|alembic|node_modules|site-packages|\.?v?env|docs?|examples?|scripts)/"
    r"|(^|/)(test_[^/]*|[^/]*_test|conftest|setup|manage|noxfile)\.py\Z"
)
"""Modules that do not run in the service's container, or have no settings of their own."""


GENERAL = r"""[}"']_FILE["']"""
"""What code has that makes the name of the file's variable from the other one's."""


def modules(service: Service, *words: str) -> Iterator[tuple[str, PythonDocument]]:
    """Yield the Python modules of a service's build context that have all these words, with paths."""
    build, repository = service.build, service.stack.repository
    if build is None or build.context is None:
        return
    prefix = f"{build.context}/" if build.context not in ("", ".") else ""
    paths = [path for path in repository.files if path.endswith(".py") and path.startswith(prefix)]
    own = [path for path in paths if not re.search(NO_APPLICATION, path.removeprefix(prefix))]
    for path in own[:MOST_FILES]:
        content = repository.searchable(path)
        if content is not None and all(word.encode() in content for word in words):
            document = repository.parsed(path, _document)
            if document is not None:
                yield path, document


def _document(path: str, content: bytes) -> PythonDocument | None:
    from fixer.documents.python import PythonDocument, PythonSyntaxError

    try:
        return PythonDocument(content)
    except PythonSyntaxError:
        return None


def reads_file(service: Service, name: str, secret: str) -> bool:
    """Say whether the code reads the variable `name` from a file already: from the one that `name_FILE`
    names, or from the secret's."""
    if any(True for mark in (f"{name}_FILE", f"{MOUNTED}{secret}") for _ in modules(service, mark)):
        return True
    for _, document in modules(service, "_FILE"):
        if re.search(GENERAL, document.source.text):
            named = [each for _, each in modules(service, name)]
            return bool(named) and not any(read.name == name for each in named for read in each.reads)
    if any(
        each.reads_files for _, document in modules(service, "FileAware") for each in document.environs
    ):
        return True
    folder = MOUNTED.rstrip("/")
    return any(
        name.lower() in each.variables and each.folder == folder
        for _, document in modules(service, "BaseSettings")
        for each in document.settings
    )


def reading_file(service: Service, name: str, secret: str) -> tuple[Change, ...] | None:
    """Give the changes of the code after which it reads the variable `name` from the file that
    `name_FILE` names, where that is set; None where it is not plain what reads the variable."""
    changes: list[Change] = []
    for path, document in modules(service, name):
        reads = [each for each in document.reads if each.name == name]
        if reads:
            changes.append(EditText(path, tuple(document.read_files(reads))))
    for path, document in modules(service, "BaseSettings"):
        for each in document.settings:
            if name.lower() in each.variables and not each.folder and secret == name.lower():
                edits = document.read_folder(each, MOUNTED.rstrip("/"))
                changes.append(EditText(path, tuple(edits)))
    if not changes:
        for path, document in modules(service, "environ", "Env", name):
            edits = [document.file_aware(each) for each in document.environs]
            if edits:
                changes.append(EditText(path, tuple(edits)))
    return tuple(changes) or None
