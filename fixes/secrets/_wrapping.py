"""Programs that know secrets only as variables: a shell before them reads the files."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from collections.abc import Mapping as Map

from fixer.changes import EditYaml
from fixer.documents.dockerfile import Instruction
from fixer.documents.yaml import Operation, Set, list_like
from fixer.documents.yaml.values import Flow, Quoted
from fixer.images import image_facts
from fixer.stack import Command, Service

STARTS = 'exec "$$@"'
"""How the shell goes on with the program: what stands behind the script are its words."""


READS_NOTHING = ("curl", "wget", "nc", "pg_isready", "grep", "test", "[", "exit", "true", "echo")
"""Programs of health checks that take no password from a variable."""


def wrapped(service: Service, path: str, variables: Map[str, str]) -> EditYaml | None:
    """Give the edit of a Compose file that starts a service by a shell which sets variables first: each
    to a text of the shell's, as it stands in double quotes in the Compose file. None where it is not
    known what the service starts, or where another file says so."""
    script = "".join(f'export {name}="{text}"; ' for name, text in variables.items())
    own = service.entrypoint
    if own is not None and (own.at.shared or own.at.route[:2] != ("services", service.name)):
        return None
    if (own is not None and own.at.file.path != path) or _differs(service, path):
        return None
    if own is not None and own.words[:2] == ["sh", "-c"] and own.words[-1:] == ["-c"]:
        return None
    if own is not None and own.words[:2] == ["sh", "-c"] and own.words[2].endswith('exec "$@"'):
        written = [item.text for item in own.at.items()]
        words = [*written[:2], script + written[2], *written[3:]]
        return EditYaml(own.at.file.path, (_entrypoint(service, own, words),))
    started = written_words(own) if own is not None else _of_image(service)
    if started is None:
        return None
    words = ["sh", "-c", script + STARTS, "sh", *started]
    return EditYaml(path, (_entrypoint(service, own, words),))


def _entrypoint(service: Service, own: Command | None, words: list[str]) -> Operation:
    if own is None:
        return Set(("services", service.name, "entrypoint"), Flow([Quoted(word) for word in words]))
    return Set(own.at.route, list_like(own.at.node, words), own.at.node.document)


def written_words(command: Command) -> list[str] | None:
    """A command's words as they stand in the Compose file, variables left as they are."""
    if command.form == "exec":
        return [item.text for item in command.at.items()]
    try:
        return shlex.split(command.at.text)
    except ValueError:
        return None


def _differs(service: Service, path: str) -> bool:
    """Whether the stacks that load a file start the service in different ways, so that what is written
    for one does not hold in the other."""
    others = [each.services.get(service.name) for each in service.stack.loading(path)]
    started = {
        tuple(part.at.at if part else None for part in (other.entrypoint, other.command))
        for other in others
        if other is not None
    }
    return len(started) > 1


def _of_image(service: Service) -> list[str] | None:
    """What the image starts: its entrypoint, and its command unless the stack has another. Compose
    forgets the image's command where the stack sets the entrypoint."""
    process = _process(service)
    if process is None:
        return None
    entrypoint, command = process
    words = [*entrypoint, *(command if service.command is None else ())]
    return [word.replace("$", "$$") for word in words] if words or service.command else None


def _process(service: Service) -> tuple[list[str], list[str]] | None:
    """The entrypoint and the command of a service's image, by its Dockerfile and what is known of the
    image below; None where that is not known."""
    if service.build is None:
        return _known(service.image.repository) if service.image else None
    path = service.build.dockerfile_path
    document = service.stack.dockerfile(path) if path and not service.build.inline else None
    if document is None or not document.stages:
        return None
    stage = document.stage(service.build.target) if service.build.target else document.stages[-1]
    entrypoint: list[str] | None = None
    command: list[str] | None = None
    base = ""
    while stage is not None:
        for instruction in reversed(stage.instructions):
            if instruction.name == "ENTRYPOINT" and entrypoint is None:
                # An entrypoint forgets the command of the image below it.
                entrypoint, command = _words(instruction), command or []
            elif instruction.name == "CMD" and command is None:
                command = _words(instruction)
        base, above = stage.base, document.stages[: document.stages.index(stage)]
        stage = next((each for each in above if each.name == base), None)
    known = _known(re.sub(r"[:@].*", "", base))
    if known is None:  # It may have no shell.
        return None
    if entrypoint is None:
        entrypoint, command = known[0], known[1] if command is None else command
    return entrypoint, command or []


def _known(repository: str) -> tuple[list[str], list[str]] | None:
    facts = image_facts(repository)
    process = facts.process if facts else None
    return (list(process.entrypoint), list(process.command)) if process else None


def _words(instruction: Instruction) -> list[str]:
    return list(instruction.words) if instruction.is_json else ["/bin/sh", "-c", *instruction.words]


def check_with(service: Service, path: str, variables: Map[str, str]) -> tuple[EditYaml, ...] | None:
    """Give the edit of a health check after which it has the variables, too: Docker starts it beside the
    program, from the container's environment. None of them where it has nothing to ask them for; None in
    their place where the check is not this service's alone, or stands in another file."""
    health = service.healthcheck
    test = health.test if health and not health.disabled else None
    if _has_other_checks(service, path):
        return None
    if test is None or not (_names(test, variables) or _may_read(test)):
        return ()
    route = ("services", service.name, "healthcheck", "test")
    if test.at.shared or test.at.route != route or test.at.file.path != path:
        return None
    script = "".join(f'export {name}="{text}"; ' for name, text in variables.items())
    kind, *words = [item.text for item in test.at.items()] or ["CMD-SHELL", test.at.text]
    line = ["CMD-SHELL", script + " ".join(words)]
    if kind == "CMD":
        line = ["CMD", "sh", "-c", script + STARTS, "sh", *words]
    operation = Set(test.at.route, list_like(test.at.node, line), test.at.node.document)
    return (EditYaml(path, (operation,)),)


def _has_other_checks(service: Service, path: str) -> bool:
    """Whether the stacks that load a file check the service in different ways."""
    others = [each.services.get(service.name) for each in service.stack.loading(path)]
    checks = [other.healthcheck.test for other in others if other and other.healthcheck]
    return len({check.at.at for check in checks if check}) > 1


def _names(test: Command, variables: Iterable[str]) -> bool:
    return any(re.search(rf"\b{name}\b", test.text) for name in variables)


def _may_read(test: Command) -> bool:
    """Whether a program of the check may read a variable that the check does not name."""
    parts = re.split(r"&&|\|\||[;|]", " ".join(test.words[1:] if test.form == "exec" else test.words))
    programs = [part.split()[0].rpartition("/")[2] for part in parts if part.strip()]
    return not all(program in READS_NOTHING for program in programs)
