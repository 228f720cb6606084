"""A health check's test does not say how it is to be run.

## What is wrong

A `test` that is a list starts with `CMD` (the words are run as they are), `CMD-SHELL` (the one text is
run by a shell) or `NONE`. On another word Compose stops: `healthcheck.test must start either by "CMD",
"CMD-SHELL" or "NONE"`. A `test` that is a text is run by a shell; with `CMD` in front, or as a list in
quotes, it looks for a program of that name, and the container is never healthy.

## What dockfix does

It puts `CMD` before the words, or `CMD-SHELL` before a single text of several words, and joins words
with shell operators (`||`) to one text where a shell reads each word as it is. `cmd`, `CMD_SHELL` and
`CMD SHELL` become the words that are meant, also at the start of a single text. A text loses the `CMD`
in front, and a list its quotes. Where quotes would be needed to join words, where a list to be written
anew holds aliases or comments, or where `CMD` would run something else than is meant, a person has to
say what is run.

## Fix safety

Safe where Compose refuses the stack as it is. A text that Compose takes is unsafe: the container turns
healthy, and what waits for it starts.

## References

Compose specification, healthcheck; Dockerfile reference, HEALTHCHECK.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise

from fixer.changes import EditYaml
from fixer.documents.yaml import (
    Append,
    Flow,
    Operation,
    Prepend,
    Quoted,
    Rewrite,
    Scalar,
    Sequence,
    Set,
    Value,
)
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Stack
from fixer.stack import Value as Setting
from fixer.stack.specification import is_used_alike

fix = Fix(
    summary="A health check's test does not say how it is to be run.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

WORDS = ("CMD", "CMD-SHELL", "NONE")

MEANT = {"cmd": "CMD", "cmd-shell": "CMD-SHELL", "shell": "CMD-SHELL", "none": "NONE"}

PREFIX = r"CMD(?:[\s_-]*SHELL)?\s+(?=\S)"
"""The word as the start of the text that it belongs before."""

OPERATOR = r"\|\|?|&&|;|\d?>>?(&\d|/dev/null)?|exit \d+"

OF_A_SHELL = r"\s(\|\|?|&&)\s|\$\$"
"""What only a shell understands in a word."""

STEPS = (
    'Write ["CMD", "program", "argument", ...] for a program without a shell, or ["CMD-SHELL", "command'
    ' line"] for what a shell runs.'
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find tests that start with no word of Docker's."""
    for service in stack.services.values():
        check = service.value.get("healthcheck")
        test = check.get("test") if check else None
        if test is None:
            continue
        first = next(test.items(), None)
        is_word = first is not None and isinstance(first.data, str) and "$" not in first.text
        if first is not None and is_word and first.text not in WORDS:
            message = (
                f"Compose refuses the stack: in {service.name} healthcheck.test must start either by"
                ' "CMD", "CMD-SHELL" or "NONE".'
            )
            operations = _list_with_word(test)
            changes = (EditYaml(test.file.path, operations),) if operations else ()
            yield Finding(test.at, message, changes, steps=STEPS)
        elif isinstance(test.data, str) and (operation := _plain_text(test)):
            message = (
                f"A shell looks for a program {test.text.split()[0]}, so that {service.name} is never"
                " healthy."
            )
            changes = (EditYaml(test.file.path, (operation,)),)
            yield Finding(test.at, message, changes, safety=Safety.UNSAFE)


def _list_with_word(test: Setting) -> tuple[Operation, ...]:
    """What makes a list start with a word of Docker's; nothing where that needs a person."""
    node = test.node
    texts = [item.text for item in test.items()]
    mended = _with_word(texts)
    if mended is None or not isinstance(node, Sequence):
        return ()
    if node.anchor is not None and not is_used_alike(test.file.document, node):
        return ()
    first, route, document = node.items[0], test.route, node.document
    is_quoted = isinstance(first, Scalar) and bool(first.style)
    words: list[Value] = [Quoted(word) if is_quoted else word for word in mended]
    if mended[1:] == texts:
        return (Prepend(route, words[0], document),)
    if not isinstance(first, Scalar) or first.anchor is not None:
        return ()
    if mended[1:] == texts[1:]:
        return (Set(first.route, words[0], document),)
    if len(texts) == 1:
        return (Set(first.route, words[0], document), Append(route, words[1], document))
    return (Set(route, Flow(words) if node.flow else words, document),) if _is_bare(test, node) else ()


def _with_word(texts: list[str]) -> list[str] | None:
    """The words with Docker's in front, or None where it is not certain what is to be run."""
    first, rest = texts[0], texts[1:]
    word = MEANT.get(re.sub(r"[\s_-]+", "-", first.strip()).lower())
    if word == "NONE":
        return None if rest else [word]
    if word == "CMD-SHELL":
        return [word, *rest] if len(rest) == 1 else _as_line(rest)
    if word == "CMD":
        is_of_windows = first != "CMD" and rest[:1] and rest[0].startswith("/")
        return None if is_of_windows or not _are_words(rest) else [word, *rest]
    if not rest:
        line = re.sub(rf"\A{PREFIX}", "", first)
        is_doubtful = line.startswith("[") or re.match(r"(?i)(cmd|shell|none)\b", line)
        word = "CMD" if shlex.quote(line) == line else "CMD-SHELL"
        return None if is_doubtful or not line.strip() else [word, line]
    if first.isupper() or re.match(r"(?i)(cmd|shell|none)\b", first):
        return None
    if any(re.fullmatch(OPERATOR, text) for text in texts):
        return _as_line(texts)
    return ["CMD", *texts] if _are_words(texts) else None


def _as_line(texts: list[str]) -> list[str] | None:
    """Words as one command line, where a shell reads each as it is."""
    is_plain = all(re.fullmatch(OPERATOR, text) or shlex.quote(text) == text for text in texts)
    return ["CMD-SHELL", " ".join(texts)] if texts and is_plain else None


def _are_words(texts: list[str]) -> bool:
    """Whether texts are a program and its arguments, which need no shell. A shell among them has its
    command line behind `-c`."""
    if not texts or re.search(r"\s", texts[0]) or not texts[0]:
        return False
    lines = [text for before, text in pairwise(texts) if not re.fullmatch(r"-\w*c", before)]
    return not any(re.fullmatch(OPERATOR, text) or re.search(OF_A_SHELL, text) for text in lines)


def _is_bare(test: Setting, node: Sequence) -> bool:
    """Whether a list holds texts only, no aliases, anchors, tags or comments."""
    ends = [node.start, *(item.end for item in node.items)]
    starts = [*(item.start for item in node.items), node.end]
    between = (test.file.document.text[end:start] for end, start in zip(ends, starts, strict=True))
    is_plain = all(
        isinstance(item, Scalar) and item.anchor is None and item.tag is None for item in node.items
    )
    return is_plain and not any("#" in text for text in between)


def _plain_text(test: Setting) -> Operation | None:
    """What mends a test that is a text, where it is none that a shell can run."""
    if prefix := re.match(PREFIX, test.text):
        rest = test.text[prefix.end() :]
        if not rest.startswith("["):
            return Rewrite(test.route, test.text, rest, test.node.document)
    if test.text.startswith(("[", "CMD [", "CMD-SHELL [")):
        import json

        try:
            words = json.loads(test.text[test.text.index("[") :])
        except ValueError:
            return None
        if words and all(isinstance(word, str) for word in words):
            given = words if words[0] in WORDS else _with_word(words)
            if given is not None:
                return Set(test.route, Flow([Quoted(word) for word in given]), test.node.document)
    return None
