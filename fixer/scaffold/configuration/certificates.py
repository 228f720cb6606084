"""Where a proxy finds its certificate: among what is mounted, by the names that are there or meant."""

from __future__ import annotations

import re
from typing import NamedTuple

from fixer.scaffold.configuration.upstreams import site_name
from fixer.stack import Mount, Service

FOLDER = r"(?i)/(ssl|tls|certs?|certificates?)\Z"
CERTIFICATE = r"(?i)(fullchain|cert|crt|chain|bundle|\.pem\Z)"
KEY = r"(?i)key"
PEM = r"(?i)\.(pem|crt|cer|key)\Z"
LETS_ENCRYPT = "/etc/letsencrypt"
USUAL = ("fullchain.pem", "privkey.pem")


class Certificate(NamedTuple):
    """The paths of a certificate and its key in a container."""

    chain: str
    key: str


def certificate(service: Service) -> Certificate | None:
    """Give the certificate that is mounted for a service, or None where there is none, or where it
    cannot be told which."""
    files = [mount.target for mount in service.mounts if re.search(PEM, mount.target)]
    if pair := _pair(files):
        return pair
    for mount in service.mounts:
        name = site_name(service) if mount.target == LETS_ENCRYPT else None
        if name:
            folder = f"{LETS_ENCRYPT}/live/{name}"
            return Certificate(*(f"{folder}/{each}" for each in USUAL))
        is_of_system = mount.target == "/etc/ssl/certs"
        if re.search(FOLDER, mount.target) and mount.kind == "bind" and not is_of_system:
            return _pair([f"{mount.target}/{name}" for name in names_in(service, mount)])
    return None


def names_in(service: Service, mount: Mount) -> list[str]:
    """Give the names of certificate and key in a mounted folder: of the files that are there, else
    those that scripts and documents of the repository speak of, else the usual ones."""
    repository, path = service.stack.repository, mount.path or ""
    there = [each.rpartition("/")[2] for each in repository.listed(path)] if path else []
    if _pair(there):
        return there
    folder = path.rpartition("/")[2]
    pattern = rf"\b{re.escape(folder)}/([\w.-]+\.(?:pem|crt|cer|key))\b"
    told = []
    for each in repository.files if folder else ():
        if each.endswith((".sh", ".md", "Makefile", ".gitignore")):
            text = (repository.searchable(each) or b"").decode("utf-8", "replace")
            told += re.findall(pattern, text)
    return told if _pair(told) else list(USUAL)


def _pair(paths: list[str]) -> Certificate | None:
    keys = [each for each in paths if re.search(KEY, each.rpartition("/")[2])]
    chains = [
        each
        for each in paths
        if each not in keys and re.search(CERTIFICATE, each.rpartition("/")[2]) and "dhparam" not in each
    ]
    chains.sort(key=lambda each: "fullchain" not in each)
    return Certificate(chains[0], keys[0]) if chains and keys else None
