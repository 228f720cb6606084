"""The Python code of the services that the stack builds: whether it reads a secret's file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from fixer.changes import EditText
from fixer.documents.source import Edit
from fixer.stack import Service, Stack
from fixes.secrets._literals import is_secret
from fixes.secrets._moving import MOUNTED
from fixes.secrets._weak import is_well_known

if TYPE_CHECKING:
    from fixer.documents.python import PythonDocument

MOST_FILES = 400
"""Modules of one service that are looked at."""

NO_APPLICATION = (
    r"(?i)(^|/)(tests?|testing|migrations|alembic|node_modules|site-packages|\.?v?env|docs?|examples?|scripts"
    r"|_?(archive[ds]?|old|deprecated|backups?))/"
    r"|(^|/)(test_[^/]*|[^/]*_test|conftest|setup|manage|noxfile)\.py\Z"
)
"""Modules that do not run in the service's container, or have no settings of their own."""


GENERAL = r"""[}"']_FILE["']"""
"""What code has that makes the name of the file's variable from the other one's."""


NO_VALUE = r"(?i)django-insecure-|[\s\[\]]|\A[a-z._:-]+\Z|\A\W*\Z|[{}%<>]|\A(https?|s3|file)://"
"""Values that are words, names, formats, sentences or addresses, and keys made for development."""

HERE = r"(localhost|127\.|host\b|example|\Z)"
"""Hosts of URLs that are for the machine which someone develops on, or for show."""


def opens(value: str) -> bool:
    """Say whether a text in code that stands in a password's place opens something."""
    is_own = len(value) >= 6 and not re.search(NO_VALUE, value)
    return is_own and is_secret(value) and not is_well_known(value)


def built_services(stack: Stack) -> Iterator[list[Service]]:
    """Yield the services that are built from each context of the stacks."""
    contexts: dict[str, list[Service]] = {}
    for service in stack.related_services:
        if service.build and service.build.context is not None:
            contexts.setdefault(service.build.context, []).append(service)
    yield from contexts.values()


def paths(service: Service) -> Iterator[str]:
    """Yield the paths of the Python modules in a service's build context, less those that are too large
    to look at."""
    build, repository = service.build, service.stack.repository
    if build is None or build.context is None:
        return
    found = [path for path in repository.below(build.context) if path.endswith(".py")]
    own = [path for path in found if not re.search(NO_APPLICATION, path.removeprefix(build.context))]
    yield from (path for path in own[:MOST_FILES] if repository.searchable(path) is not None)


def modules(
    service: Service, is_wanted: Callable[[bytes], object]
) -> Iterator[tuple[str, PythonDocument]]:
    """Yield the Python modules of a service's build context whose text is wanted, with their paths.
    Parsing one takes a thousand times as long as looking for a word."""
    repository = service.stack.repository
    for path in paths(service):
        if is_wanted(repository.read(path) or b""):
            document = repository.parsed(path, parse)
            if document is not None:
                yield path, document


def having(pattern: str) -> Callable[[bytes], object]:
    """Give the test of whether a pattern is found in a text."""
    return re.compile(pattern.encode()).search


def _with_field(name: str) -> Callable[[bytes], object]:
    """Give the test of whether a text may have settings with a field that is read from a variable: it
    may have a prefix that the field has not."""
    parts = name.lower().split("_")
    fields = "|".join("_".join(parts[start:]) for start in range(len(parts)))
    return having(rf"(?is)\bBaseSettings\b.*\b(?:{fields})\s*:")


def parse(path: str, content: bytes) -> PythonDocument | None:
    """Give a module, or None where the text is no Python."""
    from fixer.documents.python import PythonDocument, PythonSyntaxError

    try:
        return PythonDocument(content)
    except PythonSyntaxError:
        return None


def reads_file(service: Service, name: str, secret: str) -> bool:
    """Say whether the code reads the variable `name` from a file already: from the one that `name_FILE`
    names, or from the secret's."""
    if any(True for _ in modules(service, having(rf"\b{name}_FILE\b|{MOUNTED}{re.escape(secret)}\b"))):
        return True
    if any(True for _ in modules(service, having(GENERAL))):
        named = [each for _, each in modules(service, having(rf"\b{name}\b"))]
        return bool(named) and not any(read.name == name for each in named for read in each.reads)
    if any(
        each.reads_files
        for _, document in modules(service, having("FileAwareEnv"))
        for each in document.environs
    ):
        return True
    folder = MOUNTED.rstrip("/")
    return any(
        name.lower() in each.variables and each.folder == folder
        for _, document in modules(service, _with_field(name))
        for each in document.settings
    )


def reading_file(service: Service, name: str, secret: str) -> tuple[EditText, ...] | None:
    """Give the changes of the code after which it reads the variable `name` from the file that
    `name_FILE` names, where that is set, one a module; None where it is not plain what reads the
    variable."""
    edits: dict[str, list[Edit]] = {}
    for path, document in modules(
        service, having(rf"""[(\[]\s*["']{name}["']|["']{name}["']\s+(not\s+)?in\b""")
    ):
        reads = [each for each in document.reads if each.name == name]
        if reads:
            edits.setdefault(path, []).extend(document.read_files(reads))
    for path, document in modules(service, _with_field(name)):
        for each in document.settings:
            if name.lower() in each.variables and not each.folder and secret == name.lower():
                edits.setdefault(path, []).extend(document.read_folder(each, MOUNTED.rstrip("/")))
    if not edits:
        for path, document in modules(service, having(r"\bEnv(\(|\s+as\b)")):
            edits[path] = [document.file_aware(each) for each in document.environs]
    changes = [EditText(path, tuple(dict.fromkeys(each))) for path, each in edits.items() if each]
    return tuple(changes) or None
