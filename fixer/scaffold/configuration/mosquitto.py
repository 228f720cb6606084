"""Mosquitto: listeners, what outlives a restart, and who may log in."""

from __future__ import annotations

import re

from fixer.scaffold.configuration.writing import Writer, placed
from fixer.scaffold.files import Files
from fixer.scaffold.ports import listening_ports
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack


def _mosquitto(stack: Stack, service: Service, mount: Mount) -> Files:
    if not mount.target.endswith(("/mosquitto.conf", "/config")):
        return {}
    targets = [mount.target for mount in service.mounts]
    targets += [secret.target for secret in service.secrets]
    passwords = [each for each in targets if re.search(r"(?i)/[\w.-]*(passw|pwfile)[\w.-]*\Z", each)]
    access = [each for each in targets if re.search(r"(?i)/[\w.-]*acl[\w.-]*\Z", each)]
    text = render(
        "mosquitto/mosquitto.conf.j2",
        service=service.name,
        has_websockets="9001" in listening_ports(service),
        passwords=passwords[0] if passwords else "",
        access=access[0] if access else "",
        is_reachable=any(not port.host_ip.startswith("127.") for port in service.ports),
    )
    return placed(mount, "mosquitto.conf", text)


WRITERS: dict[str, Writer] = {"mosquitto": _mosquitto}
