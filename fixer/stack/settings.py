"""What a service's settings say, as plain data that keeps the value it was read from."""

from __future__ import annotations

from typing import NamedTuple

from fixer.stack.values import Value


class Image(NamedTuple):
    """An image's name: `registry/repository:tag@digest`. `repository` has no registry of Docker's
    own and no `library/`."""

    text: str
    repository: str
    tag: str
    digest: str
    value: Value


class Build(NamedTuple):
    """How a service's image is built. `context` and `dockerfile_path` are relative to the root;
    they are None where the context is remote, outside the root or not known."""

    context: str | None
    dockerfile: str
    dockerfile_path: str | None
    target: str | None
    args: dict[str, Value]
    inline: bool
    value: Value


class EnvironmentVariable(NamedTuple):
    """A variable of a container. `text` is its value as written, None where the list form takes it
    from the shell; `value` is interpolated. `at` is the scalar: the value in map form, the whole
    `KEY=value` in list form."""

    name: str
    text: str | None
    value: str
    form: str
    at: Value


class Label(NamedTuple):
    """A label of a service's container or of its deployment. `text` is its value as written. `at` is
    the scalar: the value in map form, the whole `KEY=value` in list form."""

    name: str
    text: str
    form: str
    at: Value


class Mount(NamedTuple):
    """Something mounted into a container. `kind` is `bind`, `volume`, `anonymous`, `tmpfs` or
    another type of the long form. `source` and `target` are interpolated; `path` is a bind's source
    relative to the root, None where that leads outside. `form` is `short` or `long`."""

    kind: str
    source: str
    target: str
    read_only: bool
    path: str | None
    form: str
    at: Value


class Port(NamedTuple):
    """A published port. Numbers stay text, since they may be ranges; `published` is empty where
    Docker chooses."""

    host_ip: str
    published: str
    target: str
    protocol: str
    form: str
    at: Value


class Command(NamedTuple):
    """A command. `form` is `exec` for a list, `shell` for a text, which Compose splits into words
    without running a shell."""

    form: str
    words: list[str]
    text: str
    at: Value


class Healthcheck(NamedTuple):
    """A health check; `test` is None where only its timing is set."""

    test: Command | None
    disabled: bool
    value: Value


class Reference(NamedTuple):
    """A service's use of a secret or config."""

    source: str
    target: str
    at: Value


class Use(NamedTuple):
    """A service's naming of something that the stack declares, or of another service. `kind` is what
    Compose calls it: `volume`, `network`, `secret`, `build secret` or `config`; for a service the
    setting. `at` is the item or entry, `written` the scalar that holds the name, None where the name
    is an entry's key."""

    kind: str
    name: str
    at: Value
    written: Value | None


class EnvironmentFile(NamedTuple):
    """A file that a service reads variables from; `path` is relative to the root or None."""

    text: str
    path: str | None
    required: bool
    at: Value
