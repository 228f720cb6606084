"""How SQL and the shell of MongoDB give a login its password."""

from __future__ import annotations

import re
from typing import NamedTuple

QUOTED = r"(?P<quote>'\\''|\\?['\"])(?P<value>(?:''|(?!(?P=quote))[^\n])+)(?P=quote)"
"""A text in quotes, also in such that a shell has to be told of."""

LOGIN = r"(?:IF\s+(?:NOT\s+)?EXISTS\s+)?[\\'\"`]*(?P<login>[\w${}.-]+)"

SQL = (
    rf"(?i)\b(?:CREATE|ALTER)\s+(?:USER|ROLE)\s+{LOGIN}(?:(?!\b(?:CREATE|ALTER|GRANT)\s)[^;])*?"
    rf"\b(?:PASSWORD\s*\(?\s*|IDENTIFIED\s+(?:WITH\s+\S+\s+)?BY\s+){QUOTED}",
    rf"(?i)\bGRANT\s(?:(?!\b(?:CREATE|ALTER|GRANT)\s)[^;])*?\bTO\s+{LOGIN}[^;]*?\bIDENTIFIED\s+BY\s+{QUOTED}",
    rf"(?i)\bSET\s+PASSWORD\s+FOR\s+{LOGIN}[^;=]*=\s*(?:PASSWORD\s*\(\s*)?{QUOTED}",
    rf"(?i)\b(?P<login>MASTER|SOURCE)_PASSWORD\s*=\s*{QUOTED}",
)  # fmt: skip

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

FILLED_IN = r"\$[\w{(]|\{\{|__|%\w+%"
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
        name = re.sub(r"\W+", "_", self.login.strip("${}")).strip("_").upper()
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
