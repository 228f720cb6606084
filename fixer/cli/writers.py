"""The commands that write what a repository lacks, as typer declares them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from fixer.cli.complaint import complain
from fixer.cli.layout import Command, Group
from fixer.cli.options import DRY_RUN, FILES, PATHS, ROOT, STACK
from fixer.cli.request import Request, UsageError

if TYPE_CHECKING:
    from fixer.scaffold.files import Files
    from fixer.stack import Stack

docs = typer.Typer(
    cls=Group,
    help="Write documentation for the repository.",
    short_help="Write a page on the secrets of the stacks.",
)


@docs.callback()
def about_docs() -> None:
    """Write documentation for the repository."""


@docs.command(
    "secrets",
    cls=Command,
    help="Write docs/secrets.md: which secrets the stacks read, where each lives, how to create and"
    " change it. No value stands there.",
    short_help="Write docs/secrets.md: every secret, where it lives, how to change it.",
)
def docs_secrets(
    paths: Annotated[list[str] | None, PATHS] = None,
    dry_run: Annotated[bool, DRY_RUN] = False,
    root: Annotated[str | None, ROOT] = None,
) -> None:
    """Write the page on secrets."""
    from fixer.cli.docs import write_secrets_page

    request = Request(tuple(paths or ()), dry_run=dry_run, root=root)
    finish(lambda: write_secrets_page(request))


scaffold = typer.Typer(
    cls=Group,
    help="Write what a stack lacks. Nothing that exists is changed.",
    short_help="Write what a stack lacks: Dockerfile, CI, monitoring, backup.",
)


@scaffold.callback()
def about_scaffold() -> None:
    """Write what a stack lacks."""


@scaffold.command(
    "dockerfile", cls=Command, help="A Dockerfile and a .dockerignore for a folder of sources."
)
def scaffold_dockerfile(
    path: Annotated[str, typer.Argument(metavar="PATH", help="The folder that is built.")] = ".",
    dry_run: Annotated[bool, DRY_RUN] = False,
    root: Annotated[str | None, ROOT] = None,
) -> None:
    """Write a Dockerfile."""
    from fixer.cli.scaffold import write_dockerfile

    request = Request((path,), dry_run=dry_run, root=root)
    finish(lambda: write_dockerfile(request))


@scaffold.command("ci", cls=Command, help="Scans of images, Dockerfiles, secrets: GitHub or GitLab.")
def scaffold_ci(
    paths: Annotated[list[str] | None, STACK] = None,
    file: Annotated[list[str] | None, FILES] = None,
    dry_run: Annotated[bool, DRY_RUN] = False,
    root: Annotated[str | None, ROOT] = None,
) -> None:
    """Write what continuous integration needs."""
    from fixer.scaffold import ci

    _scaffold("ci", ci.files, paths, file, dry_run, root)


@scaffold.command(
    "monitoring", cls=Command, help="Exporters, Prometheus, Grafana and Loki as one more file."
)
def scaffold_monitoring(
    paths: Annotated[list[str] | None, STACK] = None,
    file: Annotated[list[str] | None, FILES] = None,
    dry_run: Annotated[bool, DRY_RUN] = False,
    root: Annotated[str | None, ROOT] = None,
) -> None:
    """Write a monitoring stack."""
    from fixer.scaffold import monitoring

    _scaffold("monitoring", monitoring.files, paths, file, dry_run, root)


@scaffold.command(
    "backup", cls=Command, help="Scheduled dumps of the stack's databases, as one more file."
)
def scaffold_backup(
    paths: Annotated[list[str] | None, STACK] = None,
    file: Annotated[list[str] | None, FILES] = None,
    dry_run: Annotated[bool, DRY_RUN] = False,
    root: Annotated[str | None, ROOT] = None,
) -> None:
    """Write what backs up the databases."""
    from fixer.scaffold import backup

    _scaffold("backup", backup.files, paths, file, dry_run, root)


@scaffold.command(
    "docs", cls=Command, help="A runbook and what to do in trouble, written from the stack."
)
def scaffold_docs(
    paths: Annotated[list[str] | None, STACK] = None,
    file: Annotated[list[str] | None, FILES] = None,
    dry_run: Annotated[bool, DRY_RUN] = False,
    root: Annotated[str | None, ROOT] = None,
) -> None:
    """Write the pages for whoever runs the stack."""
    from fixer.scaffold import runbook

    _scaffold("docs", runbook.files, paths, file, dry_run, root)


def _scaffold(
    name: str,
    files: Callable[[Stack], Files],
    paths: list[str] | None,
    file: list[str] | None,
    dry_run: bool,
    root: str | None,
) -> None:
    from fixer.cli.scaffold import write_scaffold

    request = Request(tuple(paths or ()), files=tuple(file or ()), dry_run=dry_run, root=root)
    finish(lambda: write_scaffold(request, f"scaffold-{name}", files))


def finish(run: Callable[[], int]) -> NoReturn:
    """Exit with a command's status; a usage error says what is wrong."""
    try:
        status = run()
    except UsageError as error:
        complain(error)
        raise typer.Exit(2) from None
    raise typer.Exit(status)
