"""How a secret reaches a build: mounted for the RUN instructions that read it, so that neither the
image nor its history keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Map
from collections.abc import Sequence as List
from typing import NamedTuple

from fixer.changes import Change, EditText, EditYaml, EnsureLine
from fixer.documents.dockerfile import DockerfileDocument, Instruction, Pair
from fixer.documents.source import Edit
from fixer.documents.yaml import Append, Delete, Insert, Mapping, Operation, Scalar, Set
from fixer.secret_names import is_secret_name, variable_name
from fixer.stack import Service, Stack, Value
from fixer.stack.merging import join, keyed
from fixes.secrets._literals import NO_SECRET, PLACEHOLDER, TESTED
from fixes.secrets._moving import Home, variable_for

FRONTEND = "docker/dockerfile:1"
OLD_FRONTEND = r"docker/dockerfile:1\.[0-9](\.\d+)?(-\w+)?\Z"
"""Frontends that do not know `env=` in a mount yet, which 1.10 brought."""

PUBLIC = (
    r"(?i)^(NEXT_PUBLIC|NUXT_PUBLIC|PUBLIC|VITE|REACT_APP|VUE_APP|NG_APP|EXPO_PUBLIC|GATSBY|STORYBOOK)_"
    r"|PUBLIC_?KEY|PUBLISHABLE|FIREBASE_API|MAPS?_API|MAPBOX|POSTHOG|ALGOLIA_SEARCH"
)
"""Names of keys that a browser gets to see anyway."""

DUMMY = (
    r"(?i)(?<![^\W_])(build([-_]?(time|only))?|collectstatic|precompile|not[-_ ]\w+|unused|ignored?|temp"
    r"|insecure\w*|change[-_]?(me|it|this)\w*)(?![^\W_])|not[-_ ]?real"
)
"""Values that only let a build step start, or that the reader is to fill in."""

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

ONLY_STARTS = r"\bcollectstatic\b|\bcompilemessages\b|\bassets:precompile\b"
"""A command that wants a secret to be set and does nothing with it."""

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


def is_secret(name: str) -> bool:
    """Say whether a variable of a build holds a secret, by its name."""
    return is_secret_name(name) and not re.search(PUBLIC, name)


def is_dummy(value: str) -> bool:
    """Say whether a value that is written out opens nothing."""
    return any(re.search(pattern, value) for pattern in (NO_SECRET, PLACEHOLDER, DUMMY))


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


def uses(service: Service, document: DockerfileDocument, name: str) -> Uses:
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
        for path in stack.repository.files
        for pattern, program in CONFIGURATIONS.items()
        if _below(path, build.context) and re.fullmatch(pattern, path.rpartition("/")[2])
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


def has_word(content: bytes | None, word: str) -> bool:
    wanted = word.encode()
    return (
        content is not None
        and re.search(rb"(?<!\w)" + re.escape(wanted) + rb"(?!\w)", content) is not None
    )


def _below(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def image_of(document: DockerfileDocument, service: Service) -> list[Instruction]:
    """Give the instructions that make a service's image: of its stage and those it starts from."""
    target = service.build.target if service.build else None
    stage = document.stage(target) if target else document.stages[-1] if document.stages else None
    found: list[Instruction] = []
    while stage is not None and stage.instructions[0] not in found:
        found += stage.instructions
        stage = next((each for each in document.stages if each.name and each.name == stage.base), None)
    return found


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
        for each in stack.related
        for service in each.services.values()
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
        for each in stack.related
        for service in each.services.values()
        if service.build is None and service.image and service.image.text in images
    ]
    return [*built, *named]


def mounted(document: DockerfileDocument, path: str, found: Uses, secret: str) -> EditText | None:
    """Give the edit of a Dockerfile that removes a variable and mounts the secret, where RUN
    instructions read it. None where its frontend is one that knows no such mounts."""
    gone: dict[Instruction, list[Pair]] = {}
    for instruction, pair in [*found.declared, *found.handed]:
        gone.setdefault(instruction, []).append(pair)
    edits = [document.delete_pairs(instruction, pairs) for instruction, pairs in gone.items()]
    mounts = mounts_of(document, found.readers, secret)
    return EditText(path, (*edits, *mounts)) if mounts is not None else None


