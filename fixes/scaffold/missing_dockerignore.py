"""An image gets the whole folder that it is built from, secrets and git's history with it.

## What is wrong

`COPY . .` copies what lies in the build's context on the machine that builds: `.env` with its
passwords, `.git` with all that was ever committed, libraries that were installed for another system.
Everyone who can pull the image can read it, and each commit makes the build start over.

## What dockfix does

Where there is no `.dockerignore` and such files are there, it writes one for this context: secrets, what
the Dockerfile installs or builds itself, and what tools leave behind. What a Dockerfile copies by its
name stays in the build, as does what the build reads: `.git` where the version comes from it, the
`.env` that a frontend's pages are built with. Of what git shows, nothing is left out but secrets, the
Compose files and the Dockerfiles.

Where the sources read variables from the `.env` in the image, the services get it by `env_file`. Where
the program does not start without the file, a person has to change that first.

## Fix safety

Safe where no database is left out, the keys that are left out are secrets of the stack, and nothing in
the sources reads an `.env`: all else is in no fresh clone either, or made by the Dockerfile. Unsafe
otherwise.

## References

Docker documentation, Build context, .dockerignore files; Dockerfile reference, COPY.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from fixer.changes import Change, CreateFile, EditYaml
from fixer.documents.dockerfile import DockerfileDocument, Instruction
from fixer.documents.yaml import Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.scaffold.context import BuildContext, takes
from fixer.scaffold.dockerignore import dockerignore, ignore_file, is_environment, secret_files
from fixer.scaffold.history import reads_git
from fixer.stack import Build, Service, Stack
from fixer.stack.merging import join

fix = Fix(
    summary="An image gets the whole folder that it is built from, secrets and git's history with it.",
    severity=Severity.NOTE,
    safety=Safety.UNSAFE,
)

CODE = (
    r"\.(py|rb|php|go|rs|java|kt|cs|exs?|[cm]?[jt]sx?|sh|toml|csproj)\Z"
    r"|(^|/)((package|composer)\.json|Dockerfile[^/]*|Procfile|Gemfile|requirements[\w.-]*\.txt)\Z"
)
READS = (
    r"dotenv|decouple|environ\.Env|env[-_]file|[\"'/=\s]\.env\b|honcho|foreman|\bbun\b"
    r"|laravel/framework|\"(symfony/[\w-]+|next|nuxt|vite|react-scripts|astro)\"\s*:"
)
"""What sources have that read variables from a file."""

NEEDS = r"--env-file[= ]"
"""What a command has that fails without the file."""

DATABASE = r"\.(sqlite3?|db)\Z"
LIBRARIES = ("node_modules", ".venv", "venv")


def detect(stack: Stack) -> Iterator[Finding]:
    """Find contexts without a .dockerignore that are copied with what does not belong in an image."""
    contexts: set[str] = set()
    for service in stack.services.values():
        build = service.build
        if build is None or build.inline or build.context is None or not build.dockerfile_path:
            continue
        document = stack.dockerfile(build.dockerfile_path)
        ignoring = ignore_file(stack.repository, build.context, build.dockerfile_path)
        if document is None or build.context in contexts or stack.repository.exists(ignoring):
            continue
        finding = _finding(stack, service, build, document, ignoring)
        if finding is not None:
            contexts.add(build.context)
            yield finding


def _finding(
    stack: Stack, service: Service, build: Build, document: DockerfileDocument, ignoring: str
) -> Finding | None:
    assert build.context is not None and build.dockerfile_path is not None
    context = BuildContext(stack.repository, build.context, _dockerfiles(stack, build.context))
    declared = _declared(stack, context)
    secrets = [path for path in (*secret_files(context), *declared) if path not in context.named]
    others = [path for path in sorted(context.beside) if path.rpartition("/")[2] in LIBRARIES]
    if context.holds_history and not reads_git(context):
        others.append(".git")
    for instruction in document.instructions:
        secret = list(dict.fromkeys(path for path in secrets if takes(instruction, path)))
        other = [path for path in others if takes(instruction, path)]
        if not secret and not other:
            continue
        is_kept = instruction in document.image(build.target)
        place = Place(build.dockerfile_path, document.source.position(instruction.start))
        message = _message(service, instruction, [*secret, *other], is_kept)
        severity = Severity.WARNING if secret and is_kept else Severity.NOTE
        environments = [path for path in secret if path in context.files and is_environment(path)]
        if environments and _is_found(context, NEEDS):
            steps = (
                f"Start the program without --env-file, give {service.name} the file by env_file in"
                f" Compose, and write {ignoring}; `dockfix scaffold dockerfile` shows one."
            )
            return Finding(place, message, severity=severity, steps=steps)
        is_read = bool(environments) and _is_found(context, READS)
        changes: list[Change] = [CreateFile(ignoring, dockerignore(context, declared).encode())]
        changes += _given(stack, context, environments) if is_read and is_kept else ()
        safety = Safety.UNSAFE if is_read else _safety(context, secret, declared)
        return Finding(place, message, tuple(changes), severity, safety)
    return None


def _safety(context: BuildContext, secrets: list[str], declared: list[str]) -> Safety:
    """Safe where the stack itself says what the secrets are, and no database is left out, which the
    program may start with."""
    told = {*declared, *filter(is_environment, secrets)}
    is_told = all(path in told for path in secrets if path in context.files)
    has_database = any(re.search(DATABASE, path) for path in context.beside)
    return Safety.SAFE if is_told and not has_database else Safety.UNSAFE


def _message(service: Service, instruction: Instruction, paths: list[str], is_kept: bool) -> str:
    written = " ".join((instruction.name, *instruction.words))
    where = "the image" if is_kept else "a stage of the build"
    told = [*paths[:3], *([f"{len(paths) - 3} more"] if len(paths) > 3 else ())]
    names = " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)
    return f"{written} puts {names} into {where} of {service.name}: there is no .dockerignore."


def _dockerfiles(stack: Stack, context: str) -> Iterator[DockerfileDocument]:
    """The Dockerfiles of a context's builds, and all that lie in it, which other builds may use."""
    builds = [service.build for service in stack.found_services]
    paths = [each.dockerfile_path for each in builds if each and each.context == context]
    paths += [
        path
        for path in stack.repository.below(context)
        if re.search(r"(?i)(^|[./])dockerfile([.-][^/]*)?\Z", path)
    ]
    for path in dict.fromkeys(path for path in paths if path):
        document = stack.dockerfile(path)
        if document is not None:
            yield document


