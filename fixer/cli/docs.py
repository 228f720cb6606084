"""`dockfix docs secrets`: a page for the repository on the secrets of its stacks."""

from __future__ import annotations

import sys

from fixer.cli.check import NOTHING
from fixer.cli.request import Request, UsageError, find_root, relative
from fixer.cli.writing import write
from fixer.plan import FileChange, FileState, Plan, Step
from fixer.render import secrets_page
from fixer.stack import Repository, discover
from fixer.stack.secrets import kept_secrets

NAME = "docs-secrets"


def write_secrets_page(request: Request) -> int:
    """Write the page, or show the patch that does so, and give the exit status.

    Raises UsageError where a path that was given makes no sense.
    """
    root = find_root(request)
    repository = Repository(root)
    found = discover(repository, [relative(path, root) for path in request.paths])
    secrets = kept_secrets(found.stacks)
    for problem in found.problems:
        print(f"dockfix: {problem.place}: {problem.message}", file=sys.stderr)
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
    plan = Plan(str(root), (step,))
    if not plan.changes:
        print(f"{secrets_page.PATH} says it all already.")
        return NOTHING
    return write(plan, request.dry_run)
