"""Where a text of a Compose file holds a password that is no variable's whole value: in a URL's login,
behind an option of a command, or as a default of a variable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Sequence as List
from functools import lru_cache
from typing import NamedTuple

from fixer.documents.yaml import Mapping, Scalar, Sequence
from fixer.secret_names import is_secret_name
from fixer.stack import ComposeFile
from fixer.stack.interpolation import InterpolationError, variables

DEFAULT = r"\$\{[A-Za-z_]\w*:?-(?:[^{}$]|\$\$)*\}"
"""A variable with a default."""


def _until(ends: str) -> str:
    """The pattern of a password in a text, up to one of some characters, a blank or a quote."""
    return rf"""(?P<value>{DEFAULT}|(?:[^\s{ends}"'${{}}<>\\]|\$\$)+)"""


VALUE = rf"""(?P<value>{DEFAULT}|[^\s"'$`<>|;&(){{}}\\@,-][^\s"'$`<>|;&(){{}}\\@,]*)"""
"""A password as it is written in a command, or a variable with a default; no reference to the shell."""

LOGIN = (
    r"""(?P<option>://(?:\$\{[^{}]*\}|[^\s:/@"'$])*:)""" + _until(":/") + r"""@(?P<host>[^\s/:?,"'@]*)"""
)
"""The login of a URL, with the host that it leads to."""

GO_LOGIN = (
    r"""(?:^|(?<=[\s="']))(?P<option>[\w.-]+:)""" + _until(":/") + r"@(?:tcp|unix)\((?P<host>[^\s/:()]*)"
)
"""The login of a data source as Go's driver for MySQL takes it."""

CONNECTIONS = {
    "://": r"(?i)(?P<option>[?&](?:[a-z]*password|passwd|pwd|pass|token|secret|api_?key)=)"
    + _until("&#"),
    r"(?i)(?:^|[;=\"'])\s*(?:host|server|data source|address|addr)\s*=": (
        r"""(?i)(?:^|(?<=[;="']))(?P<option>\s*(?:password|pwd)\s*=\s*)""" + _until(";")
    ),
    r"\b(?:host|dbname)=": r"""(?:^|(?<=[\s="']))(?P<option>password=)""" + _until(""),
    r"(?:^|=)[\w.-]+:\d+,": r"(?P<option>,password=)" + _until(","),
    "-D": r"""(?i)(?:^|(?<=[\s"'=]))(?P<option>-D[\w.-]*(?:password|secret|token)=)""" + _until(""),
    r"(?:^|,)(?:user|username|vers|uid|gid|addr)=": r"(?:^|(?<=,))(?P<option>pass(?:word)?=)"
    + _until(","),
    "LoginModule": r"""\b(?P<option>(?:password|user_\w+)=["']?)""" + _until(";"),
}
"""The password in settings of a connection or a program, by what tells that a text is such: a URL's
query, or pairs between semicolons (ADO), blanks (libpq) or commas (StackExchange.Redis, mount); a
property of Java, and a login of JAAS."""

SETTING = r"""(?m)^\s*(?P<option>(?P<name>[\w.-]+)["']?\s*[=:]\s*["']?)""" + VALUE
"""A line of a configuration file that stands in a Compose file (`configs: content:`, or a variable's
value)."""

NO_OPTION = (
    r"--?(?:\w+-)*"
    r"(?:no|with|without|enabled?|disabled?|allow|skip|require|empty|blank|use|max|initial-cluster)-"
)
"""What only looks like an option with a password behind it (`adduser --disabled-password app`)."""

OPTIONS = (
    rf"""(?:^|(?<=\s))(?P<option>(?!{NO_OPTION})--?(?:[\w.-]*[-_.])?(?:requirepass|masterauth|password|passwd|pass|secret|token|api-?key)(?:=|\s+)["']?)"""
    + VALUE,
    r"""\b(?:mysql|mysqladmin|mysqldump|mysqlcheck|mariadb|mariadb-admin|mariadb-dump)\b[^|;&]*?(?<=\s)(?P<option>-p["']?)"""
    + VALUE,
    r"""\b(?:redis-cli|valkey-cli|keydb-cli)\b[^|;&]*?(?<=\s)(?P<option>-a\s+["']?)""" + VALUE,
    r"""\b(?:mongo|mongosh|mongodump|mongorestore)\b[^|;&]*?(?<=\s)(?P<option>-p\s*["']?)""" + VALUE,
    r"""\bsqlcmd\b[^|;&]*?(?<=\s)(?P<option>-P\s*["']?)""" + VALUE,
    r"""\bcurl\b[^|;&]*?(?<=\s)(?P<option>(?:-[fgiklnqsvGLNS]*u|--user)[\s=]*["']?[^\s:"'$]+:)"""
    + VALUE,
    r"""\bmc\s+(?:alias\s+set|config\s+host\s+add)\s+\S+\s+\S+\s+(?P<option>\S+\s+["']?)""" + VALUE,
    r"""(?:^|(?<=\s))(?P<option>-pass(?:in|out)?["']?\s+["']?pass:)""" + VALUE,
    r"""(?:^|(?<=\s))(?P<option>-(?:dest|src)?(?:store|key)pass["']?\s+["']?)""" + VALUE,
    r"""\b(?:echo|printf)\s+(?:-\w+\s+)?["']?(?P<option>[\w.-]+:)""" + VALUE
    + r"""(?=[^|;&]{0,99}\|\s*(?:sudo\s+)?(?:\S*/)?chpasswd\b(?!\s+(?:-e|--encrypted)))""",
    r"""(?:^|(?<=[\s;&"']))(?P<option>(?P<name>[A-Za-z_]\w*)=["']?)""" + VALUE,
)  # fmt: skip
"""How the usual clients and servers take a password in a command. A name in front of `=` counts only
where it is a secret's."""

RUN = ("command", "entrypoint", "test")
"""The settings that hold a command."""


class Credential(NamedTuple):
    """A password inside a scalar of a Compose file. `before` is the text in front of it that makes it
    one, `written` the password as it is written there. `host` is where the URL leads that it stands
    in, else empty."""

    file: ComposeFile
    node: Scalar
    before: str
    written: str
    host: str


@lru_cache(maxsize=64)
def credentials(file: ComposeFile) -> tuple[Credential, ...]:
    """Give the passwords inside of the texts of a file, whatever they are worth."""
    return tuple(_in_file(file))


def _in_file(file: ComposeFile) -> Iterator[Credential]:
    for node in file.document.walk():
        if isinstance(node, Scalar) and "args" not in node.route:
            yield from _in_text(file, node)
        elif isinstance(node, Mapping):
            for entry in node.entries:
                if entry.name in RUN and isinstance(entry.value, Scalar | Sequence):
                    yield from _in_command(file, entry.value)


def _in_text(file: ComposeFile, node: Scalar) -> Iterator[Credential]:
    text = node.value
    for match in (each for way in (LOGIN, GO_LOGIN) for each in re.finditer(way, text)):
        yield Credential(file, node, match["option"], match["value"], match["host"])
    for sign, way in CONNECTIONS.items():
        for match in re.finditer(way, text) if re.search(sign, text) else ():
            yield Credential(file, node, match["option"], match["value"], "")
    is_config = node.route[:1] == ("configs",) and node.route[-1:] == ("content",)
    if is_config or ("\n" in text and "environment" in node.route):
        for match in re.finditer(SETTING, text):
            if is_secret_name(re.sub(r"\W", "_", match["name"])):
                yield Credential(file, node, match["option"], match["value"], "")
    if "-" in text and "${" in text:
        logins = {match["value"] for match in re.finditer(LOGIN, text)}
        for name, written in _defaults(text):
            if is_secret_name(name) and written not in logins:
                yield Credential(file, node, "", written, "")


def _defaults(text: str) -> Iterator[tuple[str, str]]:
    try:
        found = variables(text)
    except InterpolationError:
        return
    for each in found:
        if each.operator in (":-", "-"):
            yield each.name, text[each.start : each.end]


def _in_command(file: ComposeFile, command: Scalar | Sequence) -> Iterator[Credential]:
    """Look at a command as one text, the words of a list on lines of their own."""
    nodes = [command] if isinstance(command, Scalar) else command.items
    words = [node for node in nodes if isinstance(node, Scalar)]
    text = "\n".join(word.value for word in words)
    for pattern in OPTIONS:
        for match in re.finditer(pattern, text):
            name = match.groupdict().get("name")
            quote = text[match.start("value") - 1 : match.start("value")]
            is_part = quote in ("'", '"') and text[match.end("value") : match.end("value") + 1] == " "
            if not is_part and (name is None or is_secret_name(name)):
                yield _at(file, words, match)


def _at(file: ComposeFile, words: List[Scalar], match: re.Match[str]) -> Credential:
    """The password in the word that it stands in, with what of its option stands there too."""
    start = 0
    for word in words:
        end = start + len(word.value)
        if match.start("value") <= end:
            break
        start = end + 1
    before = match.string[max(start, match.start("option")) : match.start("value")]
    return Credential(file, word, before, match["value"], "")
