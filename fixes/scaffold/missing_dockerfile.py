"""A service is to be built from a Dockerfile that does not exist.

## What is wrong

`docker compose config` accepts it, and `docker compose build` fails: "failed to read dockerfile:
open Dockerfile: no such file or directory".

## What dockfix does

- Where the Dockerfile stands under the very path that is named, but seen from another folder, the
  relative path of the build context is corrected.
- Where a Dockerfile of that name, or one named after the service, stands elsewhere in the
  repository, `dockerfile:` is pointed at it. With `--strategy missing-dockerfile=copy` it is copied
  to where the stack looks for it instead.
- Where two fit equally well, a person has to choose; the finding names both.
- Where there is none, one is written from what the build context holds and what the stack asks of the
  image: stages, arguments, ports, the paths where sources and data are mounted, the user. It knows
  Python, Node.js, Go, Rust, Java, .NET, Ruby, PHP, Elixir, and pages that are built or there already.
  A `.dockerignore` comes with it. Docker's own init starts the program (`init: true`): as the first
  process of a container many programs do not end when they are told to.
- Where it cannot be told how the project starts, or something that it is built from is missing, a person
  has to write it; the finding says what is missing.

## Fix safety

Safe: the service cannot be built as it is. Nothing is overwritten.

## References

Compose build specification, dockerfile; Docker documentation, Building best practices.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from fixer.changes import Change, CopyFile, CreateFile, EditYaml
from fixer.documents.yaml import Insert, Operation, Scalar, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Build, Service, Stack
from fixer.stack.merging import join
from fixer.stack.service import DEFAULT_DOCKERFILE

fix = Fix(
    summary="A service is built from a Dockerfile that does not exist.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
    strategies=("repoint", "copy"),
)

OUT_OF_USE = r"(?i)(^|/)(archives?|deprecated|old|backups?|node_modules|vendor|third[_-]?party)(/|\Z)"
WORDS = r"[A-Za-z0-9]+"
NO_NAMES = {"dockerfile", "docker", "dev", "prod", "production", "development", "server", "service"}
"""Words of a Dockerfile's name that say nothing of which service it is for."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find builds whose Dockerfile is missing."""
    for service in stack.services.values():
        build = service.build
        if build is not None and _is_missing(stack, build) and not _is_found(stack, build):
            yield _finding(stack, service, build)


def _is_found(stack: Stack, build: Build) -> bool:
    """Whether another stack with the same file finds the Dockerfile, since its paths start elsewhere."""
    return any(
        other is not stack
        and service.build is not None
        and service.build.value.node is build.value.node
        and not _is_missing(other, service.build)
        for other in stack.related
        for service in other.services.values()
    )


def _is_missing(stack: Stack, build: Build) -> bool:
    repository, path = stack.repository, build.dockerfile_path
    if path is None or build.context is None or build.inline:
        return False
    written = [build.value, build.value.get("context"), build.value.get("dockerfile")]
    if not all(stack.is_known(value.text) for value in written if value):
        return False
    if repository.is_file(path) or repository.outside(path) or repository.is_unknown(path):
        return False
    if build.dockerfile == DEFAULT_DOCKERFILE and repository.is_file(join(build.context, "dockerfile")):
        # Docker tries the name in small letters too.
        return False
    return not repository.is_ignored(path) and repository.generated(path) is None


def _finding(stack: Stack, service: Service, build: Build) -> Finding:
    assert build.context is not None and build.dockerfile_path is not None
    place = (build.value.get("dockerfile") or build.value).at
    message = (
        f"The build of {service.name} fails: {build.dockerfile_path} does not exist"
        " (failed to read dockerfile)."
    )
    contexts = _contexts(stack, build)
    if len(contexts) == 1:
        return Finding(place, message, (_with_context(stack, build, contexts[0]),))
    if not stack.repository.is_directory(build.context or "."):
        steps = f"Put the sources of {service.name} into {build.context}, or correct `context`."
        message = f"The build of {service.name} fails: its context {build.context} does not exist."
        return Finding(place, message, steps=steps)
    candidates = _candidates(stack, service, build)
    if len(candidates) > 1:
        steps = f"Name the right one of these under `dockerfile`: {', '.join(candidates)}."
        return Finding(place, message, steps=steps)
    if candidates:
        return Finding(place, message, (_repaired(stack, build, candidates[0]),))

    from fixer.scaffold.demands import demands_of
    from fixer.scaffold.dockerfiles import files_for
    from fixer.scaffold.dockerfiles.scaffold import CannotBuild
    from fixer.scaffold.files import mode_of

    path = build.dockerfile_path
    try:
        files = files_for(stack.repository, build.context, path, demands_of(stack, path))
    except CannotBuild as reason:
        return Finding(place, message, steps=str(reason))
    if files is None:
        steps = f"Write {path}; its context holds no project that dockfix can start."
        return Finding(place, message, steps=steps)
    changes: list[Change] = [
        CreateFile(each, text.encode(), mode_of(text)) for each, text in files.items()
    ]
    return Finding(place, message, (*changes, *_with_init(service, build)))


