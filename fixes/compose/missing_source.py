"""A secret or config does not say where its content comes from, or says it twice.

## What is wrong

A secret has a `file` or an `environment`, a config may have a `content`, and both may be `external`.
Compose stops at one with none of them: `secrets.key must be a mapping` where nothing stands below the
name, `secrets.key: one of file|environment must be set` else. At two of them it says
`secrets.key: file|environment attributes are mutually exclusive`.

## What dockfix does

Where the repository has exactly one file of that name, as `secrets/key.txt`, it writes that one as
`file`. Where an override has another source than its base, the override takes the base's away with
`!reset null`. Else the finding says what to write.

## Fix safety

Safe: Compose refuses the stack as it is. `!reset` needs Compose 2.18.0.

## References

Compose specification, Secrets and Configs top-level elements.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Reset, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Declaration, Stack, Value
from fixer.stack.merging import join

fix = Fix(
    summary="A secret or config does not say where its content comes from.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

SOURCES = {
    "secret": ("file", "environment"),
    "config": ("file", "environment", "content"),
}

FOLDERS = {"secret": ("", "secrets/", ".secrets/"), "config": ("", "config/", "configs/")}


def detect(stack: Stack) -> Iterator[Finding]:
    """Find secrets and configs with no source or with several."""
    for kind, keys in SOURCES.items():
        for declaration in stack.declarations(kind).values():
            value = declaration.value
            if value.data is not None and not isinstance(value.data, dict):
                continue
            given = [key for key in keys if value.get(key) is not None]
            if not given and not _is_given_elsewhere(stack, kind, declaration):
                yield _without(stack, kind, declaration)
            elif len(given) > 1:
                yield _with_several(kind, declaration, given)


def _is_given_elsewhere(stack: Stack, kind: str, declaration: Declaration) -> bool:
    """Whether the declaration needs no source, here or in another stack that uses the file: a file is
    judged with the one that completes it."""
    for other in stack.related:
        if declaration.value.file in other.files:
            value = other.value_at((f"{kind}s", declaration.name))
            keys = (*SOURCES[kind], "external", "driver")
            if value is not None and any(value.get(key) is not None for key in keys):
                return True
    return False


def _without(stack: Stack, kind: str, declaration: Declaration) -> Finding:
    name, value = declaration.name, declaration.value
    place, keys = f"{kind}s.{name}", SOURCES[kind]
    refusal = "must be a mapping" if value.data is None else f"one of {'|'.join(keys)} must be set"
    separator = " " if value.data is None else ": "
    message = f"Compose refuses the stack: {place}{separator}{refusal}."
    found = _files(stack, kind, name, value)
    if len(found) != 1 or value.shared:
        steps = f"Write below {name} its {' or '.join(keys)}, or external: true."
        return Finding(value.at, message, steps=steps)
    operation = Set((*value.route, "file"), f"./{found[0]}", value.node.document)
    return Finding(value.at, message, (EditYaml(value.file.path, (operation,)),))


def _files(stack: Stack, kind: str, name: str, value: Value) -> list[str]:
    """The files of the repository, relative to where the file's paths start, that bear the name."""
    folder = stack.folder_of(value.file)
    names = [name, f"{name}.txt"] if kind == "secret" else [name]
    paths = [f"{start}{each}" for start in FOLDERS[kind] for each in names]
    return [path for path in paths if stack.repository.is_file(join(folder, path))]


def _with_several(kind: str, declaration: Declaration, given: list[str]) -> Finding:
    name = declaration.name
    values = [each for key in given if (each := declaration.value.get(key)) is not None]
    last = max(values, key=lambda each: _rank(each, declaration))
    message = (
        f"Compose refuses the stack: {kind}s.{name}: {'|'.join(SOURCES[kind])} attributes are mutually"
        " exclusive."
    )
    others = [key for key, each in zip(given, values, strict=True) if each.file is not last.file]
    if len(others) < len(given) - 1:
        return Finding(last.at, message, steps=f"Keep one of {', '.join(given)}.")
    operations = tuple(Set((f"{kind}s", name, key), Reset(), last.node.document) for key in others)
    return Finding(last.at, message, (EditYaml(last.file.path, operations),))


def _rank(value: Value, declaration: Declaration) -> bool:
    """Whether a source is of the file that is merged last, which the whole declaration is said to be
    of."""
    return value.file is declaration.value.file
