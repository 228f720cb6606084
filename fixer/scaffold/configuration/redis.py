"""Redis and Valkey: a configuration that keeps what is written, within the container's memory."""

from __future__ import annotations

from fixer.scaffold.configuration.writing import Writer, configured
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.scaffold.sizes import memory_limit
from fixer.stack import Mount, Service, Stack


def _redis(stack: Stack, service: Service, mount: Mount) -> Files:
    memory = memory_limit(service)
    users = [each.target for each in service.bind_mounts if each.target.endswith(".acl")]
    command = service.command.text if service.command else ""
    text = render(
        "redis/redis.conf.j2",
        # A snapshot is made by a copy of the process, which shares its memory until that is written to.
        maximum=memory * 3 // 4 if memory else None,
        is_cache=_is_cache(service),
        users=users[0] if users and "aclfile" not in command else "",
    )
    return configured(service, mount, "redis.conf", text)


def _is_cache(service: Service) -> bool:
    """Whether nothing of the data outlives the container."""
    folders = service.facts.data if service.facts and service.build is None else ("/data",)
    return not any(mount.target in folders for mount in service.mounts if mount.kind != "tmpfs")


WRITERS: dict[str, Writer] = {"redis": _redis}
