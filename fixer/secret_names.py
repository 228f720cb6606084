"""Which names tell that what they stand for is secret."""

from __future__ import annotations

import re

PUBLIC = r"(?i)^(next_public|nuxt_public|expo_public|vite|react_app|vue_app|gatsby|public)_"
"""What names of variables begin with that a frontend's build puts into its pages for everyone."""

NO_HOLDER = (
    r"(.*_)?(allow|skip|require|no|disable)_"
    r"|(.*_)?(max|min)_(.*_)?token\Z"
    r"|(.*_)?(invalid|wrong|incorrect|missing|expired|forgot)"
    r"|(reset|change|update|confirm|verify)_?password\Z"
    r"|(.*_)?(reset|confirmation|activation|csrf|xsrf|initial_cluster|pad|unk|bos|eos|sep|cls|mask)_token\Z"
    r"|(.*_)?(minio|rustfs|s3|aws|r2)_access_key\Z"
    r"|(.*_)?(uwsgi|proxy|fastcgi|scgi|grpc)_pass\Z"
    r"|.*_per_"
)
"""Names of switches, limits, messages and pages, of tokens that the program makes itself or that are
words of a language, and of what S3 calls a key and others a user's name."""

SECRET_NAME = (
    rf"(?i)^(?!{NO_HOLDER})"
    r"(.*password|.*passwd|(.*_)?(pass|passphrase|secret|secret_?key"
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
