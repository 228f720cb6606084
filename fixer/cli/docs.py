"""`dockfix docs secrets`: a page for the repository on the secrets of its stacks."""

from __future__ import annotations

from fixer.cli.check import NOTHING
from fixer.cli.request import Request, UsageError, locate
from fixer.cli.writing import stacks_at, write
from fixer.plan import FileChange, FileState, Plan, Step
from fixer.render import secrets_page
from fixer.stack.secrets import kept_secrets

NAME = "docs-secrets"


def write_secrets_page(request: Request) -> int:
    """Write the page, or show the patch that does so, and give the exit status.

    Raises UsageError where a path that was given makes no sense.
    """
    repository, paths, _, configuration = locate(request)
    secrets = kept_secrets(stacks_at(repository, paths, (), configuration))
    if not secrets:
        print("The stacks read no secret from outside their Compose files; there is nothing to write.")
        return NOTHING
    before = repository.state(secrets_page.PATH)
    if before is None and repository.exists(secrets_page.PATH):
        raise UsageError(f"{secrets_page.PATH} is no file that can be written; move it away first")
    text = before.content.decode("utf-8", "surrogateescape") if before else None
    page = secrets_page.placed(text, secrets_page.render(secrets))
    after = FileState(page.encode("utf-8", "surrogateescape"), before.mode if before else 0o644)
    step = Step(NAME, (), (FileChange(secrets_page.PATH, before, after),))
    plan = Plan(str(repository.root), (step,))
    if not plan.changes:
        print(f"{secrets_page.PATH} says it all already.")
        return NOTHING
    return write(plan, request.dry_run)
