"""A password is written out in a Compose file.

## What is wrong

Whoever can read the repository, now or in its history, can log in. A default such as
`${POSTGRES_PASSWORD:-secret}` is no better: every stack that sets nothing runs with it. It may be a
variable's value, or stand in the login of a URL, in a connection string (`Host=db;Password=...`,
`jdbc:...?password=...`), behind an option of a command (`--requirepass`, `mysqladmin -p`,
`redis-cli -a`, `curl -u`, `mc alias set`), in a health check, in a volume's mount options, in a config's
`content`, or in a block that services share.

## What dockfix does

It moves the value out of the repository, and lets every place of the stack that used it follow:

- Where only variables use it whose image can read them from a file (`POSTGRES_PASSWORD_FILE`), the
  value becomes a Compose secret: `secrets/NAME.txt`, readable by its owner alone and ignored by git.
- Where a URL, a health check or an image that cannot read the file uses it as well, or where it is
  a default, each place becomes `${NAME:?}`, and the value goes to `.env`, which git ignores. The name
  alone is added to `.env.example`, so that other checkouts know what to set.

`--strategy hardcoded-password=env` takes the second way everywhere. With `file` every container that
can reads a file: a service that is built here by its own code, which for Python is changed where it
does not do so yet; else, where it is known what the image starts, by a shell that sets the variable and
then starts the program (`entrypoint: [sh, -c, 'export NAME="$$(cat /run/secrets/name)"; exec "$$@"',
sh, ...]`), and its health check with it. What is not read by root comes from a variable of `.env`, which
Compose copies into the container. With `external` what would be a file is a secret of Docker's own store
(`external: true`, for swarm), and dockfix keeps the value nowhere.

## Fix safety

Safe: the containers get the same values. Unsafe where a variable has different defaults in different
places, of which it can only have one from then on; where another place does without the variable and
would have it too; and where a script starts Compose with variables of another file (`--env-file`) or
from another folder, which has to get the value as well. Other checkouts need the file or the `.env`;
without it Compose says which one. The value is still in the repository's history: change it where it
guards something. Where `.env` is itself under version control nothing is changed, and a person has to
take it out first. `external` is unsafe: nothing starts before the store has the secret. So is `file`
where code changes.

What everyone tries first (`postgres`, `changeme`) is one secret only where names or addresses tell that
it is; any other value is one secret, however many places have it.

## References

Compose documentation, Use secrets in Compose and Interpolation; the pages of the images.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Sequence as List
from itertools import count

from fixer.changes import Change, CreateFile, EditYaml, SetVariable
from fixer.documents.yaml import Operation, Rewrite, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.secret_names import is_secret_name, variable_name
from fixer.stack import Service, Stack
from fixer.stack.mentions import loads_other_variables
from fixer.stack.merging import join
from fixes.secrets._dockerfiles import dockerfile_of
from fixes.secrets._files import Road, into_files, read_by_root, reads
from fixes.secrets._giving import left_out
from fixes.secrets._literals import literals
from fixes.secrets._moving import SECRETS_FOLDER, is_optional, secret_path, to_dotenv, to_file
from fixes.secrets._uses import Literal, Use, loaded_together, uses
from fixes.secrets._weak import is_well_known

fix = Fix(
    summary="A password is written out in a Compose file.",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
    strategies=("file", "env", "external"),
    exposed=True,
)

GENERIC = ("PASSWORD", "PASS", "SECRET", "TOKEN", "API_KEY", "SECRET_KEY", "ADMIN_PASSWORD",
           "HTTP_PASSWORD", "DB_PASSWORD", "ROOT_PASSWORD")  # fmt: skip
"""Names that say nothing of what they open, so that the service's name goes before them."""


Groups = dict[tuple[str, frozenset[str]], list[Literal]]
"""Passwords by what makes them one, and the files that are loaded together with theirs."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find passwords in the stack's files, each once for all the places that use it."""
    found = literals(stack)
    variable_of = {each.value: each.default_of for each in found if each.default_of}
    groups: Groups = {}
    for literal in found:
        key = literal.default_of or f"={literal.value}"
        if is_well_known(literal.value):
            key = literal.default_of or _first_with(stack, groups, literal)
        elif literal.variable is not None:
            key = literal.default_of or variable_of.get(literal.value) or key
        is_default = not key.startswith("=")  # a variable is one for all that read the same `.env`
        together = frozenset() if is_default else loaded_together(stack, literal.place.path)
        groups.setdefault((key, together), []).append(literal)
    held = {each.default_of: each.value for each in found if each.default_of} | dict(stack.environment)
    for group in groups.values():
        taken = {name for name, value in held.items() if value != group[0].value}
        taken |= {name for name in _names(group) if _means_something(stack, name, group[0].value)}
        kept = [each for each, value in stack.environment.items() if value == group[0].value]
        kept = [] if is_well_known(group[0].value) else kept  # Others have the same by chance.
        name = _name(group, taken, kept)
        held[name] = group[0].value
        yield _finding(stack, name, group)


def _first_with(stack: Stack, groups: Groups, literal: Literal) -> str:
    """The key of the passwords that a value which everyone tries first belongs to: it may be another
    one's by chance."""
    for (key, _), group in groups.items():
        is_same = group[0].value == literal.value and not group[0].default_of
        if is_same and any(use.node is literal.node for use in uses(stack, group[0])):
            return key
    return f"={literal.value}={literal.told}"


def _names(found: List[Literal]) -> set[str]:
    """The variables that plain passwords stand in, by which they may be called."""
    return {variable_name(each.name) for each in found if not each.default_of}


