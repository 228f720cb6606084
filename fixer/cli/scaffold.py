"""`dockfix scaffold`: what a stack lacks, written on request."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from fixer.cli.check import NOTHING
from fixer.cli.complaint import complain
from fixer.cli.request import Request, UsageError, locate
from fixer.cli.writing import stacks_at, write
from fixer.scaffold.files import Files, ScaffoldError, plan_of
from fixer.stack import Repository, Stack
from fixer.stack.discovery import DEFAULT_NAMES
from fixer.stack.merging import join


def write_scaffold(request: Request, name: str, files: Callable[[Stack], Files]) -> int:
    """Write what `files` makes for the stack that the request names; give the exit status.

    Raises UsageError where the request names no stack, or several, or one that is not ready for it.
    """
    repository, paths, named, configuration = locate(request)
    stacks = stacks_at(repository, paths, named, configuration)
    folders = dict.fromkeys(stack.project_directory or "." for stack in stacks)
    if not stacks:
        raise UsageError("there is no Compose file here; name one with -f")
    if len(folders) > 1:
        raise UsageError(
            f"there are several stacks, in {', '.join(folders)}: name a folder, or files with -f"
        )
    try:
        made = files(_usual(stacks))
    except ScaffoldError as error:
        raise UsageError(str(error)) from None
    return _write(repository, name, made, request.dry_run)


def write_dockerfile(request: Request) -> int:
    """Write a Dockerfile for a folder of sources, as the stacks that build from it need it.

    Raises UsageError where there is no such folder, or no project in it that is known.
    """
    from fixer.scaffold.demands import Demands, demands_of
    from fixer.scaffold.dockerfiles import files_for
    from fixer.scaffold.dockerfiles.scaffold import CannotBuild

    repository, (context,), _, configuration = locate(request)
    if not repository.is_directory(context):
        raise UsageError(f"{request.paths[0]} is no folder")
    path, demands = join(context, "Dockerfile"), Demands()
    stacks = stacks_at(repository, (), (), configuration)
    for service in (each for stack in stacks for each in stack.services.values()):
        build = service.build
        if build is not None and build.dockerfile_path and (build.context or ".") == (context or "."):
            path, demands = build.dockerfile_path, demands_of(service.stack, build.dockerfile_path)
            break
    try:
        files = files_for(repository, context, path, demands)
    except CannotBuild as reason:
        raise UsageError(str(reason)) from reason
    if files is None:
        raise UsageError(f"{request.paths[0]} holds no project whose start dockfix can tell")
    return _write(repository, "scaffold-dockerfile", files, request.dry_run)


def _usual(stacks: list[Stack]) -> Stack:
    """The stack that Compose loads in its folder where it is given no files, else the first one."""
    named = [stack for stack in stacks if posixpath.basename(stack.named[0]) in DEFAULT_NAMES]
    usual = [stack for stack in named if all(".override." in path for path in stack.named[1:])]
    return max(usual, key=lambda stack: len(stack.named), default=stacks[0])


def _write(repository: Repository, name: str, files: Files, dry_run: bool) -> int:
    plan = plan_of(repository, name, files)
    for path in files:
        if repository.exists(path):
            complain(f"{path} exists and stays as it is")
    if not plan.changes:
        print("There is nothing to write: it is there already, or nothing in the stack needs it.")
        return NOTHING
    return write(plan, dry_run)
