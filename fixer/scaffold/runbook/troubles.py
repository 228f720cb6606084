"""What servers say when they do not start or do not answer, and what is done about it."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Trouble(NamedTuple):
    """What a server prints, what that means and what helps; `{service}` stands for the service's name,
    `{compose}` for how Compose is called."""

    says: str
    helps: str


def troubles_of(image: str) -> tuple[Trouble, ...]:
    """Give what is known of an image by the name that its facts have."""
    return tuple(Trouble(each["says"], each["helps"]) for each in _known().get(image, ()))


@cache
def _known() -> dict[str, list[dict[str, str]]]:
    return tomllib.loads(Path(__file__).with_name("troubles.toml").read_text("utf-8"))
