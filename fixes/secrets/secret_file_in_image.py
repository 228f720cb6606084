"""A Dockerfile copies a file with a secret into the image.

## What is wrong

A token in `.npmrc`, a password in `pip.conf`, a private key or an `.env` is part of the image from the
instruction on that copies it, for everyone who can pull it; a later `rm` does not take it out of the
layer.

## What dockfix does

A package manager's configuration is only needed while it runs. It leaves the `COPY`, and the RUN
instructions with that package manager get it by `--mount=type=secret,id=npmrc,target=/app/.npmrc`, as a
secret of the build that Compose takes from the file where it lies. If the whole context is copied later
on, `.dockerignore` gets its name.

What a container reads when it runs, a key or an `.env`, a person has to give it another way.

## Fix safety

Safe: the package manager reads the same file at the same place, and nothing else reads it. The secret
is still in images that were pushed, and in the repository if the file is under version control: change
it.

## References

Docker documentation, Build secrets; Dockerfile reference, RUN --mount=type=secret; npm documentation,
.npmrc; pip documentation, Configuration.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from fixer.changes import Change, EditText
from fixer.documents.dockerfile import DockerfileDocument, Instruction
from fixer.documents.dotenv import DotenvDocument
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.secret_names import is_secret_name
from fixer.stack import Service, Stack
from fixer.stack.merging import join
from fixes.secrets._building import granted_to_build, is_dummy
from fixes.secrets._credentials import LOGIN
from fixes.secrets._dockerfiles import builders, dockerfile_of, image_of
from fixes.secrets._giving import left_out
from fixes.secrets._secret_files import MADE_FOR_TESTS, PRIVATE_KEY

fix = Fix(
    summary="A Dockerfile copies a file with a secret into the image.",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
    exposed=True,
)

NPM_LOGIN = r"(?m)^[^#;\n]*_(?:authToken|auth|password)\s*=\s*(?P<value>\S+)"
CONFIGURATIONS = {
    ".npmrc": (NPM_LOGIN, r"\b(npm|npx|pnpm|yarn)\b"),
    "pip.conf": (LOGIN, r"\bpip3?\b"),
    ".netrc": (r"\bpassword\s+(?P<value>\S+)", r"\b(curl|git|pip3?|go)\b"),
}
"""Configuration files: where they hold a secret, and the programs that read them."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find files with secrets that the Dockerfiles of services copy by their names."""
    paths: set[str] = set()
    for service in stack.services.values():
        path, document = dockerfile_of(service)
        if document is not None and path not in paths:
            paths.add(path)
            for instruction in document.instructions:
                yield from _findings(service, document, path, instruction)


def _findings(
    service: Service, document: DockerfileDocument, path: str, instruction: Instruction
) -> Iterator[Finding]:
    stack, build = service.stack, service.build
    assert build is not None and build.context is not None
    if not any(instruction in image_of(document, each) for each in builders(stack, path)):
        return
    for source in instruction.copied:
        file = join(build.context, source)
        content = stack.repository.searchable(file)
        if content is None or not _holds_secret(source, content):
            continue
        place = Place(path, document.source.position(instruction.start))
        message = (
            f"{file} holds a secret and is copied into the image of {service.name}, for everyone who can"
            " pull it."
        )
        changes = _changes(service, document, path, instruction, source)
        steps = (
            f"Take {source} out of this {instruction.name}, name it in .dockerignore, and change the"
            " secret. What RUN instructions read, mount for them (--mount=type=secret); what the"
            " container reads, give it by environment, env_file or secrets in Compose."
        )
        yield Finding(place, message, changes, steps="" if changes else steps)


def _holds_secret(name: str, content: bytes) -> bool:
    """Whether a file that is copied opens something."""
    last = name.rpartition("/")[2]
    if re.match(r"\.env(\.prod\w*|\.local)?\Z", last):
        found = DotenvDocument(content).variables
        return any(is_secret_name(each.name) and not is_dummy(each.value) for each in found)
    if last in CONFIGURATIONS:
        values = [
            each["value"]
            for each in re.finditer(CONFIGURATIONS[last][0], content.decode("utf-8", "replace"))
        ]
        return any("$" not in value and not is_dummy(value) for value in values)
    text = content.decode("utf-8", "replace")
    return re.search(PRIVATE_KEY, text) is not None and not re.search(MADE_FOR_TESTS, name)


def _changes(
    service: Service, document: DockerfileDocument, path: str, copy: Instruction, source: str
) -> tuple[Change, ...]:
    """The changes that mount a configuration for its package manager, none where a person has to."""
    stack, name = service.stack, source.rpartition("/")[2]
    assert service.build is not None and service.build.context is not None
    stage = next(each for each in document.stages if copy in each.instructions)
    after = stage.instructions[stage.instructions.index(copy) + 1 :]
    target = _target(stage.instructions, copy, name)
    readers = [
        each
        for each in after
        if each.name == "RUN" and name in CONFIGURATIONS
        if re.search(CONFIGURATIONS[name][1], document.source.text[each.start : each.end])
    ]
    secret = re.sub(r"\W+", "_", name).strip("_")
    is_declared = any(each.declares("secret", secret) for each in stack.related)
    # A secret is root's in the build.
    is_root = all(
        each.words[:1] in (("root",), ("0",)) for each in stage.instructions if each.name == "USER"
    )
    if target is None or not readers or is_declared or not is_root or copy.is_json:
        return ()
    flag = f"--mount=type=secret,id={secret},target={target}"
    edits = [document.add_flag(each, flag) for each in readers]
    file = os.path.relpath(join(service.build.context, source), stack.project_directory or ".")
    changes: list[Change] = [EditText(path, (document.delete_word(copy, source), *edits))]
    for each in builders(stack, path):
        changes += granted_to_build(each, secret, {"file": f"./{file}"})
        changes += left_out(each, document, join(service.build.context, source))
    return tuple(changes)


def _target(instructions: tuple[Instruction, ...], copy: Instruction, name: str) -> str | None:
    """Where in the image a file is copied to; None where that is not known."""
    folder = ""
    for each in instructions[: instructions.index(copy)]:
        if each.name == "WORKDIR" and each.words:
            folder = os.path.join(folder, each.words[0])
    to = os.path.join(folder, copy.words[-1])
    if not to.startswith("/") or "$" in to:
        return None
    is_folder = len(copy.words) > 2 or copy.words[-1].endswith(("/", "."))
    return os.path.normpath(os.path.join(to, name) if is_folder else to)
