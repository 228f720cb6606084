"""A `${` is no variable as Compose reads them.

## What is wrong

Compose knows `$NAME`, `${NAME}` and `${NAME}` with `:-`, `-`, `:?`, `?`, `:+` or `+`. On any other `${`
it stops: `invalid interpolation format for services.web.command. You may need to escape any $ with
another $.`

## What dockfix does

- `${TAG` gets its brace at the end of the name, or of the default where that is one word; only for a
  name in capitals or one that `.env` sets, since a password may hold a `${` too.
- `${PORT:8080}` becomes `${PORT:-8080}`, and `${PORT)` gets the right bracket.
- Blanks inside the braces go; `${TAG:=1}` and `${TAG=1}`, which a shell knows, become `${TAG:-1}` and
  `${TAG-1}`; `${TAG:}` becomes `${TAG:-}`.
- In a command, an entrypoint or a health check, what only a shell knows (`${file%.sql}`, `${1}`,
  `${#list}`) is meant for the shell in the container and gets a second `$`. `${PORT:8080}` and
  `${PORT:=8080}`, which a shell knows too, get Compose's default there as well where the name is in
  capitals, and a second `$` where it is not.
- `${spring.name}` is meant for the program, and gets a second `$` too.
- Else a person has to write what is meant: `${{ github.sha }}` is no expression of Compose.

## Fix safety

Safe: Compose refuses the file as it is. The second `$` before a name with a dot is unsafe, since a
misspelled variable may be meant; so is a default in a command or for a name in small letters, and a
second `$` in a command where a default may be meant.

## References

Compose specification, Interpolation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Rewrite, Scalar
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import ComposeFile, Stack
from fixer.stack.interpolation import InterpolationError, variables

fix = Fix(
    summary="A ${ is no variable as Compose reads them.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

COMMANDS = ("command", "entrypoint", "healthcheck", "post_start", "pre_stop")
NAME = r"[A-Za-z_][A-Za-z0-9_]*"

REPAIRS = (
    (rf"\$\{{\s*({NAME})\s*\}}", r"${\1}"),
    (rf"\$\{{({NAME})(:?)=([^${{}}]*)\}}", r"${\1\2-\3}"),
    (rf"\$\{{({NAME}):\}}", r"${\1:-}"),
)
"""What a text with one meaning is written as."""

FOR_THE_SHELL = rf"\$\{{([#!]?({NAME}|\d+|[@*#?])(\[[^\]{{}}]*\])?([%#/^,:@=][^{{}}]*)?)\}}"
MAYBE_A_DEFAULT = rf"\$\{{({NAME}):?=|\$\{{({NAME}):(?!\s*-?\d+:)"
"""What a shell reads otherwise than Compose would with a `-`; `${NAME:1:2}` is a shell's alone."""

FOR_THE_PROGRAM = r"\$\{[A-Za-z][\w-]*(\.[\w-]+)+(:[^{}]*)?\}"


def detect(stack: Stack) -> Iterator[Finding]:
    """Find texts in which a `${` is no variable."""
    for file in stack.files:
        for node in file.document.walk():
            if isinstance(node, Scalar) and "${" in node.value:
                try:
                    variables(node.value)
                except InterpolationError as error:
                    yield _finding(stack, file, node, error.offset)


def _finding(stack: Stack, file: ComposeFile, node: Scalar, offset: int) -> Finding:
    where = ".".join("[]" if isinstance(step, int) else str(step) for step in node.route)
    message = (
        f"Compose refuses the stack: invalid interpolation format for {where}. You may need to escape"
        " any $ with another $."
    )
    place = Place(file.path, file.document.position(node))
    old, new, safety = _repair(stack, node, offset)
    if not new or f"${old}" in node.value:
        steps = "Write $$ for a $ that is meant literally, else a variable as Compose knows them."
        return Finding(place, message, steps=steps)
    operation = Rewrite(node.route, old, new, node.document)
    return Finding(place, message, (EditYaml(file.path, (operation,)),), safety=safety)


def _is_command(node: Scalar) -> bool:
    """Whether a text belongs to a command of a service, or of what services share (`x-web`)."""
    section, *steps = node.route
    place = steps[1:2] if section == "services" else steps[:2] if str(section).startswith("x-") else []
    return any(step in COMMANDS for step in place)


def _repair(stack: Stack, node: Scalar, offset: int) -> tuple[str, str, Safety]:
    """What is written, what is meant, and how sure that is; empty texts where that is not known."""
    text = node.value[offset:]
    is_command = _is_command(node)
    default = re.match(MAYBE_A_DEFAULT, text)
    is_default = default is not None and (default[1] or default[2]).isupper()
    if is_command and not is_default and (found := re.match(FOR_THE_SHELL, text)):
        return found[0], f"${found[0]}", Safety.UNSAFE if default else Safety.SAFE
    for pattern, meant in REPAIRS:
        if found := re.match(pattern, text):
            safety = Safety.UNSAFE if is_command and default else Safety.SAFE
            return found[0], found.expand(meant), safety
    if found := re.match(rf"\$\{{({NAME}):(?![A-Z_]+\}})([^${{}}\s]+)\}}", text):
        safety = Safety.SAFE if found[1].isupper() and not is_command else Safety.UNSAFE
        return found[0], f"${{{found[1]}:-{found[2]}}}", safety
    if found := re.match(rf"\$\{{({NAME}(:?[-?+][\w./-]*)?)[)\]](?=\Z|[:/])", text):
        return found[0], f"${{{found[1]}}}", Safety.SAFE
    if found := re.match(FOR_THE_PROGRAM, text):
        return found[0], f"${found[0]}", Safety.UNSAFE
    # Braces inside the one that is open, as `${A:-${B}`, are whole.
    line = text.partition("\n")[0]
    name = rf"\$\{{(?P<name>{NAME})"
    found = re.match(rf"{name}(?=\Z|([/@,\s]|:[^-?+{{}}])[^{{}}]*\Z)", line) or re.match(
        rf"{name}:?[-?+](\d+(?=:\d+\Z)|[\w.]+\Z|\$\{{\w+\}}\Z)", line
    )
    if found and (found["name"].isupper() or found["name"] in stack.environment):
        return line, f"{found[0]}}}{line[found.end() :]}", Safety.SAFE
    return "", "", Safety.MANUAL
