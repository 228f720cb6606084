"""RabbitMQ: memory, disk and logs, and the plugins for the ports that the stack uses."""

from __future__ import annotations

from fixer.scaffold.configuration.writing import Writer, placed
from fixer.scaffold.files import Files
from fixer.scaffold.ports import listening_ports
from fixer.scaffold.rendering import render
from fixer.scaffold.sizes import memory_limit
from fixer.stack import Mount, Service, Stack

PLUGINS = {
    "1883": "rabbitmq_mqtt",
    "8883": "rabbitmq_mqtt",
    "15675": "rabbitmq_web_mqtt",
    "61613": "rabbitmq_stomp",
    "15674": "rabbitmq_web_stomp",
    "5552": "rabbitmq_stream",
}
"""What listens on a port, beside what every broker gets."""


def _settings(stack: Stack, service: Service, mount: Mount) -> Files:
    if "/conf.d/" in mount.target:
        # One of several files, for something of its own.
        return {}
    memory = memory_limit(service)
    definitions = [each.target for each in service.mounts if "definitions" in each.target]
    text = render(
        "rabbitmq/rabbitmq.conf.j2",
        watermark=memory * 6 // 10 if memory else None,
        definitions=definitions[0] if definitions else "",
    )
    return placed(mount, "20-stack.conf", text)


def _plugins(stack: Stack, service: Service, mount: Mount) -> Files:
    found = ["rabbitmq_management", "rabbitmq_prometheus"]
    found += [PLUGINS[port] for port in listening_ports(service) if port in PLUGINS]
    # The file is called `enabled_plugins`, which looks like a folder's name.
    return {mount.path or "": f"[{','.join(dict.fromkeys(found))}].\n"}


WRITERS: dict[str, Writer] = {"rabbitmq": _settings, "rabbitmq-plugins": _plugins}
