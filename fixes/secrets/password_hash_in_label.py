"""A label for Traefik holds the password hashes of a basic authentication.

## What is wrong

`traefik.http.middlewares.NAME.basicauth.users=admin:$$apr1$$...` has the users' hashes in the
repository. Everyone who reads it, now or in its history, can try passwords against them as fast as the
machine goes, and Traefik sees nothing of it. A default such as `${USERS:-admin:$$apr1$$...}` is no
better.

## What dockfix does

- Where the Traefik that reads the label is a service of every stack with the label, and reads files as
  root, the users become a Compose secret: `secrets/traefik_users.txt`, one a line, readable by its
  owner alone and ignored by git. `basicauth.usersfile` names it in the label's place.
- Where Traefik runs elsewhere or as another user, where the middleware has a file of users already, or
  where the users are a variable's default, they go to `.env`, which git ignores, and `${NAME:?}` takes
  their place; the name alone is added to `.env.example`.

Where only a part of the users is a variable, or git tracks `.env`, a person has to move them.

## Fix safety

Safe: Traefik knows the same users with the same passwords. It is unsafe where the `$` of a hash are not
doubled: Compose takes `$apr1` for a variable, Traefik gets another text than the one that is written,
and nobody can log in before the fix. Other checkouts need the file or the `.env`; without it Compose
says which one. The hashes are still in the repository's history: change the passwords.

## References

Traefik documentation, BasicAuth; Compose documentation, Use secrets in Compose and Interpolation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fixer.changes import Change, EditYaml
from fixer.documents.yaml import Operation, Rename, Rewrite, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Label, Service, Stack
from fixer.stack.interpolation import InterpolationError, variables
from fixes.secrets._literals import TESTED, is_secret
from fixes.secrets._moving import secret_for, variable_for
from fixes.secrets._uses import loaded_together

fix = Fix(
    summary="A label for Traefik holds the password hashes of a basic authentication.",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
    exposed=True,
)

LABEL = r"(?i)traefik\.http\.middlewares\.(?P<middleware>[^.]+)\.basicauth\.users(?P<file>file)?\Z"

HASHED = r"(\A|,)\s*[^\s:,]+:(\$(apr1|1|2[abxy]?)\$|\{SHA\})[^\s,<>*]{6,}"
"""A user with one of the hashes that Traefik knows: MD5, bcrypt and SHA1."""

NAME = "TRAEFIK_USERS"


class Users(NamedTuple):
    """The users of a middleware. `value` is what the label means; None where a part of it is a
    variable. `default_of` is the variable whose default it is, else empty; `is_broken` says that
    Compose takes a part of a hash for a variable."""

    middleware: str
    label: Label
    value: str | None
    default_of: str
    is_broken: bool

    @property
    def lines(self) -> str:
        """The users as Traefik reads them from a file."""
        return "\n".join(each.strip() for each in (self.value or "").split(",") if each.strip())

    @property
    def names(self) -> list[str]:
        """What the variable or the secret may be called, best first."""
        if self.default_of:
            return [self.default_of]
        words = re.sub(r"\W+", "_", self.middleware).strip("_").upper()
        return [NAME, f"TRAEFIK_{words}_USERS"]


def detect(stack: Stack) -> Iterator[Finding]:
    """Find the labels with hashes."""
    for service in stack.services.values():
        for users in _users(service):
            yield _finding(stack, users)


def _users(service: Service) -> Iterator[Users]:
    for label in service.labels:
        match = re.match(LABEL, label.name)
        if match and not match["file"] and not re.search(TESTED, label.at.file.path):
            default_of, value, is_broken = _meaning(label.text)
            plain = (value or label.text).replace("$$", "$")
            if re.search(HASHED, plain) and is_secret(plain):
                yield Users(match["middleware"], label, value, default_of, is_broken)


def _meaning(text: str) -> tuple[str, str | None, bool]:
    """The variable that users are the default of, the users, and whether Compose changes them."""
    plain = text.replace("$$", "$")
    try:
        found = variables(text)
    except InterpolationError:
        return "", None, False
    if not found or "${" not in text:
        return "", plain, bool(found)
    only = found[0]
    is_default = (only.start, only.end) == (0, len(text)) and only.operator in (":-", "-")
    if is_default and "$" not in only.operand.replace("$$", ""):
        return only.name, only.operand.replace("$$", "$"), False
    return "", None, False


def _finding(stack: Stack, users: Users) -> Finding:
    place = users.label.at.at
    message = (
        f"The password hashes in {users.label.name} are here for everyone who reads the repository, to"
        " try passwords against."
    )
    if users.is_broken:
        message = f"{message[:-1]}; Compose takes what stands behind their $ for variables."
    changes = _into_file(stack, users) or _into_variable(stack, users)
    if not changes:
        name = users.names[0]
        steps = (
            f"Set {name} in .env to all the users, in single quotes, and write ${{{name}:?}} here;"
            f" where git tracks .env, take it out (git rm --cached .env, and a line in .gitignore)."
        )
        return Finding(place, message, steps=steps)
    return Finding(place, message, changes, safety=Safety.UNSAFE if users.is_broken else None)


def _into_file(stack: Stack, users: Users) -> tuple[Change, ...]:
    """The changes that let Traefik read the users from a file; none where it cannot."""
    label, at = users.label, users.label.at
    traefik = _reader(stack, at.file.path)
    if traefik is None or users.value is None or users.default_of or _has_others(stack, users):
        return ()
    if label.form == "map" and at.route[-1:] != (label.name,):
        return ()  # The value stands elsewhere, behind an alias: there is no label to rename.
    for name in users.names:
        home = secret_for(traefik, users.lines, name, by_root=True)
        if home is not None:
            document, renamed = at.node.document, f"{label.name}file"
            operations: tuple[Operation, ...] = (Set(at.route, f"{renamed}={home.path}", document),)
            if label.form == "map":
                operations = (Set(at.route, home.path, document), Rename(at.route, renamed, document))
            return (EditYaml(at.file.path, operations), *home.changes)
    return ()


def _into_variable(stack: Stack, users: Users) -> tuple[Change, ...]:
    """The changes that move the users to `.env`; none where git tracks it."""
    label, at = users.label, users.label.at
    home = variable_for(stack, users.value, *users.names, files=[at.file]) if users.value else None
    if home is None:
        return ()
    operation = Rewrite(at.route, label.text, home.reference, at.node.document)
    return (EditYaml(at.file.path, (operation,)), *home.changes)


def _reader(stack: Stack, path: str) -> Service | None:
    """The Traefik that is a service wherever a file with labels is loaded, by one and the same entry;
    None where there is none, or where a file that is its owner's alone is not for it."""
    found = [
        [service for service in each.services.values() if _is_traefik(service)]
        for each in stack.loading(path)
    ]
    entries = {(service.name, service.files[0].path) for group in found for service in group}
    if len(entries) != 1 or not all(found):
        return None
    traefik = next(each for each in stack.services.values() if _is_traefik(each))
    facts = traefik.facts
    is_root = facts is not None and facts.user is not None and facts.user.starts_as_root
    is_here = stack.folder_of(traefik.files[0]) == stack.project_directory
    return traefik if is_root and is_here and traefik.starts_as_root else None


def _is_traefik(service: Service) -> bool:
    facts = service.facts if not service.build else None
    return facts is not None and facts.name == "traefik"


def _has_others(stack: Stack, users: Users) -> bool:
    """Whether a label names a file of users for the middleware already, or another Compose file has
    other users in this one's place: Traefik lets those of both in."""
    path = users.label.at.file.path
    together = loaded_together(stack, path)
    found = [
        (match, label)
        for each in stack.related
        if any(file.path in together for file in each.files)
        for service in each.services.values()
        for label in service.labels
        if (match := re.match(LABEL, label.name)) and match["middleware"] == users.middleware
    ]
    return any(match["file"] or label.at.file.path != path for match, label in found)
