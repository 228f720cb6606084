"""HAProxy: a front end for the stack's services that answer HTTP, with a health check of each."""

from __future__ import annotations

import re

from fixer.scaffold.configuration.upstreams import is_behind_another, upstreams
from fixer.scaffold.configuration.writing import Writer, placed
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack

SECURE_PORTS = ("443", "8443")
STATISTICS = ("8404", "1936", "9000", "8080", "7000")
"""The ports that pages of statistics are usually on."""

FOLDER = r"(?i)/(ssl|tls|certs?|certificates?)\Z"


def _haproxy(stack: Stack, service: Service, mount: Mount) -> Files:
    behind = upstreams(service)
    if not behind:
        return {}
    targets = [port.target for port in service.ports if port.target.isdigit()]
    others = [each for each in targets if each not in SECURE_PORTS]
    plain = next((each for each in others if each not in STATISTICS), others[0] if others else "80")
    statistics = next((each for each in STATISTICS if each in others and each != plain), "")
    certificates = _certificates(service)
    secure = next((each for each in targets if each in SECURE_PORTS), "") if certificates else ""
    published = next((port.published for port in service.ports if port.target == secure), "")
    text = render(
        "haproxy/haproxy.cfg.j2",
        port=plain,
        secure=secure,
        redirected_port=published if published.isdigit() and published != "443" else "",
        certificates=certificates,
        statistics=statistics,
        behind=behind,
        is_behind_another=is_behind_another(service),
    )
    return placed(mount, "haproxy.cfg", text)


def _certificates(service: Service) -> str:
    """The file with certificate and key, or the folder of such files, that is mounted."""
    targets = [mount.target for mount in service.mounts]
    pems = [each for each in targets if each.endswith(".pem") and "dhparam" not in each]
    folders = [each for each in targets if re.search(FOLDER, each) and each != "/etc/ssl/certs"]
    return next(iter([*pems, *folders]), "")


WRITERS: dict[str, Writer] = {"haproxy": _haproxy}
