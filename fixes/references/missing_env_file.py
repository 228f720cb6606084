"""A file of variables or labels that the stack reads does not exist.

## What is wrong

What stands under `env_file`, `label_file` or an include's `env_file` must be there, or Compose refuses
the stack: `env file /srv/app/.env not found: stat /srv/app/.env: no such file or directory`. On a fresh
clone that is usual: the file is kept out of version control, and everyone is meant to make it out of
`.env.example`.

## What dockfix does

- Where the file's example lies beside it (`.env.example`, `.env.sample`, `env.dist`, `.env.template`,
  `example.env`), the file is made as its copy, readable by its owner alone, and git is told to ignore
  it. What the example leaves open has to be filled in.
- Where the same name is spelled otherwise in that folder (`dev.env` for `.env.dev`), or one file of
  that name lies in the stack's folder, where the service is built, or at that path from the folder
  above, the path is corrected. A `.env` of another folder never is what is meant: every project has
  one, and a container must not get the values of another's.
- Else the entry gets `required: false`, with which Compose (2.24 and newer) goes on without the file;
  for labels and includes, which know no such setting, a person has to make the file.

A file that git ignores is a note, not an error: the author left it out on purpose. Nothing is said
where a script of the repository makes it and no example is kept.

## Fix safety

A copy and another spelling in the same folder are safe: Compose refuses the stack as it is, and only a
missing file is added. A path to another folder is unsafe, since the file there may be another
service's, and so is another spelling of a file that git ignores, which may only have to be made.
`required: false` is unsafe, since the container starts without the variables; so is a copy of
`.env.example` for a file of another name, as `.env.local`.

## References

Compose specification, env_file, label_file and include.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import EnvironmentFile, Service, Stack, Value
from fixer.stack.examples import example_of, words
from fixer.stack.merging import join
from fixes.references._examples import copied

fix = Fix(
    summary="A file of variables that the stack reads does not exist.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find files under `env_file` and `label_file` that are missing."""
    for service in stack.services.values():
        for each in service.env_files:
            if each.required and _is_missing(stack, each):
                yield _finding(stack, each, "env file", service)
        for each in _texts(stack, service.value.get("label_file")):
            if _is_missing(stack, each):
                yield _finding(stack, each, "label file", service)
    include = stack.merged.get("include")
    for item in include.items() if include else ():
        for each in _texts(stack, item.get("env_file")):
            if _is_missing(stack, each):
                yield _finding(stack, each, "env file", None)


def _texts(stack: Stack, value: Value | None) -> Iterator[EnvironmentFile]:
    """The files of a setting that is one path or a list of them."""
    for item in [] if value is None else [value] if isinstance(value.data, str) else value.items():
        text = stack.interpolate(item.text, item.file)
        yield EnvironmentFile(text, stack.resolve(text, item.file), True, item)


def _written(each: EnvironmentFile) -> Value:
    """The scalar that holds the path."""
    return each.at.get("path") or each.at


def _is_missing(stack: Stack, each: EnvironmentFile) -> bool:
    repository, path = stack.repository, each.path
    if not path or not stack.is_known(_written(each).text):
        return False
    return repository.is_missing(path)


def _finding(stack: Stack, each: EnvironmentFile, kind: str, service: Service | None) -> Finding:
    repository, path = stack.repository, each.path or ""
    place = _written(each).at
    message = f"Compose refuses the stack: {kind} {path} not found: no such file or directory."
    ignored = repository.is_left_out(path)
    if example := example_of(repository, path):
        severity = Severity.NOTE if ignored else None
        return Finding(place, message, copied(repository, example, path), severity)
    found = _elsewhere(stack, each, service)
    if len(found) == 1 and "$" not in _written(each).text:
        is_beside = found[0].rpartition("/")[0] == path.rpartition("/")[0]
        safety = None if is_beside and not repository.is_ignored(path) else Safety.UNSAFE
        return Finding(place, message, (_corrected(stack, each, found[0]),), safety=safety)
    severity = Severity.WARNING if ignored else None
    folder = path.rpartition("/")[0]
    general = example_of(repository, join(folder, ".env")) if "env" in words(path) else None
    if general:
        changes = copied(repository, general, path)
        return Finding(place, message, changes, severity, Safety.UNSAFE)
    if service is None or kind == "label file":
        steps = f"Make {path}, or take it out of the stack."
        return Finding(place, message, severity=severity, steps=steps)
    return Finding(place, message, (_not_required(each),), severity, Safety.UNSAFE)


def _elsewhere(stack: Stack, each: EnvironmentFile, service: Service | None) -> list[str]:
    """The files that can be meant: those beside it whose name has the same parts, else those of the
    same name in the stack's folder or where the service is built, or at the path as it reads from the
    folder above. A bare `.env`, which every project has, tells nothing there."""
    repository, path = stack.repository, each.path or ""
    folder, _, name = path.rpartition("/")
    alike = [
        other
        for other in repository.listed(folder)
        if words(other.rpartition("/")[2]) == words(name) and repository.is_file(other)
    ]
    if alike or name == ".env":
        return alike
    base = stack.folder_of(_written(each).file)
    found = [join(base, name), join(base.rpartition("/")[0], each.text)]
    build = service.build if service else None
    if build and build.context is not None:
        found.append(join(build.context, name))
    return [other for other in dict.fromkeys(found) if repository.is_file(other)]


def _corrected(stack: Stack, each: EnvironmentFile, found: str) -> EditYaml:
    written = _written(each)
    path = os.path.relpath(found, stack.folder_of(written.file) or ".")
    if each.text.startswith("./") and not path.startswith("../"):
        path = f"./{path}"
    return EditYaml(written.file.path, (Set(written.route, path, written.node.document),))


def _not_required(each: EnvironmentFile) -> EditYaml:
    at = each.at
    document = at.node.document
    if at.get("path"):
        operation = Set((*at.route, "required"), False, document)
    else:
        value = {"path": at.text, "required": False}
        is_item = isinstance(at.route[-1], int)
        operation = Set(at.route, value if is_item else [value], document)
    return EditYaml(at.file.path, (operation,))
