"""A file of variables with passwords is under version control.

## What is wrong

An `.env` that git tracks hands its passwords and tokens to everyone who can read the repository, and
every change of one goes into the history beside the old one.

## What dockfix does

It names the secrets in the file, and the commands that take it out of version control and leave it
where it is on this machine. It does not run them: on the other checkouts git removes the file with the
commit, so that a person has to tell those who work there.

Examples (`.env.example`), files for tests and the names that everyone knows (`postgres`, `admin`) are
no findings.

## Fix safety

Nothing is changed.

## References

Git documentation, git-rm; Compose documentation, Set environment variables.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from fixer.documents.dotenv import DotenvDocument, Variable
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.secret_names import is_secret_name
from fixer.stack import Stack
from fixer.stack.merging import join
from fixes.secrets._credentials import LOGIN
from fixes.secrets._literals import TESTED, is_secret
from fixes.secrets._weak import is_well_known

fix = Fix(
    summary="A file of variables with passwords is under version control.",
    severity=Severity.WARNING,
    safety=Safety.MANUAL,
    exposed=True,
)

EXAMPLE = r"(?i)(^|[-_.])(dist|template|tmpl|tpl|defaults?|docs?|demo|local|dev|development)([-_.]|\Z)"
"""What else than a test's or an example's file is there for everyone: the settings of a machine that
nobody else reaches."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find the files that git tracks and that the stack's variables come from."""
    paths = [join(stack.project_directory, ".env")]
    paths += [
        each.path for service in stack.services.values() for each in service.env_files if each.path
    ]
    for path in dict.fromkeys(paths):
        content = stack.repository.read(path)
        is_shown = re.search(EXAMPLE, path.rpartition("/")[2]) or re.search(TESTED, path)
        if content is None or is_shown or not stack.repository.is_tracked(path):
            continue
        document = DotenvDocument(content)
        secrets = [each for each in document.variables if _is_secret(document, each)]
        if secrets:
            place = Place(path, document.source.position(secrets[0].start))
            yield _finding(stack, place, [each.name for each in secrets])


def _is_secret(document: DotenvDocument, variable: Variable) -> bool:
    """Whether a variable holds what opens something, and no name of the same file."""
    value = variable.value
    login = re.search(LOGIN, value)
    if login is not None:
        value = login["value"]
    elif not is_secret_name(variable.name):
        return False
    others = {each.value for each in document.variables if not is_secret_name(each.name)}
    is_own = "$" not in value and value not in others and not is_well_known(value)
    return is_own and is_secret(value)


def _finding(stack: Stack, place: Place, names: list[str]) -> Finding:
    folder, _, name = place.path.rpartition("/")
    told = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    message = f"git tracks this file, and everyone who can read the repository has its {told}."
    path, ignoring = shlex.quote(place.path), shlex.quote(join(folder, ".gitignore"))
    example = f"{place.path}.example"
    kept = "" if stack.repository.exists(example) else f" keep its names without values in {example};"
    steps = (
        f"Run git rm --cached {path} and echo {shlex.quote(name)} >> {ignoring};{kept} tell the others"
        " to save their copy before they pull; and change the values, which stay in the history."
    )
    return Finding(place, message, steps=steps)