def _declared(stack: Stack, context: BuildContext) -> list[str]:
    """The files in a context that services read variables from, or that are secrets of a stack."""
    listed = [file.path for service in stack.related_services for file in service.env_files]
    start = f"{context.folder}/" if context.folder else ""
    paths = (*listed, *_secrets(stack))
    inside = [path.removeprefix(start) for path in paths if path and path.startswith(start)]
    return [path for path in inside if path not in context.shown]


def _secrets(stack: Stack) -> list[str]:
    """The files that are secrets of the related stacks."""
    found = [
        each.file_of(secret) for each in stack.related for secret in each.declarations("secret").values()
    ]
    return [path for path in found if path]


def _is_found(context: BuildContext, pattern: str) -> bool:
    """Whether the sources have something in them."""
    return any(re.search(pattern, context.text(path)) for path in context.shown if re.search(CODE, path))


def _given(stack: Stack, context: BuildContext, paths: Iterable[str]) -> Iterator[EditYaml]:
    """The edits by which the services that are built from a context get the variables of files in it,
    where Compose gives them none from a file."""
    for service in stack.services.values():
        is_built = service.build is not None and service.build.context == context.folder
        if not is_built or service.value.get("env_file") is not None:
            continue
        folder = stack.folder_of(service.files[0]) or "."
        files = [os.path.relpath(join(context.folder, path), folder) for path in paths]
        # A checkout without the file starts as before.
        items = [{"path": f"./{file.removeprefix('./')}", "required": False} for file in files]
        operation = Set(("services", service.name, "env_file"), items)
        yield EditYaml(service.files[0].path, (operation,))
