"""What a Dockerfile does with a variable, what its commands keep in the image, and who builds it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fixer.documents.dockerfile import DockerfileDocument, Instruction, Pair
from fixer.stack import Service, Stack
from fixes.secrets._literals import TESTED
from fixes.secrets._words import has_word

CONFIGURATIONS = {
    r"\.npmrc|\.yarnrc(\.yml)?|bunfig\.toml": r"\b(npm|npx|yarn|pnpm|bun)\b",
    r"pip\.conf|requirements.*\.(txt|in)|pyproject\.toml": r"\b(pip3?|poetry|uv|pdm|pipenv)\b",
    r"(maven-)?settings\.xml": r"\b(mvn|mvnw)\b",
    r"(?i:nuget)\.config": r"\b(dotnet|nuget)\b",
    r"Gemfile": r"\bbundle\b",
    r"build\.gradle(\.kts)?|gradle\.properties": r"\b(gradle|gradlew)\b",
}
"""Files in which a program expands the variables of its environment, and the program."""


OWN_VARIABLES = {
    "PIP_": r"\b(pip3?|pipenv)\b",
    "UV_": r"\buv\b",
    "POETRY_": r"\bpoetry\b",
    "NPM_CONFIG_": r"\b(npm|npx|pnpm)\b",
    "YARN_": r"\byarn\b",
    "BUNDLE_": r"\bbundle\b",
    "COMPOSER_AUTH": r"\bcomposer\b",
    "CARGO_": r"\bcargo\b",
}
"""What the names of variables start with that a program reads by itself, and the program."""


OWN_BUILD = (
    r"\b(npm|yarn|pnpm|bun)\b[^&|;\n]*\bbuild\b|\b(next|vite|nuxt) build|\bprisma\b|\bmanage\.py\b"
    r"|\b(rails|rake)\b|\b(gradlew?|mvnw?)\b"
)
"""A command that runs the application's own code, which may read what its sources name."""


WRITES = (
    r"\b(echo|printf|sed)\b.*>(?!&|\s*/dev/)|\bsed\b.*\s-i|\btee\b|\bconfig(ure)?\s+(--?\S+\s+)*(set|add)\b"
    r"|\bgit\s+(config|clone|remote)\b|\blogin\b|\b(npm|yarn|pnpm)\b.*\bgit\+http"
)
"""What a command has that keeps what it is given in a file."""


HERE_DOCUMENT = r"\bcat\s*(>|<<)"
"""A command that writes the lines behind it."""


BUILDS = (
    rb"\b(docker|podman)\s+(buildx\s+)?(build|bake)\b|\bbuildah\s+(bud|build)\b|\bkaniko\b"
    rb"|docker/(build-push|bake)-action"
)
"""What builds an image in a script or a workflow."""


PIPELINES = (
    "Makefile",
    "justfile",
    "Jenkinsfile",
    ".gitlab-ci.yml",
    ".travis.yml",
    "bitbucket-pipelines.yml",
)
"""Names of files that hold the commands of builds."""


AT_RUN_TIME = ("CMD", "ENTRYPOINT", "HEALTHCHECK")


TEXTS = (".md", ".rst", ".adoc", ".example", ".sample", ".template", ".dist")


class Uses(NamedTuple):
    """What a Dockerfile does with a variable: where `ARG` or `ENV` declare it, which variables get its
    value by `ENV Y=$X`, which RUN instructions read it by which names, and which other instructions
    use it in a way that a mount cannot follow. `guessed` says that none names it, and that the
    application's own build can be what reads it."""

    declared: list[tuple[Instruction, Pair]]
    handed: list[tuple[Instruction, Pair]]
    readers: dict[Instruction, list[str]]
    others: list[Instruction]
    guessed: bool = False


def uses_of(service: Service, document: DockerfileDocument, name: str) -> Uses:
    """Give what the Dockerfile of a service does with a variable."""
    found = Uses([], [], {}, [])
    programs = _programs(service, name)
    for instruction in document.instructions:
        if instruction.name in ("ARG", "ENV"):
            own = [pair for pair in document.pairs(instruction) if pair.name == name]
            found.declared.extend((instruction, pair) for pair in own if not _is(pair, name))
    for instruction, _ in found.declared:
        for each in _reach(document, instruction):
            _sort(document, each, name, programs, found)
    handed = list(found.handed)
    for instruction, pair in handed:
        for each in _reach(document, instruction):
            _sort(document, each, pair.name, "", found)
    if found.readers:
        return found
    for instruction, pair in [*found.declared, *handed]:
        for each in _reach(document, instruction):
            if each.name == "RUN":
                _sort(document, each, pair.name, OWN_BUILD, found)
    return found._replace(guessed=bool(found.readers))


def _sort(
    document: DockerfileDocument, instruction: Instruction, name: str, programs: str, found: Uses
) -> None:
    text = document.source.text[instruction.start : instruction.end]
    word = rf"(?<!\w){re.escape(name)}(?!\w)"
    if instruction.name == "RUN":
        if re.search(word, text) or (programs and re.search(programs, text)):
            names = found.readers.setdefault(instruction, [])
            names += [name] if name not in names else []
    elif instruction.name not in AT_RUN_TIME and re.search(rf"\$\{{?{word}", text):
        pairs = document.pairs(instruction) if instruction.name == "ENV" else []
        using = [pair for pair in pairs if re.search(word, pair.written or "")]
        if using and all(_is(pair, name) for pair in using):
            found.handed.extend((instruction, pair) for pair in using)
        elif instruction not in found.others:
            found.others.append(instruction)


