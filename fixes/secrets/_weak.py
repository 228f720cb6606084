"""Values that guard nothing, since everyone tries them first or is asked to replace them."""

from __future__ import annotations

import re

WELL_KNOWN = (
    r"(?i)(my|super|very|top)?[-_ ]?"
    r"(postgres(ql)?|mysql|mariadb|mongo(db)?|redis|rabbitmq|minio|admin(istrator)?|root|user(name)?"
    r"|pass(word|wd)?|pwd|secret|test|default|change[-_ ]?(this|me|it)?|key|token|app|db|dev|local)"
    r"([-_ ]?(admin|user|pass(word|wd)?|pwd|secret|key|token|db|here|me|it|this|prod(uction)?|in))*"
    r"[-_ ]?[\d!@.]{0,5}\Z"
)


ASKS = r"(change|replace|insert|enter|your|my)([A-Z][a-z]+)+\Z"
"""Values that are a request in one word (`changeRunnerToken`)."""


def is_well_known(value: str) -> bool:
    """Say whether a value is one that everyone tries first (`postgres`), or that asks to be replaced
    (`change-this-secret`)."""
    return any(re.match(pattern, value) for pattern in (WELL_KNOWN, ASKS))
