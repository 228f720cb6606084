"""A command that is a text cannot be split into words, or is cut off at a shell's operator.

## What is wrong

Compose splits a `command` or `entrypoint` that is a text into words and runs them without a shell. At a
quote or parenthesis that is not closed it stops: `'services[web].command' invalid command line string`.
At `&&`, `;`, `|`, `>` or `<` outside quotes it stops reading without a word: of
`python manage.py migrate && gunicorn app` only the migration runs.

## What dockfix does

A command that is cut off becomes `["sh", "-c", "..."]`, where an operator stands between words and
there is no entrypoint, whose arguments the words would be. Parentheses inside a word (`--auth=(none)`)
get quotes. What else cannot be split is for a person: which quote is missing is a guess.

## Fix safety

Unsafe: what stands behind the operator runs then, and the image needs a shell. Quotes around
parentheses are safe: Compose refuses the stack as it is.

## References

Compose specification, command; go-shellwords.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Flow, Quoted, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Service, Stack, Value

fix = Fix(
    summary="A command that is a text cannot be split into words, or is cut off.",
    severity=Severity.ERROR,
    safety=Safety.UNSAFE,
)

IN_A_WORD = r"(?<=[=\w])(\([\w.,-]*\))(?=\s|\Z)"

BETWEEN_WORDS = r"(&&|\|\|?)\s|;\s"

STEPS = 'Write it as ["sh", "-c", "..."] where a shell is to run it, or put what is text in quotes.'


def detect(stack: Stack) -> Iterator[Finding]:
    """Find texts that Compose cannot split, or of which it takes only the start."""
    for service in stack.services.values():
        for key in ("command", "entrypoint"):
            value = service.value.get(key)
            if value is not None and isinstance(value.data, str) and stack.is_known(value.text):
                text = stack.interpolate(value.text, value.file)
                end = _end(text)
                if end is None:
                    place = f"'services[{service.name}].{key}'"
                    message = f"Compose refuses the stack: {place} invalid command line string."
                    yield _refused(value, message)
                elif end < len(text):
                    yield _cut_off(service, key, value, text, end)


def _refused(value: Value, message: str) -> Finding:
    mended = re.sub(IN_A_WORD, r"'\1'", value.text)
    if mended == value.text or _end(mended) != len(mended):
        return Finding(value.at, message, steps=STEPS)
    operation = Set(value.route, mended, value.node.document)
    changes = (EditYaml(value.file.path, (operation,)),)
    return Finding(value.at, message, changes, safety=Safety.SAFE)


def _cut_off(service: Service, key: str, value: Value, text: str, end: int) -> Finding:
    rest = text[end:].split()[0]
    message = f"Compose takes the {key} of {service.name} up to `{rest}`; what follows never runs."
    is_whole = text == value.text and "\n" not in text and key == "command"
    is_alone = service.value.get("entrypoint") is None and not text.lstrip().startswith("-")
    is_between = re.match(BETWEEN_WORDS, text[end:]) is not None
    if not (is_whole and is_alone and is_between and text[:end].strip()):
        return Finding(value.at, message, steps=STEPS)
    words = Flow([Quoted("sh"), Quoted("-c"), Quoted(text)])
    operation = Set(value.route, words, value.node.document)
    return Finding(value.at, message, (EditYaml(value.file.path, (operation,)),))


def _end(text: str) -> int | None:
    """Up to where Compose reads a command line; None where it cannot."""
    quote = ""
    is_escaped = False
    for index, character in enumerate(text):
        if is_escaped:
            is_escaped = False
        elif character == "\\" and quote != "'":
            is_escaped = True
        elif quote == ")":
            quote = "" if character == ")" else quote
        elif character in "'\"`" and quote in ("", character):
            quote = "" if quote else character
        elif not quote and character == "(" and text[index - 1 : index] == "$":
            quote = ")"
        elif not quote and character in "()":
            return None
        elif not quote and character in ";&|<>":
            return index
    return None if quote or is_escaped else len(text)
