"""A variable has no value, and Compose refuses the stack for it.

## What is wrong

`${TAG:?set it}` stops Compose where `TAG` is not set: `required variable TAG is missing a value: set
it`. `${CONFIG}:/etc/caddy` becomes `:/etc/caddy` where `CONFIG` is not set, with a warning, and then
`invalid spec: :/etc/caddy: empty section between colons`. So do a port (`invalid proto:`), a size
(`invalid size: ''`), a number, a boolean, a duration, a container's name and an image that are nothing
but a variable.
A variable whose absence Compose accepts is not judged, nor what every shell sets. A required one is
reported where it is used first.

## What dockfix does

- Where the project keeps an example of its `.env` with a value for the variable, `.env` is made as its
  copy, readable by its owner alone and ignored by git; one that is there gets the example's line.
- Where all other uses in the stack have one and the same default, `${PORT:-8080}`, it is written here
  too.
- Else a person has to set it. Of a required variable that the example names without a value nothing is
  said: the author left it to whoever starts the stack, and Compose tells them.

## Fix safety

The example is safe: Compose refuses the stack as it is, and only a missing file or line is added. It is
unsafe where what is added gives a value to a password, a token or a key, by its name: the example's is
known to everyone who can read it. A default is unsafe, since the author may want a value of one's own
here.

## References

Compose specification, Interpolation; Compose documentation, Environment variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import Change, EditYaml, EnsureLine
from fixer.documents.dotenv import DotenvDocument
from fixer.documents.yaml import Rewrite, Scalar
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.secret_names import is_secret_name
from fixer.stack import Stack, Value
from fixer.stack.examples import example_of
from fixer.stack.interpolation import InterpolationError, Variable, unset, variables
from fixer.stack.merging import join, split_mount
from fixes.references._examples import copied

fix = Fix(
    summary="A variable has no value, and Compose refuses the stack for it.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

SHELL = ("HOME", "PWD", "USER", "LOGNAME", "SHELL", "PATH", "HOSTNAME", "LANG", "TMPDIR", "APPDATA",
         "USERPROFILE", "COMPOSE_PROJECT_NAME")  # fmt: skip
"""What the shell or Compose itself gives a value."""

FREE = ("environment", "labels", "annotations", "args", "driver_opts", "options", "sysctls")
"""Mappings whose keys are the author's own."""

BREAKS = (
    (r"mem_limit|mem_reservation|memswap_limit|mem_swappiness|shm_size|memory|size", r"[a-zA-Z]*\Z",
     "invalid size: '{}'"),
    (r"interval|timeout|start_period|start_interval|stop_grace_period|delay|monitor", r"[a-z]*\Z",
     'time: invalid duration "{}"'),
    (r"cpus", r"\Z", 'strconv.ParseFloat: parsing "": invalid syntax'),
    (r"replicas|scale|retries|parallelism|max_attempts|soft|hard|nofile|nproc", r"\Z",
     'strconv.Atoi: parsing "": invalid syntax'),
    (r"pids|pids_limit|cpu_shares|cpu_quota|cpu_period|oom_score_adj", r"\Z",
     'strconv.ParseInt: parsing "": invalid syntax'),
    (r"privileged|tty|stdin_open|read_only|init|disable|required|external|internal|attachable", r"\Z",
     "invalid boolean: "),
    (r"networks\[\]", r"\Z", "service refers to undefined network "),
    (r"secrets\[\]", r"\Z", "service refers to undefined secret "),
    (r"configs\[\]", r"\Z", "service refers to undefined config "),
    (r"(depends_on|links|volumes_from)\[\]", r"\Z", 'service depends on undefined service ""'),
    (r"env_file(\[\])?", r"\Z", "env file  not found: stat : no such file or directory"),
    (r"container_name", r"\Z|[^a-zA-Z0-9]", "container_name '{}' does not match pattern"),
)  # fmt: skip
"""Keys, which texts as their value Compose refuses, and its words."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find required variables without a value, and empty ones that leave a hole."""
    reported: set[str] = set()
    for file in stack.files:
        for node in file.document.walk():
            if isinstance(node, Scalar) and "?" in node.value:
                for variable in _unset(stack, value := Value(node.value, node, file, False)):
                    if variable.operator.endswith("?") and variable.name not in reported:
                        reported.add(variable.name)
                        yield from _required(stack, value, variable)
    for service in stack.services.values():
        image = service.value.get("image")
        if image is not None and not service.build and not stack.interpolate(image.text, image.file):
            words = f'service "{service.name}" has neither an image nor a build context specified'
            yield from _empty(stack, image, words)
    for value, words in _holes(stack, stack.merged, ""):
        yield from _empty(stack, value, words)


def _unset(stack: Stack, value: Value) -> list[Variable]:
    try:
        found = unset(value.text, stack.environment_of(value.file))
    except InterpolationError:
        return []
    return [variable for variable in found if variable.name not in SHELL]