def mounts_of(
    document: DockerfileDocument, readers: Map[Instruction, List[str]], secret: str
) -> list[Edit] | None:
    """Give the edits that mount a secret for RUN instructions as the variables that they read. None
    where the Dockerfile's frontend is one that knows no such mounts."""
    edits = [
        document.add_flag(instruction, flag)
        for instruction, names in readers.items()
        for name in names
        if (flag := f"--mount=type=secret,id={secret},env={name}") not in instruction.flags
    ]
    frontend = document.directives.get("syntax", ("", 0))[0]
    if edits and frontend and not frontend.startswith("docker/dockerfile"):
        return None
    if edits and (not frontend or re.match(OLD_FRONTEND, frontend)):
        edits.append(document.set_syntax(FRONTEND))
    return edits


def home_of(service: Service, value: str, name: str) -> Home | None:
    """Give the variable of `.env` for a value, under its own name or, where that is another value's,
    with the service's name before it."""
    return variable_for(
        service.stack, value, name, variable_name(service.name, name), files=service.files[:1]
    )


def secret_name(stack: Stack, variable: str, suggested: str) -> str | None:
    """Give the name of the Compose secret that hands a variable of `.env` or of the shell to builds:
    one that is declared already, else the suggested one. None where that is something else's."""
    for each in stack.related:
        for name, declaration in each.declarations("secret").items():
            source = declaration.value.get("environment")
            if source is not None and source.text == variable:
                return name
    name = suggested.lower()
    return None if any(each.declares("secret", name) for each in stack.related) else name


def granted_to_build(service: Service, secret: str, source: dict[str, str]) -> Iterator[EditYaml]:
    """Yield the edits that let a service's build read a secret, and that declare it from its source."""
    build = _first_build(service)
    document = build.node.document
    operations: list[Operation] = []
    if isinstance(build.node, Scalar):
        whole = {"context": build.text, "secrets": [secret]}
        operations.append(Set(build.route, whole, document))
    elif secrets := build.get("secrets"):
        if secret not in [(item.get("source") or item).text for item in secrets.items()]:
            operations.append(Append(secrets.route, secret, document))
    else:
        mapping = _with_arguments(build)
        keys = [str(entry.name) for entry in mapping.entries] if mapping else []
        route = (*(mapping.route if mapping else build.route), "secrets")
        if "args" in keys[1:]:
            # At the end of the arguments the edit would meet the one that removes the last of them.
            before = keys[keys.index("args") - 1]
            operations.append(Insert(route, [secret], before, document))
        else:
            operations.append(Append(route, secret, document))
    if operations:
        yield EditYaml(build.file.path, tuple(operations))
    if not service.stack.declares("secret", secret):
        declaration = Set(("secrets", secret), source)
        yield EditYaml(service.files[0].path, (declaration,))


def _first_build(service: Service) -> Value:
    """The build as the first file that has one writes it; behind `extends`, as it is resolved."""
    for file in service.files:
        own = service.value_in(file)
        build = own.get("build") if own else None
        if build is not None and build.data is not None:
            return build
    assert service.build is not None
    return service.build.value


def _with_arguments(build: Value) -> Mapping | None:
    """The mapping that a build's own keys stand in, or the one that is merged into it and has its
    arguments: what replaces them stands beside them."""
    args, own = build.get("args"), build.node if isinstance(build.node, Mapping) else None
    merged = args.node.parent if args and args.route[-1:] == ("args",) else None
    is_own = own is None or own.entry("args") is not None
    return merged if isinstance(merged, Mapping) and not is_own else own