def _with_init(service: Service, build: Build) -> Iterator[EditYaml]:
    """Have Docker's init start the program, where the stack says nothing of it: many do not end on a
    signal as the first process of a container, or leave their dead children."""
    file = build.value.file
    written = service.written_in(file)
    if written is not None and written.get("build") is not None and service.value.get("init") is None:
        route = ("services", service.name, "init")
        yield EditYaml(file.path, (Insert(route, True, "build", build.value.node.document),))


def _contexts(stack: Stack, build: Build) -> list[str]:
    """The folders in which the build would find its Dockerfile under the very path that it names,
    folders included: then it is the relative path of the context that is wrong."""
    assert build.context is not None
    is_there = stack.repository.is_directory(build.context or ".")
    last = "" if is_there else build.context.rpartition("/")[2] + "/"
    wanted = last + os.path.normpath(build.dockerfile)
    if "/" not in wanted:
        return []
    return [
        path[: -len(build.dockerfile)].rstrip("/")
        for path in stack.repository.named(build.dockerfile.rpartition("/")[2])
        if f"/{path}".endswith(f"/{wanted}") and not re.search(OUT_OF_USE, path)
    ]


def _with_context(stack: Stack, build: Build, context: str) -> EditYaml:
    value = build.value.get("context") or build.value
    path = os.path.relpath(context or ".", stack.folder_of(value.file) or ".")
    path = path if path.startswith(".") else f"./{path}"
    return EditYaml(value.file.path, (Set(value.route, path, value.node.document),))


def _repaired(stack: Stack, build: Build, found: str) -> Change:
    """Point the build at the Dockerfile that was found, or copy it to where the build looks."""
    assert build.context is not None and build.dockerfile_path is not None
    if stack.strategies.get("missing-dockerfile") == "copy":
        return CopyFile(found, build.dockerfile_path)
    path = os.path.relpath(found, build.context or ".")
    named = build.value.get("dockerfile")
    value = named or build.value
    operation: Operation
    if named is not None:
        operation = Set(named.route, path, named.node.document)
    elif isinstance(build.value.node, Scalar):
        whole = {"context": build.value.text, "dockerfile": path}
        operation = Set(build.value.route, whole, build.value.node.document)
    else:
        operation = Set((*build.value.route, "dockerfile"), path, build.value.node.document)
    return EditYaml(value.file.path, (operation,))


def _candidates(stack: Stack, service: Service, build: Build) -> list[str]:
    """The Dockerfiles that fit best; more than one where they fit equally well."""
    wanted = build.dockerfile_path or ""
    is_prefix = wanted.rpartition("/")[2].lower().startswith("dockerfile")
    ranked: dict[tuple[int, ...], list[str]] = {}
    for path in stack.repository.files:
        name = path.rpartition("/")[2]
        if "dockerfile" in name.lower() and not re.search(OUT_OF_USE, path) and name[0] != ".":
            likeness = _likeness(path, wanted, service)
            if likeness:
                distance = os.path.relpath(path, os.path.dirname(wanted) or ".").count("/")
                is_alike = name.lower().startswith("dockerfile") == is_prefix
                ranked.setdefault((likeness, is_alike, -distance), []).append(path)
    best = ranked[max(ranked)] if ranked else []
    fitting = [path for path in best if _has_target(stack, path, build)]
    return fitting or best


def _likeness(path: str, wanted: str, service: Service) -> int:
    """How well a Dockerfile's name fits: the very name, the service's name, or the words of the
    name that was wanted. Zero is not at all."""
    name, wanted_name = path.rpartition("/")[2].lower(), wanted.rpartition("/")[2].lower()
    of_service = _words(service.name)
    if wanted_name == "dockerfile":
        # Every project has one of that name: it must be for this service.
        return 3 if of_service and _words(path) == of_service else 0
    if name == wanted_name:
        return 4
    own = name.replace("dockerfile", "").strip(".-_")
    if own == service.name.lower():
        return 3
    words = _words(name)
    return 2 if words and words in (_words(wanted_name), of_service) else 0


def _words(name: str) -> frozenset[str]:
    """The words of a Dockerfile's name that say what it is for, or its folder's where the name says
    nothing. The last word `s` of a plural does not count."""
    for part in reversed(name.split("/")):
        words = {word.lower() for word in re.findall(WORDS, part)} - NO_NAMES
        if words:
            return frozenset(word.removesuffix("s") for word in words)
    return frozenset()


def _has_target(stack: Stack, path: str, build: Build) -> bool:
    """Whether a Dockerfile has the stage that the build asks for."""
    document = stack.dockerfile(path)
    return not build.target or (document is not None and document.stage(build.target) is not None)
