"""A script that fills a new MongoDB holds a user's password.

## What is wrong

`db.createUser({user: 'app', pwd: 'secret', ...})` in a `.js` under `/docker-entrypoint-initdb.d` is in
the repository for everyone to read, and every checkout's database opens to it.

## What dockfix does

Images of MongoDB 6 and newer run the script by mongosh, which is Node.js: `process.env.APP_PASSWORD`
takes the value's place. The variable is one that the service has the value in already; else the value
goes to `.env`, which git ignores, and the service gets it from there.

Older images run it by the `mongo` shell, which has no documented way to the environment. There a person
has to turn it into a shell script, and so where the image's version is not known.

## Fix safety

Safe: a new database gets the same password, and one that exists already does not run the script. A
script that is run by hand needs the variable too.

## References

docker-library/mongo, docker-entrypoint.sh and #257; MongoDB documentation, mongosh, Write Scripts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Sequence as List

from fixer.changes import EditText
from fixer.documents.source import Edit, Source
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.stack import Service, Stack
from fixes.secrets._configurations import contents
from fixes.secrets._init_scripts import init_scripts, run_by, variable_of
from fixes.secrets._literals import is_secret
from fixes.secrets._statements import MONGO, LoginPassword, passwords

fix = Fix(
    summary="A script that fills a new MongoDB holds a user's password.",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
    exposed=True,
)

PROGRAMS = ("mongo-init",)

TOKENS = (
    r"""(?s)//[^\n]*|/\*.*?\*/|(?P<text>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)"""
)
"""The comments and the texts of JavaScript."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find the passwords of users in the scripts that mongo services mount, each once a script."""
    named: dict[str, str] = {}
    services = stack.services.values()
    paths = (path for each in services for path in init_scripts(each, ".js", PROGRAMS))
    for path, content in contents(stack, paths):
        source = Source(content)
        texts = {each.span("text") for each in re.finditer(TOKENS, source.text)}
        groups: dict[tuple[str, str], list[LoginPassword]] = {}
        for each in passwords(source.text, MONGO):
            if (each.start - 1, each.end + 1) in texts and is_secret(each.value):
                groups.setdefault((each.value, each.variable), []).append(each)
        readers = run_by(stack, path, PROGRAMS) if groups else []
        for group in groups.values():
            yield _finding(readers, path, source, group, named)


def _finding(
    services: List[Service], path: str, source: Source, found: List[LoginPassword], named: dict[str, str]
) -> Finding:
    first, value = found[0], found[0].value
    place = Place(path, source.position(first.start))
    whose = f"The password of {first.login}" if first.login else "A password"
    message = f"{whose} is written out here, for everyone who reads the repository."
    name = first.variable or re.sub(r"\W", "_", f"{services[0].name}_PASSWORD").upper()
    given = ", ".join(dict.fromkeys(service.name for service in services))
    kept = (
        f"Keep the password in .env as {name}, give it to {given} (environment: {name}: ${{{name}:?}}),"
    )
    if not all(_runs_mongosh(service) for service in services):
        steps = (
            f"{kept} and turn this file into a .sh of the same name, in which mongo"
            f' "$MONGO_INITDB_DATABASE" <<EOF stands before the script and EOF after it, ${{{name}}}'
            " between the password's quotes, and a \\ before every other $, ` and \\. From MongoDB 6 on,"
            f" process.env.{name} works here instead."
        )
        return Finding(place, message, steps=steps)
    is_free = named.setdefault(name, value) == value
    is_plain = is_free and "\\" not in value
    home = variable_of(services, value, name, first.login) if is_plain else None
    if home is None:
        return Finding(place, message, steps=f"{kept} and write process.env.{name} here.")
    edits = [Edit(each.start - 1, each.end + 1, f"process.env.{home.name}") for each in found]
    return Finding(place, message, (EditText(path, tuple(edits)), *home.changes))


def _runs_mongosh(service: Service) -> bool:
    """Whether the image has no `mongo` shell any more, as those from MongoDB 6 on."""
    image = service.image
    if image is None or (not image.tag and image.digest):
        return False
    version = re.match(r"\d+", image.tag or "latest")
    return int(version[0]) >= 6 if version else image.tag in ("", "latest")
