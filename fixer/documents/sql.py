"""A PostgreSQL script: the passwords of its roles with their spans, found among sqlglot's tokens."""

from __future__ import annotations

from typing import NamedTuple

from fixer.documents.source import Edit, Source


class RolePassword(NamedTuple):
    """A password that `CREATE` or `ALTER` gives a role: its text, and the span of the quoted
    literal."""

    role: str
    value: str
    start: int
    end: int


class PostgresScript:
    """A script for psql and the passwords in it, in the order written; none where it is not SQL. What
    stands inside of a function's or `DO` block's body is a text of its own and not looked into."""

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
            if role and words[-1] == "PASSWORD" and token.token_type.name == "STRING":
                self.passwords.append(RolePassword(role, token.text, token.start, token.end + 1))
            words.append(token.text.upper())

    def use_variable(self, password: RolePassword, variable: str) -> Edit:
        """Give the edit that puts a variable of psql, quoted as a literal, in a password's place."""
        return Edit(password.start, password.end, f":'{variable}'")

    def set_from_environment(self, variable: str, name: str) -> Edit:
        """Give the edit that sets a variable of psql at the script's start from one of the
        environment."""
        return Edit(0, 0, f"\\set {variable} `printenv {name}`\n")
