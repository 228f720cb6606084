"""A health check's test does not say how it is to be run.

## What is wrong

A `test` that is a list starts with `CMD` (the words are run as they are), `CMD-SHELL` (the one text is
run by a shell) or `NONE`. On another word Compose stops: `healthcheck.test must start either by "CMD",
"CMD-SHELL" or "NONE"`. A `test` that is a text is run by a shell; with `CMD` in front, or as a list in
quotes, it looks for a program of that name, and the container is never healthy.

## What dockfix does

It puts `CMD` before the words, or `CMD-SHELL` before a single text of several words, and joins words
with shell operators (`||`) to one text. `cmd` and `CMD_SHELL` become the words that are meant. A text
loses the `CMD` in front, and a list its quotes.

## Fix safety

Safe where Compose refuses the stack as it is. A text that Compose takes is unsafe: the container turns
healthy, and what waits for it starts.

## References

Compose specification, healthcheck; Dockerfile reference, HEALTHCHECK.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Flow, Operation, Quoted, Rewrite, Scalar, Sequence, Set, Value
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Stack
from fixer.stack import Value as Setting

fix = Fix(
    summary="A health check's test does not say how it is to be run.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

WORDS = ("CMD", "CMD-SHELL", "NONE")

MEANT = {"cmd": "CMD", "cmd-shell": "CMD-SHELL", "shell": "CMD-SHELL", "none": "NONE"}

OPERATORS = ("||", "&&", "|", ";", ">", ">/dev/null", "2>&1")


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
            operation = _list_with_word(test, first)
            changes = (EditYaml(test.file.path, (operation,)),) if operation else ()
            steps = "Write CMD and the program's words, or CMD-SHELL and one text for a shell."
            yield Finding(test.at, message, changes, steps=steps)
        elif isinstance(test.data, str) and (operation := _plain_text(test)):
            message = (
                f"A shell looks for a program {test.text.split()[0]}, so that {service.name} is never"
                " healthy."
            )
            changes = (EditYaml(test.file.path, (operation,)),)
            yield Finding(test.at, message, changes, safety=Safety.UNSAFE)


def _list_with_word(test: Setting, first: Setting) -> Operation | None:
    """The list with the word that it must start with; None where that is not certain, or where more
    than words stand in the list."""
    node, texts = test.node, [item.text for item in test.items()]
    assert isinstance(node, Sequence)
    has_operator = any(text in OPERATORS for text in texts)
    meant = MEANT.get(re.sub(r"[\s_]", "-", first.text.lower()))
    if meant is not None:
        is_one = meant != "CMD-SHELL" or len(texts) == 2
        return Set(first.route, meant, first.node.document) if is_one and not has_operator else None
    words: list[Value] = [
        Quoted(item.value) if item.style else item.value
        for item in node.items
        if isinstance(item, Scalar)
    ]
    has_more = len(words) < len(texts) or "#" in first.file.document.text[node.start : node.end]
    if has_more or re.match(r"(?i)(cmd|shell)\b", texts[0]):
        return None
    if has_operator:
        if any(" " in text for text in texts):
            return None
        words, word = [Quoted(" ".join(texts))], "CMD-SHELL"
    else:
        word = "CMD-SHELL" if len(texts) == 1 and " " in texts[0] else "CMD"
    is_quoted = isinstance(words[0], Quoted)
    words.insert(0, Quoted(word) if is_quoted else word)
    return Set(test.route, Flow(words) if node.flow else words, node.document)


def _plain_text(test: Setting) -> Operation | None:
    """What mends a test that is a text, where it is none that a shell can run."""
    if prefix := re.match(r"(CMD|CMD-SHELL)\s+(?!$)", test.text):
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
            given = words if words[0] in WORDS else ["CMD", *words]
            return Set(test.route, Flow([Quoted(word) for word in given]), test.node.document)
    return None