def _means_something(stack: Stack, name: str, value: str) -> bool:
    """Whether a variable of `.env` would be more than the password's home: another place takes it where
    it is set, or a container that gets the whole `.env` knows it."""
    return is_optional(stack, name, value) or any(
        _knows(service, name) and name not in service.environment
        for service in stack.related_services
        if any(file.path == join(service.stack.project_directory, ".env") for file in service.env_files)
    )


def _knows(service: Service, name: str) -> bool:
    """Whether an image gives a variable a meaning."""
    facts = service.facts
    return facts is not None and name in {*facts.file_variables, *facts.secrets}


def _name(found: List[Literal], taken: set[str], kept: List[str]) -> str:
    """What the secret is called: the variable that it is a default of or that `.env` keeps it under
    already, or the one it is set as, best one that its image knows."""
    chosen = next((each.default_of for each in found if each.default_of), "")
    chosen = chosen or next(filter(is_secret_name, kept), "")
    if not chosen:
        known = [each for each in found if _file_variable(each)]
        first = (known or [each for each in found if each.variable] or found)[0]
        chosen = first.name
        if chosen.upper() in GENERIC or chosen.upper() in taken:
            chosen = f"{first.service.name}_{chosen}"
        chosen = variable_name(chosen)
        others = (f"{chosen}_{number}" for number in count(2))
        chosen = chosen if chosen not in taken else next(each for each in others if each not in taken)
    return chosen


def _finding(stack: Stack, name: str, found: List[Literal]) -> Finding:
    first = found[0]
    where = ", ".join(dict.fromkeys(each.told for each in found))
    message = f"The password in {where} is written out here, for everyone who reads the repository."
    disagree = len({each.value for each in found}) > 1
    if disagree:
        message = f"{message[:-1]}, with different defaults for {name}; the first one is kept."
    strategy = stack.strategies.get("hardcoded-password", "")
    places = list(dict.fromkeys(use for literal in found for use in uses(stack, literal)))
    kept = to_dotenv(stack, name, first.value, {use.file for use in places})
    is_held = name in stack.environment and kept is not None
    if not disagree and strategy != "env" and (strategy or not is_held):
        road = _into_files(stack, name, found, places, strategy)
        if road and strategy == "external":
            steps = f"Before the next start: docker secret create {name.lower()} - (it reads the value)."
            return Finding(first.place, message, tuple(road.changes), safety=Safety.UNSAFE, steps=steps)
        if road:
            changes = (*road.changes, *_hidden(stack, road.changes))
            return Finding(first.place, message, changes, safety=road.safety)
    if kept is None:
        steps = (
            f"Take .env out of version control (git rm --cached .env, and a line in .gitignore), set"
            f" {name} in it, and write ${{{name}:?}} here."
        )
        return Finding(first.place, message, steps=steps)
    edits = [EditYaml(use.file.path, (_referring(use, name),)) for use in places]
    is_unsafe = (
        disagree
        or is_optional(stack, name, first.value)
        or loads_other_variables(stack.repository, stack.project_directory)
    )
    changes = (*edits, *kept, *_hidden(stack, kept))
    return Finding(first.place, message, changes, safety=Safety.UNSAFE if is_unsafe else None)


def _hidden(stack: Stack, changes: List[Change]) -> Iterator[Change]:
    """The changes that keep new files with the password out of images that copy their whole context."""
    made = [each.path for each in changes if isinstance(each, CreateFile)]
    made += [each.path for each in changes if isinstance(each, SetVariable) and each.value]
    new = [path for path in made if not stack.repository.exists(path)]
    for service in stack.related_services:
        _, document = dockerfile_of(service)
        if document is None:
            continue
        for path in new:
            folder = path.rpartition("/")[0]
            is_secret_file = folder.rpartition("/")[2] == SECRETS_FOLDER
            yield from left_out(service, document, folder if is_secret_file else path)


def _into_files(
    stack: Stack, name: str, found: List[Literal], places: List[Use], strategy: str
) -> Road | None:
    """The road by which the password becomes a file in each container; None where one cannot have that,
    or is not to: without a strategy, only what images read from files by themselves becomes one."""
    readers = reads(stack, places)
    is_root = readers is not None and read_by_root(readers)
    is_default = any(each.default_of for each in found)
    if readers is None or (not strategy and (is_default or not is_root)):
        return None
    secret, value = name.lower(), found[0].value
    source: dict[str, str | bool] = {"external": True}
    kept: list[Change] | None = []
    if strategy != "external" and is_root:
        source = {"file": f"./{secret_path(secret)}"}
        one_folder = len({stack.folder_of(use.file) for use in places}) == 1
        kept = to_file(stack, secret, value, places[0].file) if one_folder else None
    elif strategy != "external":
        source = {"environment": name}
        kept = to_dotenv(stack, name, value, {use.file for use in places})
        settings = [each.service.value.get("read_only") for each in readers]
        is_read_only = any(setting is not None and setting.data is True for setting in settings)
        kept = None if is_read_only else kept
    road = into_files(secret, readers, source) if kept is not None else None
    return Road([*road.changes, *kept], road.safety) if road is not None and kept is not None else None


def _referring(use: Use, name: str) -> Operation:
    """The edit that puts the variable in the password's place."""
    node = use.node
    told = f"${{{name}:?set {name} in .env}}"
    if use.whole:
        return Set(node.route, told, node.document)
    old = use.before + use.written + use.after
    if old == node.value and re.fullmatch(r"\w+=", use.before):
        return Rewrite(node.route, old, use.before + told, node.document)
    return Rewrite(node.route, old, f"{use.before}${{{name}:?}}{use.after}", node.document)


def _file_variable(literal: Literal) -> str | None:
    """The variable that names a file to read this one from, if the image has one."""
    service = literal.service
    facts = service.facts if not service.build else None
    return facts.file_variables.get(literal.variable.name) if facts and literal.variable else None
