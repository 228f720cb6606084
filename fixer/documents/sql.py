"""SQL scripts, by sqlglot's tokens: the passwords of PostgreSQL's roles with their spans, and where the
texts of one for MySQL stand."""

from __future__ import annotations

import re
from typing import NamedTuple

from fixer.documents.source import Edit, Source

IN_BLOCK = (
    r"(?is)\b(?:CREATE|ALTER)\s+(?:USER|ROLE)\s+(?P<role>[\w\"]+)\s[^;']*?"
    r"\bPASSWORD\s+'(?P<value>(?:[^']|'')+)'"
    r"(?:'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|[^;'])*?(?=;)"
)
"""A statement of a block that gives a role a password."""

RECONNECTS = r"(?m)^\s*\\c(onnect)?\b"
"""A command of psql after which the session is another one, and its settings are gone."""


class RolePassword(NamedTuple):
    """A password that `CREATE` or `ALTER` gives a role: its text, and the span of the quoted
    literal. `statement` is the span of the whole statement where that stands in the body of a `DO`,
    which psql hands on as it is, else None."""

    role: str
    value: str
    start: int
    end: int
    statement: tuple[int, int] | None


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
                self.passwords.append(RolePassword(role, token.text, token.start, token.end + 1, None))
            if words[-1] == "DO" and self.source.text[token.start] == "$":
                self._look_into(token.start, token.end + 1)
            words.append(token.text.upper())

    def _look_into(self, start: int, end: int) -> None:
        """Find the passwords in the body of a `DO`."""
        for match in re.compile(IN_BLOCK).finditer(self.source.text, start, end):
            value = match["value"].replace("''", "'")
            span = match.start("value") - 1, match.end("value") + 1
            role = match["role"].strip('"')
            self.passwords.append(RolePassword(role, value, *span, match.span()))

    def use_variable(self, password: RolePassword, variable: str) -> Edit:
        """Give the edit that puts a variable of psql, quoted as a literal, in a password's place."""
        return Edit(password.start, password.end, f":'{variable}'")

    def use_setting(self, password: RolePassword, variable: str) -> list[Edit] | None:
        """Give the edits by which a statement of a block takes the password from a setting of the
        session, which has it from a variable of psql: `CREATE` takes no expression for a password, what
        `EXECUTE` runs does. None where that would not hold: in a comment, behind another `EXECUTE`, or
        where the session changes."""
        if password.statement is None:
            return None
        start, end = password.statement
        text = self.source.text
        before = text[self.source.line_start(start) : start]
        statement = text[start : password.start] + "%L" + text[password.end : end].rstrip()
        is_plain = not before.strip() or re.search(r"(?i)\b(then|else|begin|loop)\s+\Z|;\s*\Z", before)
        has_more = any(each in statement for each in ("'", "--", "/*")) or statement.count("%") > 1
        if not is_plain or "--" in before or has_more:
            return None
        if re.search(RECONNECTS, text[:start]):
            return None
        setting = f"init.{variable}"
        call = f"EXECUTE format('{statement}', current_setting('{setting}'))"
        return [
            Edit(0, 0, f"SET {setting} = :'{variable}';\n"),
            Edit(start, end, call),
        ]

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