def _required(stack: Stack, value: Value, variable: Variable) -> Iterator[Finding]:
    name, told = variable.name, f": {variable.operand}" if variable.operand else ""
    message = f"Compose refuses the stack: required variable {name} is missing a value{told}."
    if changes := _from_example(stack, [name]):
        yield Finding(value.at, message, changes, _severity(stack), _safety(stack, [name]))
    elif name not in _example(stack):
        steps = (
            f"Set {name} in {join(stack.project_directory, '.env')}, and name it in an example of it."
        )
        yield Finding(value.at, message, severity=Severity.NOTE, steps=steps)


def _holes(stack: Stack, value: Value, key: str) -> Iterator[tuple[Value, str]]:
    """The texts that Compose refuses because a variable in them is empty, with what it says."""
    for name, each in value.entries():
        if name not in FREE and not name.startswith("x-"):
            yield from _holes(stack, each, name)
    for each in value.items():
        yield from _holes(stack, each, f"{key}[]")
    if isinstance(value.data, str) and "$" in value.text:
        text = stack.interpolate(value.text, value.file)
        if words := _refusal(key, text):
            yield value, words


def _refusal(key: str, text: str) -> str | None:
    if key == "volumes[]" and not all(split_mount(text)):
        return (
            f"invalid spec: {text}: empty section between colons"
            if text
            else "invalid empty volume spec"
        )
    if key == "ports[]":
        published, _, target = text.partition("/")[0].rpartition(":")
        if published.rpartition(":")[2] == "-":
            return "invalid hostPort: -"
        return None if target else "invalid proto: "
    for keys, refused, words in BREAKS:
        if re.fullmatch(keys, key) and re.match(refused, text):
            return words.format(text)
    return None


def _empty(stack: Stack, value: Value, words: str) -> Iterator[Finding]:
    found = _unset(stack, value)
    names = list(dict.fromkeys(variable.name for variable in found))
    if not names or any(variable.operator for variable in found):
        return
    message = f"Compose refuses the stack: {words} ({', '.join(names)} is not set)."
    if changes := _from_example(stack, names):
        yield Finding(value.at, message, changes, _severity(stack), _safety(stack, names))
    elif edit := _with_defaults(stack, value):
        yield Finding(value.at, message, (edit,), safety=Safety.UNSAFE)
    else:
        lines = " and ".join(f"{name}=..." for name in names)
        steps = f"Write {lines} into {join(stack.project_directory, '.env')}, or give a default here."
        yield Finding(value.at, message, steps=steps)


def _example(stack: Stack) -> dict[str, tuple[str, str]]:
    """The variables of the example of `.env`, each with its value and its line."""
    path = example_of(stack.repository, join(stack.project_directory, ".env"))
    if path is None:
        return {}
    document = DotenvDocument(stack.repository.read(path) or b"")
    text = document.source.text
    return {each.name: (each.value, text[each.start : each.end]) for each in document.variables}


def _from_example(stack: Stack, names: list[str]) -> tuple[Change, ...]:
    """The changes that give the variables the values of the example; none where it has not all."""
    repository, path, values = stack.repository, join(stack.project_directory, ".env"), _example(stack)
    if not all(name in values and values[name][0] for name in names):
        return ()
    example = example_of(repository, path)
    if example and not repository.exists(path):
        return copied(repository, example, path)
    return tuple(EnsureLine(path, values[name][1]) for name in names if name not in stack.environment)


def _safety(stack: Stack, names: list[str]) -> Safety | None:
    """Unsafe where a secret gets the value that everyone knows; a new `.env` has all the example's."""
    path, values = join(stack.project_directory, ".env"), _example(stack)
    added = names if stack.repository.exists(path) else [each for each in values if values[each][0]]
    return Safety.UNSAFE if any(is_secret_name(name) for name in added) else None


def _severity(stack: Stack) -> Severity | None:
    path = join(stack.project_directory, ".env")
    return Severity.NOTE if stack.repository.is_left_out(path) else None


def _with_defaults(stack: Stack, value: Value) -> EditYaml | None:
    """The edit that gives each empty variable the default that all its other uses have."""
    text, outermost = value.text, variables(value.text)
    for variable in reversed(_unset(stack, value)):
        if variable not in outermost:
            return None
        defaults = _defaults(stack, variable.name)
        if len(defaults) != 1:
            return None
        default = f"${{{variable.name}:-{defaults.pop()}}}"
        text = text[: variable.start] + default + text[variable.end :]
    operation = Rewrite(value.route, value.text, text, value.node.document)
    return EditYaml(value.file.path, (operation,))


def _defaults(stack: Stack, name: str) -> set[str]:
    found: set[str] = set()
    for file in stack.related_files:
        for node in file.document.walk():
            if isinstance(node, Scalar) and f"{name}:-" in node.value:
                try:
                    found |= {
                        variable.operand
                        for variable in variables(node.value)
                        if variable.name == name and variable.operator == ":-" and variable.operand
                    }
                except InterpolationError:
                    continue
    return found
