"""Templates that read like the file they make, rendered with Jinja2."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "templates"


def render(template: str, **values: object) -> str:
    """Give a template's text with the values in place. A value that is missing is an error."""
    return str(_environment().get_template(template).render(**values))


def quoted(text: str) -> str:
    """Give a text as a word in quotes that stands for nothing but itself in a Dockerfile."""
    return '"' + re.sub(r'[\\"$]', r"\\\g<0>", text) + '"'


def word(text: str) -> str:
    """Give a text as one word of a Dockerfile, in quotes where it needs them; variables in it count."""
    if re.fullmatch(r"[\w.@+~=%/:,${}*-]+", text):
        return text
    return '"' + re.sub(r'[\\"]', r"\\\g<0>", text) + '"'


def paths(texts: list[str]) -> str:
    """Give the paths of a `COPY`: in the form for blanks where one has blanks or quotes."""
    import json

    is_plain = not any(re.search(r"[\s\"']", text) for text in texts)
    return " ".join(texts) if is_plain else json.dumps(texts, ensure_ascii=False)


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
    environment.filters |= {"quoted": quoted, "word": word, "paths": paths}
    return environment
