"""Templates that read like the file they make, rendered with Jinja2."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "templates"


def render(template: str, **values: object) -> str:
    """Give a template's text with the values in place. A value that is missing is an error."""
    return str(_environment().get_template(template).render(**values))


@cache
def _environment() -> Any:
    import json

    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # The output is configuration, not HTML.
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    # Jinja2's own filter escapes what stands for itself outside of HTML.
    environment.filters["json"] = json.dumps
    return environment