def arguments(service: Service, name: str) -> Iterator[Value]:
    """Yield a build argument wherever the service's files set it."""
    views = [service.value, *(view for file in service.files if (view := service.value_in(file)))]
    for view in views:
        build = view.get("build")
        args = build.get("args") if build else None
        if args is not None and name in (found := keyed(args, "build.args")):
            yield found[name]


def without_arguments(services: Iterable[Service], name: str) -> list[EditYaml]:
    """Give the edits that take a build argument out of the services' files."""
    return [
        EditYaml(value.file.path, (Delete(value.route, value.node.document),))
        for service in services
        for value in arguments(service, name)
    ]


def with_variable(service: Service, name: str, text: str) -> tuple[EditYaml, ...] | None:
    """Give the edit that sets a variable of a service, none where something sets it already: the stack,
    or a file that the service reads its environment from. None in place of edits where what sets the
    environment is not the service's alone."""
    if name in service.environment:
        return ()
    stack = service.stack
    for path in (each.path for each in service.env_files):
        content = stack.repository.read(path) if path else None
        is_to_come = path == join(stack.project_directory, ".env") and f"${{{name}" in text
        if is_to_come or has_word(content, name):
            return ()
    file, route = service.files[0], ("services", service.name, "environment")
    own = service.value_in(file)
    value = own.get("environment") if own else None
    operation: Operation = Set((*route, name), text)
    if value is not None and value.data is not None:
        if value.shared or value.route != route:
            return None
        document = value.node.document
        operation = Set((*route, name), text, document)
        if isinstance(value.data, list):
            operation = Append(route, f"{name}={text}", document)
    return (EditYaml(file.path, (operation,)),)


def given(services: Iterable[Service], name: str, home: Home) -> list[Change] | None:
    """Give the changes by which services that are built here get a variable from its home, and keep
    the project's `.env` out of their images. None where one cannot get it."""
    changes: list[Change] = []
    for service in services:
        edits = with_variable(service, name, home.reference)
        if edits is None:
            return None
        _, document = dockerfile_of(service)
        changes += [*edits, *(kept_out(service, document)[0] if document else ())]
    return [*changes, *home.changes]


def kept_out(service: Service, document: DockerfileDocument) -> tuple[list[Change], bool]:
    """Give the changes that keep the project's `.env` out of an image which copies its whole context,
    and whether the image has had one until now."""
    path = join(service.stack.project_directory, ".env")
    changes = left_out(service, document, path)
    return changes, bool(changes) and service.stack.repository.is_file(path)


def copied(instruction: Instruction) -> tuple[str, ...]:
    """Give what an instruction copies from the build's context, as written."""
    is_copy = instruction.name in ("COPY", "ADD")
    is_copy = is_copy and not any(flag.startswith("--from") for flag in instruction.flags)
    return instruction.words[:-1] if is_copy else ()


def left_out(service: Service, document: DockerfileDocument, path: str) -> list[Change]:
    """Give the change that keeps a file out of an image which copies its whole context; none where it
    does not, or leaves the file out already."""
    stack, build = service.stack, service.build
    assert build is not None and build.context is not None and build.dockerfile_path is not None
    copies = [word for each in document.instructions for word in copied(each)]
    if not _below(path, build.context) or not any(re.fullmatch(r"\./?|\*|/", word) for word in copies):
        return []
    ignoring = f"{build.dockerfile_path}.dockerignore"
    if not stack.repository.is_file(ignoring):
        ignoring = join(build.context, ".dockerignore")
    lines = (stack.repository.read(ignoring) or b"").decode("utf-8", "replace").split()
    wanted = path[len(build.context) :].lstrip("/")
    last = re.escape(wanted.rpartition("/")[2])
    is_ignored = any(re.fullmatch(rf"(\*\*/|/)?({last}|\*?{last}\*?|\*)", line) for line in lines)
    return [] if is_ignored or wanted in lines else [EnsureLine(ignoring, wanted)]


def distinct(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Give changes each once: those of a service come again with every stack that has it."""
    found: list[Change] = []
    for change in changes:
        if change not in found:
            found.append(change)
    return tuple(found)
