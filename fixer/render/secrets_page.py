"""A page for the people of a repository: its secrets, how to create and how to change each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from shlex import quote

from fixer.marks import with_part
from fixer.stack.secrets import KeptSecret

PATH = "docs/secrets.md"
BEGIN = "<!-- dockfix docs secrets: what follows is written by that command -->"
END = "<!-- end of what dockfix docs secrets writes -->"

INTRODUCTION = """\
What the stacks of this repository read from outside of it. The values are in no file that git tracks,
and not here. Commands are run in the top folder of the repository; `docker compose` needs its usual
options."""

NEW = '"$(openssl rand -hex 24)"'
"""A strong value, of characters that no shell, URL or `.env` file changes."""


def render(secrets: Sequence[KeptSecret]) -> str:
    """Give the part of the page that dockfix writes, between its marks."""
    parts = [BEGIN, INTRODUCTION, *map(_section, secrets), END]
    return "\n\n".join(parts) + "\n"


def placed(page: str | None, part: str) -> str:
    """Give a page with the part in it: in the place of the one it has, else at its end."""
    return f"# Secrets\n\n{part}" if page is None else with_part(page, part, BEGIN, END)


def _section(secret: KeptSecret) -> str:
    return "\n".join([f"## {secret.name}", "", *_lines(secret)])


def _lines(secret: KeptSecret) -> Iterator[str]:
    yield f"- Lives in: {_home(secret)}"
    settings: dict[str, list[str]] = {}
    for reader in secret.readers:
        settings.setdefault(reader.service.name, []).append(f"`{reader.setting}`")
    told = (f"`{service}` ({', '.join(names)})" for service, names in settings.items())
    yield f"- Read by: {', '.join(told)}"
    yield f"- Create it: {_creation(secret)}"
    yield f"- Change it: {_change(secret, list(settings))}"


def _home(secret: KeptSecret) -> str:
    if secret.kind == "variable":
        return f"`{secret.path}`, as the variable `{secret.name}`"
    if secret.kind == "file":
        return f"`{secret.path}`, a file of its own"
    return "Docker, as an external secret"


def _creation(secret: KeptSecret) -> str:
    path = quote(secret.path)
    if secret.kind == "external":
        command = f"printf %s VALUE | docker secret create {quote(secret.name)} -"
    elif secret.kind == "file":
        folder = quote(secret.path.rpartition("/")[0] or ".")
        command = f"(umask 077; mkdir -p {folder}; printf %s VALUE > {path})"
    else:
        command = f"(umask 077; echo {secret.name}=VALUE >> {path})"
    if secret.is_own:
        return f"`{command.replace('VALUE', NEW)}`"
    return f"`{command}`, with the value that its owner gives you"


def _change(secret: KeptSecret, services: list[str]) -> str:
    first = {
        "variable": f"Put the new value into `{secret.path}`",
        "file": f"Put the new value into `{secret.path}`",
        "external": "Create a secret of another name and name that in the Compose file",
    }[secret.kind]
    names = " ".join(map(quote, services))
    texts = [f"{first}, then `docker compose up -d --force-recreate {names}`."]
    texts += (f"In `{name}`: {steps}" for name, steps in secret.rotation.items())
    return " ".join(texts)
