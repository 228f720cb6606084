"""How a secret reaches a build: mounted for the RUN instructions that read it, so that neither the
image nor its history keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Map
from collections.abc import Sequence as List

from fixer.changes import EditText, EditYaml
from fixer.documents.dockerfile import DockerfileDocument, Instruction, Pair
from fixer.documents.source import Edit
from fixer.documents.yaml import Append, Delete, Insert, Mapping, Operation, Scalar, Set
from fixer.secret_names import is_secret_name, variable_name
from fixer.stack import Service, Stack, Value
from fixer.stack.merging import keyed
from fixes.secrets._dockerfiles import Uses
from fixes.secrets._literals import NO_SECRET, PLACEHOLDER
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


def is_build_secret(name: str) -> bool:
    """Say whether a variable of a build holds a secret, by its name."""
    return is_secret_name(name) and not re.search(PUBLIC, name)


def is_dummy(value: str) -> bool:
    """Say whether a value that is written out opens nothing."""
    return any(re.search(pattern, value) for pattern in (NO_SECRET, PLACEHOLDER, DUMMY))


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
