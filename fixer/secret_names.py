"""Which names tell that what they stand for is secret."""

from __future__ import annotations

import re

PUBLIC = r"(?i)^(next_public|nuxt_public|expo_public|vite|react_app|vue_app|gatsby|public)_"
"""What names of variables begin with that a frontend's build puts into its pages for everyone."""

SECRET_NAME = (
    r"(?i)^(?!.*_per_)(?!.*(allow|skip|require|no)_)(?!(.*_)?(uwsgi|proxy|fastcgi|scgi|grpc)_pass\Z)(.*password|.*passwd|(.*_)?(pass|passphrase|secret|secret_?key"
    r"|secret_key_base|token|api_?key|access_?key|private_?key|encryption_?key|auth_?key|signing_?key|master_?key"
    r"|erlang_cookie)|.+_pwd|rediscli_auth)\Z"
)


def is_secret_name(name: str) -> bool:
    """Say whether a variable of that name holds a password, a token or a key."""
    return re.search(SECRET_NAME, name) is not None and re.search(PUBLIC, name) is None


def variable_name(*words: str) -> str:
    """Give the name of a variable that is made of words: in capitals, with `_` for what cannot stand in
    one, and in front of a digit."""
    name = re.sub(r"\W", "_", "_".join(words), flags=re.ASCII).upper()
    return f"_{name}" if name[:1].isdigit() else name


SIGNING_NAME = (
    r"(?i)^((django|flask|app)_)?(secret_key|secret_key_base|session_(secret|key)|cookie_(secret|key)"
    r"|jwt_(secret|key|secret_key)|nextauth_secret|auth_secret|csrf_(secret|key))\Z"
)


def only_signs(name: str) -> bool:
    """Say whether a variable of that name holds what only signs sessions and the like, so that with a
    new value people log in once more, and nothing is lost."""
    return re.search(SIGNING_NAME, name) is not None
