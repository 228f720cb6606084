"""The forge that a fix branch is pushed to, and its pull or merge request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from fixer.forge.error import ForgeError
from fixer.forge.github import GitHub
from fixer.forge.gitlab import GitLab

__all__ = ["Forge", "ForgeError", "GitHub", "GitLab", "which"]

Forge = GitHub | GitLab

OTHER_NAMES = {"www.github.com": "github.com", "ssh.github.com": "github.com"}
"""Hosts that are GitHub's by another port."""

_SCP = re.compile(r"(?:[^/@]*@)?(?P<host>[^/:@\[\]]{2,}):(?P<path>.+)")
"""What ssh takes without a scheme. One letter before the colon is a drive of Windows."""


class _Address(NamedTuple):
    host: str
    path: str


def which(url: str, environment: Mapping[str, str]) -> Forge | None:
    """Give the forge that a remote's URL leads to; None for a local path and for any other one.

    GitHub Enterprise is known by GH_HOST and GITHUB_SERVER_URL, GitLab by its name and CI_SERVER_HOST.
    """
    address = _address(url)
    if address is None:
        return None
    api = _github_hosts(environment).get(OTHER_NAMES.get(address.host, address.host))
    if api is not None:
        parts = address.path.strip("/").removesuffix(".git").split("/")
        return GitHub(api, *parts) if len(parts) == 2 and all(parts) else None
    in_ci = "GITLAB_CI" in environment and environment.get("CI_SERVER_HOST", "").lower() == address.host
    return GitLab() if in_ci or "gitlab" in address.host else None


def _address(url: str) -> _Address | None:
    if "://" not in url:
        match = _SCP.fullmatch(url)
        return _Address(match["host"].lower(), match["path"]) if match else None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme == "file" or not parts.hostname:
        return None
    return _Address(parts.hostname, unquote(parts.path))


def _github_hosts(environment: Mapping[str, str]) -> dict[str, str]:
    """Give GitHub's hosts, each with the name, and the port, by which `gh` asks it. No host is taken
    for GitHub by its looks: `gh` would send it a token."""
    servers = [urlsplit(environment.get("GITHUB_SERVER_URL", "")).netloc, environment.get("GH_HOST", "")]
    named = {server.partition(":")[0].lower(): server for server in servers if server}
    return {**named, "github.com": "github.com"}
