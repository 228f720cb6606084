"""A health check in exec form has shell syntax.

## What is wrong

`["CMD", "redis-cli", "-a", "$$(cat /run/secrets/password)", "ping"]` starts the program directly:
no shell expands `$(...)` or `$VARIABLE` or runs a pipe, so the program gets these characters as
they are. The check fails for ever, and what waits for `service_healthy` never starts.

## What dockfix does

It turns the test into `["CMD-SHELL", "..."]`, one line for the container's shell, with what was
expanded in quotes. `redis-cli ping` ends with status 0 even when the server refuses it, so its
answer is looked at as well.

## Fix safety

Safe: the check cannot do what it says as it is. The image needs a shell, which the command that was
written already presumed.

## References

Compose specification, healthcheck; Docker documentation, HEALTHCHECK (exec and shell form).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Set, list_like
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Command, Service, Stack

fix = Fix(
    summary="A health check in exec form relies on a shell.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

EXPANDED = r"\$\$[({A-Za-z_]|`"
SHOWN = r"\$\$\w+|\$\$[({]\w*|`"
OPERATORS = ("|", "||", "&&", ";", ">", ">>", "<", "2>&1")


def detect(stack: Stack) -> Iterator[Finding]:
    """Find tests of the form CMD with words that only a shell understands."""
    for service in stack.services.values():
        test = service.healthcheck.test if service.healthcheck else None
        if test is not None and test.form == "exec" and test.words[:1] == ["CMD"]:
            words = [item.text for item in test.at.items()][1:]
            is_shell = len(words) > 2 and words[1] == "-c"
            if not is_shell and any(_needs_shell(word) for word in words):
                yield _finding(service, test, words)


def _needs_shell(word: str) -> bool:
    return word in OPERATORS or re.search(EXPANDED, word) is not None


def _finding(service: Service, test: Command, words: list[str]) -> Finding:
    # Only the syntax is shown: the rest of a word can be a password.
    shown = [
        word if word in OPERATORS else re.findall(SHOWN, word)[0] for word in words if _needs_shell(word)
    ]
    culprit = shown[0]
    message = (
        f"The health check of {service.name} is in exec form, where `{culprit}` is not expanded: it"
        " never passes."
    )
    line = " ".join(map(_quoted, words))
    if words[0] == "redis-cli" and words[-1].lower() == "ping":
        line += " | grep -q PONG"
    node = test.at.node
    operation = Set(test.at.route, list_like(node, ["CMD-SHELL", line]), node.document)
    return Finding(test.at.at, message, (EditYaml(test.at.file.path, (operation,)),))


def _quoted(word: str) -> str:
    if word in OPERATORS:
        return word
    if re.search(EXPANDED, word):
        return '"' + word.replace('"', '\\"') + '"'
    return shlex.quote(word)
