"""A service says neither which image it runs nor how one is built.

## What is wrong

Compose cannot start a service that has no `image`, `build` or `provider`, in any of the files that are
merged: `service "web" has neither an image nor a build context specified: invalid compose project`.
Mostly an override spells the name of a service otherwise than its base does, or is used without it.

## What dockfix does

Where the service is written in an override and the base has one service of nearly that name which
the override does not change, it takes that name. Where a folder of the service's name lies beside the
file and holds a Dockerfile, the service is built from it. Otherwise the finding says what to do.

## Fix safety

Safe where only fingers can have slipped: Compose refuses the stack as it is. Unsafe where the spelling
is merely near, since `web-app` may be another service than `web-api`, and where a build is added, since
what runs then is a guess.

## References

Compose specification, Services top-level element (image, build).
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Rename, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.spelling import nearest, slip
from fixer.stack import ComposeFile, Service, Stack
from fixer.stack.files import WHOLE_SERVICE
from fixer.stack.merging import join
from fixer.stack.service import DEFAULT_DOCKERFILE

fix = Fix(
    summary="A service has neither an image nor a build.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find services that nothing in the stack says how to start. What stands among the services and
    is none, as a setting a level too far left, is another fix's."""
    for service in stack.services.values() if not _is_laid_over(stack) else ():
        if service.files and not any(service.value.get(key) for key in WHOLE_SERVICE):
            yield _finding(stack, service)


def _is_laid_over(stack: Stack) -> bool:
    """Whether a file is meant to come behind another one, from a folder further up, which starts all of
    its services."""
    folder = stack.project_directory
    if len(stack.named) > 1 or not folder:
        return False
    above = [
        each for each in stack.found if f"{folder}/".startswith(f"{each.project_directory}/".lstrip("/"))
    ]
    return any(
        each is not stack
        and each.project_directory != folder
        and all(
            name in each.services and any(each.services[name].value.get(key) for key in WHOLE_SERVICE)
            for name in stack.services
        )
        for each in above
    )


def _finding(stack: Stack, service: Service) -> Finding:
    message = (
        f'Compose refuses the stack: service "{service.name}" has neither an image nor a build context'
        " specified."
    )
    value, file = service.value, service.files[-1]
    base, safety = _meant(stack, service, file)
    if base is not None:
        rename = Rename(("services", service.name), base, value.node.document)
        return Finding(value.at, message, (EditYaml(file.path, (rename,)),), safety=safety)
    folder = join(stack.folder_of(file), service.name)
    if stack.repository.is_file(f"{folder}/{DEFAULT_DOCKERFILE}") and not value.shared:
        build = Set((*value.route, "build"), f"./{service.name}", value.node.document)
        return Finding(value.at, message, (EditYaml(file.path, (build,)),), safety=Safety.UNSAFE)
    steps = f"Give {service.name} an `image:` or `build:`"
    if len(stack.named) == 1:
        steps += ", or name the file that has it as well: docker compose -f BASE -f "
        steps += file.path.rpartition("/")[2]
    return Finding(value.at, message, steps=f"{steps}.")


def _meant(stack: Stack, service: Service, file: ComposeFile) -> tuple[str | None, Safety]:
    """The service of a base that an override means by a name which is spelled nearly so, and how sure
    that is."""
    if service.files != (file,) or not stack.bases(file):
        return None, Safety.UNSAFE
    others = [each.name for each in stack.services.values() if file not in each.files]
    if slipped := slip(service.name, others):
        return slipped, Safety.SAFE
    return nearest(service.name, others), Safety.UNSAFE
