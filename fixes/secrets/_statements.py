"""How SQL and the shell of MongoDB give a login its password."""

from __future__ import annotations

import re
from typing import NamedTuple

QUOTED = r"(?P<quote>'\\''|\\?['\"])(?P<value>(?:''|(?!(?P=quote))[^\n])+)(?P=quote)"
"""A text in quotes, also in such that a shell has to be told of."""

LOGIN = r"[\\'\"`]*(?<![\w${}.-])(?P<login>[\w${}.-]+)[\\'\"`]*"
HOST = r"(?:@[\\'\"`]*[\w${}.%:/-]+[\\'\"`]*)?"

SQL = (
    rf"(?i)\b(?:CREATE|ALTER)\s+(?:USER|ROLE)\s+{LOGIN}(?:(?!\b(?:CREATE|ALTER)\s)[^;])*?"
    rf"\bPASSWORD\s+{QUOTED}",
    rf"(?i){LOGIN}{HOST}\s+IDENTIFIED\s+(?:(?:WITH|VIA)\s+\S+\s+)?(?:BY|USING\s+PASSWORD\s*\()\s*{QUOTED}",
    rf"(?i)\bSET\s+PASSWORD\s+FOR\s+{LOGIN}[^;=]*=\s*(?:PASSWORD\s*\(\s*)?{QUOTED}",
    rf"(?i)\b(?P<login>MASTER|SOURCE)_PASSWORD\s*=\s*{QUOTED}",
)

USER = r"\buser[\"']?\s*:\s*[\"'](?P<login>[\w.-]+)[\"']"
PWD = rf"\bpwd[\"']?\s*:\s*{QUOTED}"

MONGO = (
    rf"{USER}\s*,[^{{}}()]*?{PWD}",
    rf"{PWD}\s*,[^{{}}()]*?{USER}",
    rf"(?P<login>){PWD}",
    rf"\.(?:auth|changeUserPassword)\(\s*[\"'](?P<login>[^\"'\n]+)[\"']\s*,\s*{QUOTED}",
)

HASH = r"(md5[0-9a-f]{32}|SCRAM-SHA-256\$|\*[0-9A-F]{40}\Z|\$A\$)"
"""Passwords that are stored as what the server keeps of them."""

FILLED_IN = r"\$[A-Za-z_{(]|\{\{|__|%\w+%"
"""What a value has that something fills in before the server sees it."""


class LoginPassword(NamedTuple):
    """A password that a statement gives to a login, which is empty where the statement does not tell:
    the text as it is written, and its span without the quotes."""

    login: str
    value: str
    start: int
    end: int

    @property
    def variable(self) -> str:
        """The name of a variable for the password, empty where nothing tells the login."""
        name = re.sub(r"[^A-Za-z0-9]+", "_", self.login).strip("_").upper()
        name = f"USER_{name}" if name[:1].isdigit() else name
        return f"{name}_PASSWORD" if name else ""


def passwords(text: str, ways: tuple[str, ...]) -> list[LoginPassword]:
    """Give the passwords that are written out in the statements of a text, in the order written."""
    found: dict[int, LoginPassword] = {}
    for way in ways:
        for match in re.finditer(way, text):
            value, (start, end) = match["value"], match.span("value")
            if not re.match(HASH, value) and not re.search(FILLED_IN, value):
                found.setdefault(start, LoginPassword(match["login"], value, start, end))
    return [found[start] for start in sorted(found)]
