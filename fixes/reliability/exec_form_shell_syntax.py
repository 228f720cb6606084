"""A health check or command in exec form has shell syntax.

## What is wrong

`["CMD", "redis-cli", "-a", "$$(cat /run/secrets/password)", "ping"]` starts the program directly:
no shell expands `$(...)` or `$VARIABLE` or runs a pipe, so the program gets these characters as
they are. Most such checks fail for ever, and what waits for `service_healthy` never starts; some
pass whatever the server says. `["CMD", "curl -f http://localhost || exit 1"]` looks for a program
of that whole name. A command such as `["npm", "run", "migrate", "&&", "npm", "start"]` never gets
to its second half.

## What dockfix does

It turns the test into `["CMD-SHELL", "..."]`, one line for the container's shell, with what was
expanded in quotes. `redis-cli ping` ends with status 0 even when the server refuses it, so its
answer is looked at as well. A command or entrypoint with `&&`, `||` or `|` as a word becomes
`["sh", "-c", "..."]`; `$$VARIABLE` in one is left alone, since the image's entrypoint may expand it.
So is what belongs to another language than the shell's: the word after `-e`, `-c` or `--eval`, what
awk and jq are given, and all words of a command that starts a shell itself.

## Fix safety

Safe for a health check: it cannot do what it says as it is. The image needs a shell, which the line
that was written already presumed. Unsafe for a command: a program that ignores the words it does not
know runs today, and after the fix what stands behind it runs too.

## References

Compose specification, healthcheck; Docker documentation, HEALTHCHECK, Shell and exec form.
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
    summary="A health check or command in exec form relies on a shell.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

EXPANDED = r"\$\$(\(|\{[A-Za-z_]\w*[}:#%/+?=-]|[A-Za-z_])"
SHOWN = r"\$\$\w+|\$\$[({]\w*"
JOINING = r"(\|\|?|&&)(\s+\S.*)?"
OPERATOR = rf"{JOINING}|;(\s+\S.*)?|\d?>>?(&\d|/\S+)?|<"
SHELLS = r"(.*/)?(sh|ash|bash|dash|ksh|zsh|pwsh|powershell|cmd(\.exe)?)"
WITH_OPERATORS = r"(.*/)?(find|expr|test|\[)"
"""Programs that take `;` or `>` as a word of their own."""

OTHER_LANGUAGE = r"(.*/)?(awk|gawk|jq|yq|sed|perl)"
CODE_FOLLOWS = ("-c", "-e", "-r", "--command", "--eval", "--execute", "--expression")
PINGS = ("redis-cli", "valkey-cli", "keydb-cli")


def detect(stack: Stack) -> Iterator[Finding]:
    """Find words in exec form that only a shell understands."""
    for service in stack.services.values():
        test = service.healthcheck.test if service.healthcheck else None
        if test is not None and test.form == "exec" and test.words[:1] == ["CMD"]:
            words = [item.text for item in test.at.items()][1:]
            culprit = _culprit(words)
            if culprit:
                yield _test_finding(service, test, words, culprit)
        # With both, the command's words are the entrypoint's arguments.
        command = service.command or service.entrypoint
        if command is not None and (service.command is None or service.entrypoint is None):
            yield from _command_findings(service, command)


def _culprit(words: list[str]) -> str:
    """The first piece of shell syntax; a blank where that is all, and nothing where there is none.
    No more of its word is shown, since that can hold a password."""
    if any(re.fullmatch(SHELLS, word) for word in words):
        return ""
    for index, word in enumerate(words):
        if _is_operator(words, index):
            return word.split()[0]
        if _is_expanded(words, index):
            return str(re.findall(SHOWN, word)[0])
    return " " if _is_one_line(words) else ""


def _is_one_line(words: list[str]) -> bool:
    """Whether the whole line was written as one word, which is no path with a blank in it."""
    is_path = re.fullmatch(r"[./][^-|&;$]*", words[0]) is not None if words else False
    return len(words) == 1 and " " in words[0].strip() and not is_path


def _is_operator(words: list[str], index: int) -> bool:
    takes_operators = re.fullmatch(WITH_OPERATORS, words[0]) is not None
    pattern = JOINING if takes_operators else OPERATOR
    return re.fullmatch(pattern, words[index]) is not None


def _is_expanded(words: list[str], index: int) -> bool:
    is_code = index > 0 and words[index - 1] in CODE_FOLLOWS
    if is_code or re.fullmatch(OTHER_LANGUAGE, words[0]) or words[index].startswith("--eval="):
        return False
    return re.search(EXPANDED, words[index]) is not None


def _test_finding(service: Service, test: Command, words: list[str], culprit: str) -> Finding:
    reason = f"no shell reads `{culprit}`: the program gets these characters as they are"
    if _is_one_line(words):
        reason = "the whole line is taken for a program's name: it never passes"
    message = f"The health check of {service.name} is in exec form, where {reason}."
    node = test.at.node
    value = list_like(node, ["CMD-SHELL", _line(words)])
    operation = Set(test.at.route, value, node.document)
    return Finding(test.at.at, message, (EditYaml(test.at.file.path, (operation,)),))


def _command_findings(service: Service, command: Command) -> Iterator[Finding]:
    words = [item.text for item in command.at.items()] if command.form == "exec" else []
    if not words or words[0].startswith("-") or any(re.fullmatch(SHELLS, word) for word in words):
        return
    joining = [word for word in words[1:] if re.fullmatch(JOINING, word)]
    if joining:
        node = command.at.node
        value = list_like(node, ["sh", "-c", _line(words)])
        operation = Set(command.at.route, value, node.document)
        message = (
            f"The command of {service.name} is in exec form, where no shell reads"
            f" `{joining[0].split()[0]}`: what follows it never runs."
        )
        changes = (EditYaml(command.at.file.path, (operation,)),)
        yield Finding(command.at.at, message, changes, Severity.WARNING, Safety.UNSAFE)


def _line(words: list[str]) -> str:
    """The words as a line for a shell."""
    if _is_one_line(words):
        return words[0]
    parts: list[str] = []
    for index, word in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else "||"
        if _is_operator(words, index):
            parts.append(word)
        elif _is_expanded(words, index):
            parts.append(_in_double_quotes(word))
        elif words[0] in PINGS and word.lower() == "ping" and following.startswith("||"):
            parts.append(f"{word} | grep -q PONG")
        else:
            parts.append(shlex.quote(word))
    return " ".join(parts)


def _in_double_quotes(word: str) -> str:
    """Quotes within `$(...)` are its own."""
    escaped = re.sub(r'(\$\$\([^()]*\))|"', lambda found: found[1] or '\\"', word)
    return f'"{escaped}"'
