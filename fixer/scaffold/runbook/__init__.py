"""The pages for whoever runs a stack: a runbook, what to do in trouble, and the page of its secrets."""

from __future__ import annotations

from fixer.render import secrets_page
from fixer.render.diagram import diagram
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.scaffold.runbook.pages import listed, page_of
from fixer.stack import Stack
from fixer.stack.secrets import kept_secrets

RUNBOOK = "docs/runbook.md"
TROUBLESHOOTING = "docs/troubleshooting.md"


def files(stack: Stack) -> Files:
    """Give the files, by path relative to the root."""
    secrets = kept_secrets(stack.found)
    page = page_of(stack)
    pages = {
        RUNBOOK: render(
            "docs/runbook.md.j2",
            page=page,
            diagram=diagram(stack),
            listed=listed,
            has_secrets=bool(secrets),
        ),
        TROUBLESHOOTING: render("docs/troubleshooting.md.j2", page=page, listed=listed),
    }
    if secrets:
        pages[secrets_page.PATH] = secrets_page.placed(None, secrets_page.render(secrets))
    return pages