def _is(pair: Pair, name: str) -> bool:
    """Whether a variable gets another one's value as it is."""
    return pair.value in (f"${name}", f"${{{name}}}")


def _reach(document: DockerfileDocument, instruction: Instruction) -> Iterator[Instruction]:
    """The instructions that see a variable: those behind it in its stage, and the stages that start
    from that one. What stands before the first stage is seen by each `FROM`, and no further."""
    own = next((each for each in document.stages if instruction in each.instructions), None)
    if own is None:
        yield from document.named("FROM")
        return
    yield from own.instructions[own.instructions.index(instruction) + 1 :]
    reached = {own.name.lower()} - {""}
    for stage in document.stages:
        if stage is not own and stage.base.lower() in reached:
            reached |= {stage.name.lower()} - {""}
            yield from stage.instructions[1:]


def _programs(service: Service, name: str) -> str:
    """The programs that read the variable without a word of it in the command, as a pattern: by a
    file of the build context, by the sources in it, or by the variable's name."""
    stack, build = service.stack, service.build
    assert build is not None and build.context is not None and build.dockerfile_path is not None
    programs = [
        program
        for path in stack.repository.below(build.context)
        for pattern, program in CONFIGURATIONS.items()
        if re.fullmatch(pattern, path.rpartition("/")[2])
        if has_word(stack.repository.searchable(path), name)
    ]
    programs += [OWN_BUILD] if read_elsewhere(stack, build.dockerfile_path, name) else []
    programs += [each for start, each in OWN_VARIABLES.items() if name.startswith(start)]
    return "|".join(dict.fromkeys(programs))


def read_elsewhere(stack: Stack, dockerfile: str, name: str) -> bool:
    """Say whether a file of the repository names the variable of which it is not plain what it does in
    a build: a script that builds by itself, or the application."""
    known = {dockerfile, *(file.path for file in stack.related_files)}
    return any(
        has_word(stack.repository.searchable(path), name)
        for path in stack.repository.files
        if path not in known and not path.endswith(TEXTS)
        for last in [path.rpartition("/")[2]]
        if not last.startswith(".env")
        if not any(re.fullmatch(pattern, last) for pattern in CONFIGURATIONS)
    )


def is_built_elsewhere(stack: Stack) -> bool:
    """Say whether a script or a workflow of the repository builds images without Compose, and so without
    the secrets that Compose hands to a build."""
    repository = stack.repository
    return any(
        re.search(BUILDS, content) is not None
        for path in repository.files
        if path.endswith((".sh", ".bash", ".mk"))
        or path.rpartition("/")[2] in PIPELINES
        or path.startswith(".github/workflows/")
        if (content := repository.searchable(path)) is not None
    )


def image_of(document: DockerfileDocument, service: Service) -> list[Instruction]:
    """Give the instructions that make a service's image: of its stage and those it starts from."""
    return document.image(service.build.target if service.build else None)


def keeps(document: DockerfileDocument, found: Uses, image: Iterable[Instruction]) -> bool:
    """Say whether a RUN instruction of the image leaves the secret in a file, where a mount would not
    help."""
    texts = {each: document.source.text[each.start : each.end] for each in found.readers}
    return any(each in image and writes(text, found.readers[each]) for each, text in texts.items())


def writes(command: str, parts: Iterable[str]) -> bool:
    """Say whether a command keeps one of these texts in a file and does not remove it again."""
    joined = re.sub(r"\\\r?\n", " ", command)
    using = [each for each in re.split(r"&&|\|\||;|\n", joined) if any(part in each for part in parts)]
    is_written = any(re.search(WRITES, each) for each in using)
    is_written = is_written or re.search(HERE_DOCUMENT, command) is not None
    return is_written and not _is_removed(joined)


def _is_removed(command: str) -> bool:
    """Whether a command takes back what it wrote: it unsets it, or removes something that another part
    of it names."""
    if re.search(r"\bconfig (delete|rm|unset)\b|--unset", command):
        return True
    others = re.sub(r"\brm\s[^&|;\n]*", "", command)
    removed = [word for each in re.findall(r"\brm\s([^&|;\n]*)", command) for word in each.split()]
    paths = [word.strip("\"'") for word in removed if not word.startswith("-")]
    return any(path in others or path.removesuffix("/.git") in others for path in paths)


def dockerfile_of(service: Service) -> tuple[str, DockerfileDocument | None]:
    """Give the path and the content of the Dockerfile that a service is built from, no content where it
    is not known, or where the image is for tests."""
    build, path = service.build, service.build.dockerfile_path if service.build else None
    if build is None or build.inline or build.context is None or path is None:
        return "", None
    is_tested = any(re.search(TESTED, each) for each in (path, service.files[0].path))
    return path, None if is_tested else service.stack.dockerfile(path)


def builders(stack: Stack, dockerfile: str) -> list[Service]:
    """Give the services that are built from a Dockerfile, of this stack and of those related to it."""
    return [
        service
        for service in stack.related_services
        if service.build and not service.build.inline and service.build.dockerfile_path == dockerfile
    ]


def runners(
    stack: Stack, document: DockerfileDocument, dockerfile: str, instruction: Instruction
) -> list[Service]:
    """Give the services whose containers have what an `ENV` instruction sets: those that are built to
    a stage with it, and those that run the same image by its name."""
    built = [
        service for service in builders(stack, dockerfile) if instruction in image_of(document, service)
    ]
    images = {service.image.text for service in built if service.image}
    named = [
        service
        for service in stack.related_services
        if service.build is None and service.image and service.image.text in images
    ]
    return [*built, *named]
