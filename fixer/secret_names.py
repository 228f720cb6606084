"""Which names tell that what they stand for is secret."""

from __future__ import annotations

import re

SECRET_NAME = (
    r"(?i)^(?!.*_per_)(.*_)?(password|passwd|pass|secret|secret_?key|secret_key_base|token|api_?key|access_?key"
    r"|private_?key|encryption_?key|auth_?key)\Z"
)


def is_secret_name(name: str) -> bool:
    """Say whether a variable of that name holds a password, a token or a key."""
    return re.search(SECRET_NAME, name) is not None
