"""A file that is a secret as a whole is under version control.

## What is wrong

A private key, a `.htpasswd`, pgbouncer's `userlist.txt`, mosquitto's password file or the file of a
Compose secret is read by a container, and git tracks it. Everyone who can read the repository, now or
in its history, has the key, and can guess the passwords behind the hashes as long as they like.

## What dockfix does

It moves the file to `secrets/` in the project's folder, which git ignores from then on, and every
mount, secret and config of every stack that names the file follows. Where its whole folder is mounted,
where a Dockerfile copies it, or where a script or a program of the repository names it, it has to stay
in its place: then dockfix names the commands that take it out of version control there.

Keys with a passphrase, files that git keeps encrypted (git-crypt), well-known passwords (`postgres`)
and what serves development or tests, by its path or by a certificate for `localhost`, are no findings.

## Fix safety

Safe: the containers read the same bytes at the same place. The file keeps its mode, since a mount shows
the owner and mode of the host: nginx's workers, which are not root, read `.htpasswd` at each request,
and a file that is its owner's alone would lock them out. A key that only root reads can be `0600`;
dockfix does not know that of every image, and leaves who may read the file on this machine as it is.

Other checkouts lose the file when they pull, and need it in the new place before their next start. The
secret is still in the repository's history: change it.

## References

nginx documentation, auth_basic_user_file; Compose documentation, Use secrets in Compose; Git
documentation, git-rm.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from fnmatch import fnmatch
from os.path import relpath
from typing import NamedTuple

from fixer.changes import Change, EditYaml, EnsureLine, RenameFile
from fixer.documents.source import Position, Source
from fixer.documents.yaml import Operation, Rewrite, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import Stack, Value
from fixer.stack.merging import join, split_mount
from fixes.secrets._dockerfiles import dockerfile_of
from fixes.secrets._giving import left_out
from fixes.secrets._literals import TESTED
from fixes.secrets._moving import MOUNTED, SECRETS_FOLDER
from fixes.secrets._secret_files import SecretFile, is_made_for_tests, secret_file, secret_value

fix = Fix(
    summary="A file that is a secret as a whole is under version control.",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
    exposed=True,
)

NAMES = (
    r"(?i)\.(key|pem)\Z|\Aid_(rsa|ecdsa|ed25519)\Z|\Auserlist\.txt\Z"
    r"|(\A|[._-])(htpasswd|passwd|passwords?|pgpass|users)(\.\w+)?\Z"
)
"""Names of files in a mounted folder that are looked into."""

NO_PASSWORD = r"(?i)(user(name)?|login|name|db|database|host|port|mail|url)(_file)?(\.\w+)?\Z"
"""Names of Compose secrets that hold what is no secret."""

TEXTS = (".md", ".rst", ".adoc", ".txt", "ignore", ".gitattributes", ".baseline")
"""What the names of files end with whose naming of a file only tells of it."""

PATH = r"""(?P<joined>[^\s=(:,]["'])?(?P<path>[^\s"'`=,;:<>|&]*name)(?![\w.-])"""
"""A path in a script or a program. It goes on behind what is `joined` to it (`"$HERE"/tls/shop.key`)."""


class Naming(NamedTuple):
    """A place in a Compose file that names a file: the scalar, and the path as it is `written` there."""

    stack: Stack
    at: Value
    written: str


def detect(stack: Stack) -> Iterator[Finding]:
    """Find the files that git tracks among those that the stack's containers read."""
    repository = stack.repository
    for path, secret in _secret_files(stack).items():
        if repository.is_tracked(path) and not repository.is_encrypted(path):
            yield _finding(stack, path, secret)


def _secret_files(stack: Stack) -> dict[str, SecretFile]:
    """The secrets among the files that the containers read, by path."""
    found: dict[str, SecretFile] = {}
    for path, is_value in _read(stack):
        content = stack.repository.searchable(path)
        if path in found or content is None or re.search(TESTED, path):
            continue
        secret = secret_file(path, content) or (secret_value(content) if is_value else None)
        if secret is not None and not is_made_for_tests(stack.repository, path):
            found[path] = secret
    return found


def _read(stack: Stack) -> Iterator[tuple[str, bool]]:
    """The files that containers read, and whether one is read as a password whatever stands in it."""
    for service in stack.services.values():
        for mount in service.bind_mounts:
            if mount.path and not re.search(TESTED, mount.at.file.path):
                is_value = mount.target.startswith(MOUNTED)
                yield mount.path, is_value and not re.search(NO_PASSWORD, mount.target)
                yield from ((path, False) for path in _in_folder(stack, mount.path))
    for kind in ("secret", "config"):
        for name, declaration in stack.declarations(kind).items():
            file = declaration.value.get("file")
            path = stack.file_of(declaration)
            if path and file and not re.search(TESTED, file.file.path):
                yield path, kind == "secret" and not re.search(NO_PASSWORD, name)


def _in_folder(stack: Stack, folder: str) -> Iterator[str]:
    """The files of a mounted folder that may be secrets. A folder with the stack's own files is mounted
    for its code."""
    if folder and not any(file.path.startswith(f"{folder}/") for file in stack.files):
        for path in stack.repository.files:
            if path.startswith(f"{folder}/") and re.search(NAMES, path.rpartition("/")[2]):
                yield path


def _finding(stack: Stack, path: str, secret: SecretFile) -> Finding:
    place = Place(path, Position(1, 1))
    message = f"git tracks this file, {secret.told}, for everyone who can read the repository."
    namings = [each for one in stack.found for each in _namings(one, path)]
    target = _target(stack, path)
    operations = _operations(namings, target)
    obstacle = _obstacle(stack, path, target, namings)
    if operations is None or obstacle:
        reason = obstacle or "A variable is part of its path"
        steps = (
            f"{reason}, so that it stays in its place. Run git rm --cached {shlex.quote(path)} and echo"
            f" {shlex.quote(f'/{path}')} >> .gitignore; tell the others to save their copy before they"
            f" pull, or to make another ({secret.made_at(path)}). Then change the secret, which stays in"
            " the history."
        )
        return Finding(place, message, steps=steps)
    folder = target.rpartition("/")[0]
    changes: list[Change] = [RenameFile(path, target)]
    if not stack.repository.is_ignored(target):
        ignoring = join(stack.project_directory, ".gitignore")
        changes.append(EnsureLine(ignoring, f"{SECRETS_FOLDER}/"))
    changes += [EditYaml(file, (operation,)) for file, operation in operations]
    for service in stack.found_services:
        _, document = dockerfile_of(service)
        changes += left_out(service, document, folder) if document else []
    steps = (
        f"Every other checkout needs {target} before its next start: a copy of this one, or another"
        f" ({secret.made_at(target)}). Then change the secret, which stays in the history."
    )
    return Finding(place, message, tuple(changes), steps=steps)


def _namings(stack: Stack, path: str) -> Iterator[Naming]:
    """The places of a stack's Compose files that name a file."""
    for service in stack.services.values():
        for mount in service.bind_mounts:
            if mount.path == path:
                at = mount.at.get("source") or mount.at
                yield Naming(stack, at, at.text if mount.form == "long" else split_mount(at.text)[0])
    for kind in ("secret", "config"):
        for declaration in stack.declarations(kind).values():
            file = declaration.value.get("file")
            if file and stack.file_of(declaration) == path:
                yield Naming(stack, file, file.text)


def _target(stack: Stack, path: str) -> str:
    """Where the file goes: under its own name, with its folder's before it where another secret of the
    same name goes there too."""
    folder, _, name = path.rpartition("/")
    found = {each for one in stack.related for each in _secret_files(one)}
    if len([each for each in found if each.rpartition("/")[2] == name]) > 1:
        parent = folder.rpartition("/")[2]
        name = f"{parent}{name}" if name.startswith(".") else f"{parent}-{name}"
    return join(stack.project_directory, f"{SECRETS_FOLDER}/{name}")


def _operations(namings: list[Naming], target: str) -> list[tuple[str, Operation]] | None:
    """The edits after which the Compose files name the file in its new place, by path; None where one
    does not write the path itself."""
    found: dict[tuple[str, int], tuple[str, Operation]] = {}
    for naming in namings:
        at, old = naming.at, naming.written
        new = relpath(target, naming.stack.folder_of(at.file) or ".")
        new = new if new.startswith("../") else f"./{new}"
        operation: Operation = Set(at.route, new, at.node.document)
        if old != at.text:
            operation = Rewrite(at.route, f"{old}:", f"{new}:", at.node.document)
        is_written = old == at.text or at.text.count(f"{old}:") == 1
        other = found.setdefault((at.file.path, at.node.start), (at.file.path, operation))
        if "$" in old or not is_written or other[1] != operation:
            return None
    return list(found.values())


def _obstacle(stack: Stack, path: str, target: str, namings: list[Naming]) -> str | None:
    """Why the file cannot go to another place, None where it can."""
    folder = target.rpartition("/")[0]
    if stack.repository.is_link(path):
        return "It is a link, or lies behind one"
    if path.startswith(f"{folder}/"):
        return f"It is in {folder}/ already"
    if stack.repository.exists(target):
        return f"{target} is another file"
    for service in stack.found_services:
        for mount in service.bind_mounts:
            if mount.path == "" or path.startswith(f"{mount.path}/"):
                return f"{service.name} mounts a whole folder that it is in"
        context = service.build.context if service.build else None
        dockerfile, document = dockerfile_of(service)
        for instruction in document.instructions if document and context is not None else ():
            for source in (join(context or "", each) for each in instruction.copied):
                if source != context and any(fnmatch(path, each) for each in (source, f"{source}/*")):
                    return f"{dockerfile} copies it"
    edited = {(each.at.file.path, each.at.at.position.line) for each in namings}
    mention = next(_mentions(stack, path, edited), None)
    return f"{mention} names it" if mention else None


def _mentions(stack: Stack, path: str, edited: set[tuple[str, int]]) -> Iterator[str]:
    """The lines of scripts, workflows and code that name a file by its path, from where they lie or are
    run."""
    name = path.rpartition("/")[2]
    builds = [service.build for service in stack.found_services]
    started = {"", stack.project_directory, *(each.context or "" for each in builds if each)}
    word = re.compile(PATH.replace("name", re.escape(name)))
    for each in stack.repository.files:
        content = stack.repository.searchable(each) if not each.endswith(TEXTS) else None
        if content is None or name.encode() not in content or each == path:
            continue
        for number, line in enumerate(Source(content).text.splitlines(), 1):
            if (each, number) in edited or line.lstrip().startswith(("#", "//")):
                continue
            for found in word.finditer(line):
                written = re.sub(r"^.*\$[^/]*/", "", found["path"])
                written = written.lstrip("/") if found["joined"] else written
                if path in {join(start, written) for start in (*started, each.rpartition("/")[0])}:
                    yield f"{each}:{number}"
