"""The scripts with which an image fills a new database, and the variables that they can read."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as List

from fixer.changes import Change
from fixer.secret_names import is_secret_name
from fixer.stack import Service, Stack
from fixes.secrets._giving import with_variable
from fixes.secrets._moving import Home, variable_for


def init_scripts(service: Service, ending: str, programs: List[str]) -> Iterator[str]:
    """Yield the scripts of the repository that the service's image runs when it makes the database of
    one of these programs."""
    facts = service.facts
    for folder, program in facts.configuration.items() if facts else ():
        for mount in service.bind_mounts if program in programs else ():
            if mount.path and mount.target == folder:
                for path in service.stack.repository.files:
                    if path.rpartition("/")[0] == mount.path and path.endswith(ending):
                        yield path
            elif mount.path and mount.target.startswith(f"{folder}/") and mount.path.endswith(ending):
                yield mount.path


def run_by(stack: Stack, path: str, programs: List[str]) -> list[Service]:
    """Give the services, of all the stacks that this run looks at, whose image runs a script."""
    name = path.rpartition("/")[2]
    return [each for each in stack.found_services if path in init_scripts(each, name, programs)]


def variable_of(services: List[Service], value: str, suggested: str, login: str = "") -> Home | None:
    """Give the variable that holds a value in the containers of all these services: one that they have
    already, else the one of `.env` that holds it, with the changes that give it to them. Where the
    value is the password of a login, what the image takes for another's is not asked. A name that
    their image gives a meaning to gets another start. None where one of them cannot have it."""
    held = [_variables(service) for service in services]
    for name in held[0]:
        is_held = is_secret_name(name) and all(each.get(name) == value for each in held)
        if is_held and not (login and _is_of_another(services[0], name, login, held[0])):
            return Home(name, ())
    facts = [service.facts for service in services]
    if any(suggested in {*each.file_variables, *each.secrets} for each in facts if each):
        suggested = f"INIT_{suggested}"
    homes = [
        variable_for(service.stack, value, suggested, files=service.files[:1]) for service in services
    ]
    first = homes[0]
    changes: list[Change] = []
    for service, home, variables in zip(services, homes, held, strict=True):
        if home is None or first is None or home.name != first.name:
            return None
        edits = with_variable(service, home.name, home.reference)
        if edits is None or variables.get(home.name, value) != value:
            return None
        changes += [*edits, *home.changes]
    return first._replace(changes=tuple(dict.fromkeys(changes))) if first else None


def _is_of_another(service: Service, name: str, login: str, variables: dict[str, str]) -> bool:
    """Whether a variable holds the password of another login than this, by which the image knows it."""
    facts = service.facts
    start = name.removesuffix("PASSWORD")
    users = (variables.get(f"{start}USER"), variables.get(f"{start}USERNAME"))
    is_superuser = login == "root" and start.endswith("ROOT_")
    is_superuser = is_superuser or (login == "postgres" and users == (None, None))
    return facts is not None and name in facts.secrets and not is_superuser and login not in users


def _variables(service: Service) -> dict[str, str]:
    """What a script of the image finds in its environment, as far as that is known: the variables of
    the stack, and those that the image reads from the files of secrets."""
    stack = service.stack
    found = service.listed_variables | {name: each.value for name, each in service.environment.items()}
    facts = service.facts
    kept = {each.target: _of_secret(stack, each.source) for each in service.secrets}
    for name, file_variable in facts.file_variables.items() if facts else ():
        value = kept.get(found.get(file_variable, ""))
        if value is not None:
            found[name] = value
    return found


def _of_secret(stack: Stack, name: str) -> str | None:
    """The value of a Compose secret that this machine has."""
    declaration = stack.declarations("secret").get(name)
    variable = declaration.value.get("environment") if declaration else None
    if variable is not None:
        return stack.environment.get(variable.text)
    path = stack.file_of(declaration) if declaration else None
    content = stack.repository.read(path) if path else None
    return content.decode("utf-8", "replace").rstrip("\n") if content is not None else None
