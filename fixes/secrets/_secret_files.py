"""Which files are a secret as a whole, told by what stands in them."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import NamedTuple

from fixer.stack import Repository
from fixes.secrets._literals import is_secret
from fixes.secrets._weak import is_well_known

PRIVATE_KEY = r"-----BEGIN (\w+ )*PRIVATE KEY-----"
WHOLE_KEY = PRIVATE_KEY + r"(\\n|\s)*[\w+/=\\\s]{60,}"
LOCKED = r"BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED|b3BlbnNzaC1rZXktdjEA(?!AAAABG5vbmU)"
"""What keys have that open nothing without their passphrase. The last is an OpenSSH key whose cipher is
another one than `none`."""

MADE_FOR_TESTS = r"(?i)localhost|snakeoil|self-?signed|(^|[-_./])(dev|local|tests?|examples?)([-_./]|\Z)"
"""Paths of keys that open nothing."""

CERTIFICATE = rb"-----BEGIN CERTIFICATE-----([\w+/=\s]+)-----END CERTIFICATE-----"
OF_NOBODY = rb"(?i)localhost|snakeoil|Internet Widgits|example\.(com|org|net)|\.(local|test)\b"
"""Whose certificates are made to try something out: the names that no public host has."""

HASH = r"(\$(?:apr1|1|2[aby]|5|6|7|y|argon2\w*)\$[^\s:]+|\{(?:SHA|SSHA|PLAIN)\}[^\s:]+)"
LINES = (
    (rf"[^:\s]+:{HASH}", "a list of logins", "htpasswd -c {path} NAME"),
    (r'"[^"]+"\s+"([^"]*)".*', "a list of logins", "a line \"NAME\" \"PASSWORD\" for each"),
    (r"[^:\s]+:(?:\d+|\*):[^:]+:[^:]+:(.+)", "a list of logins",
     "a line HOST:PORT:DATABASE:NAME:PASSWORD for each"),
)  # fmt: skip
"""Files of one login a line: its form with the password or the password's hash, what the file is, and
how another one is made: of htpasswd and mosquitto_passwd, pgbouncer's `userlist.txt`, `.pgpass`."""


class SecretFile(NamedTuple):
    """What a file that is a secret is, and what makes another one at `path`."""

    told: str
    made: str

    def made_at(self, path: str) -> str:
        """How another one is made at a path."""
        return self.made.replace("{path}", path)


def secret_file(path: str, content: bytes) -> SecretFile | None:
    """Say what secret a file is as a whole, None where it is none or opens nothing."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    if holds_private_key(text):
        return _key(text)
    lines = [line for line in map(str.strip, text.splitlines()) if line and line[0] not in "#;"]
    for pattern, told, made in LINES:
        found = [re.fullmatch(pattern, line) for line in lines]
        passwords = [each[1] for each in found if each]
        if lines and len(passwords) == len(lines):
            if "$7$" in text:
                made = "mosquitto_passwd -c {path} NAME"
            return SecretFile(told, made) if any(map(_opens, passwords)) else None
    return None


def secret_value(content: bytes) -> SecretFile | None:
    """Say that a file which is read as a password is one."""
    value = content.decode("utf-8", "replace").strip()
    return SecretFile("the value of a secret", "printf %s VALUE > {path}") if _opens(value) else None


def _opens(password: str) -> bool:
    return bool(password) and is_secret(password) and not is_well_known(password)


def holds_private_key(text: str) -> bool:
    """Say whether a text has a private key in it that opens something by itself."""
    return re.search(WHOLE_KEY, text) is not None and not re.search(LOCKED, text)


def _key(text: str) -> SecretFile | None:
    if re.search(r'"type":\s*"service_account"', text):
        return SecretFile("a service account's key", "one that its owner gives you")
    if not re.match(r"\s*(-----BEGIN |Bag Attributes|#)", text):
        return None
    if "OPENSSH" in text:
        return SecretFile("a private key", "ssh-keygen -t ed25519 -f {path}")
    made = "openssl req -x509 -newkey rsa:2048 -nodes -keyout {path} -out CERTIFICATE"
    return SecretFile("a private key", made)


def is_made_for_tests(repository: Repository, path: str) -> bool:
    """Say whether a secret's file only serves development: by its path, or by the certificate of a key,
    which is in the same file or beside it."""
    if re.search(MADE_FOR_TESTS, path):
        return True
    return any(re.search(OF_NOBODY, each) for each in _certificates(repository, path))


def _certificates(repository: Repository, path: str) -> Iterator[bytes]:
    folder, _, name = path.rpartition("/")
    stem = name.rpartition(".")[0]
    beside = [each for each in repository.listed(folder) if re.search(r"\.(crt|cer|cert|pem)\Z", each)]
    own = [each for each in beside if stem and each.rpartition("/")[2].startswith(stem)]
    for each in (path, *(own or beside)):
        for found in re.finditer(CERTIFICATE, repository.searchable(each) or b""):
            yield binascii.a2b_base64(found[1])
