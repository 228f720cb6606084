"""SQL scripts, by sqlglot's tokens: the passwords of PostgreSQL's roles with their spans, and where the
texts of one for MySQL stand."""

from __future__ import annotations

import re
from typing import NamedTuple

from fixer.documents.source import Edit, Source

IN_BLOCK = (
    r"(?is)\b(?:CREATE|ALTER)\s+(?:USER|ROLE)\s+(?P<role>[\w\"]+)\s[^;']*?"
    r"\bPASSWORD\s+'(?P<value>(?:[^']|'')+)'"
)
"""A statement of a block that gives a role a password."""


class RolePassword(NamedTuple):
    """A password that `CREATE` or `ALTER` gives a role: its text, and the span of the quoted
    literal. `in_block` says that it stands in the body of a `DO`, which psql hands on as it is."""

    role: str
    value: str
    start: int
    end: int
    in_block: bool


class PostgresScript:
    """A script for psql and the passwords in it, in the order written; none where it is not SQL. What
    stands inside of a function's body is a text of its own and not looked into."""

    def __init__(self, data: bytes) -> None:
        from sqlglot.dialects.postgres import Postgres
        from sqlglot.errors import TokenError

        self.source = Source(data)
        self.passwords: list[RolePassword] = []
        try:
            tokens = Postgres().tokenize(self.source.text)
        except TokenError:
            return
        role, words = "", [""]
        for token in tokens:
            if token.token_type.name == "SEMICOLON":
                role, words = "", [""]
                continue
            if words[-2:] in (
                ["CREATE", "USER"],
                ["CREATE", "ROLE"],
                ["ALTER", "USER"],
                ["ALTER", "ROLE"],
            ):
                role = token.text
            is_text = token.token_type.name == "STRING"
            if role and words[-1] == "PASSWORD" and is_text:
                self.passwords.append(RolePassword(role, token.text, token.start, token.end + 1, False))
            if words[-1] == "DO" and is_text:
                self._look_into(token.start, token.end + 1)
            words.append(token.text.upper())

    def _look_into(self, start: int, end: int) -> None:
        """Find the passwords in the body of a `DO`."""
        for match in re.compile(IN_BLOCK).finditer(self.source.text, start, end):
            value = match["value"].replace("''", "'")
            span = match.start("value") - 1, match.end("value") + 1
            self.passwords.append(RolePassword(match["role"].strip('"'), value, *span, True))

    def use_variable(self, password: RolePassword, variable: str) -> Edit:
        """Give the edit that puts a variable of psql, quoted as a literal, in a password's place."""
        return Edit(password.start, password.end, f":'{variable}'")

    def set_from_environment(self, variable: str, name: str) -> Edit:
        """Give the edit that sets a variable of psql at the script's start from one of the
        environment."""
        return Edit(0, 0, f"\\set {variable} `printenv {name}`\n")


def mysql_texts(script: str) -> set[tuple[int, int]]:
    """Give the spans of the quoted texts in a script for MySQL or MariaDB, quotes included; none where
    it is not SQL."""
    from sqlglot.dialects.mysql import MySQL
    from sqlglot.errors import TokenError

    try:
        tokens = MySQL().tokenize(script)
    except TokenError:
        return set()
    return {(each.start, each.end + 1) for each in tokens if each.token_type.name == "STRING"}
