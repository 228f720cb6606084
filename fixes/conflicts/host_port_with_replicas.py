"""A service that runs in several replicas publishes one port of the host.

## What is wrong

Every container of a service publishes the same ports, and a port of the host can be taken once: `config`
accepts the stack, and `up` fails at the second container: `Bind for 0.0.0.0:8080 failed: port is already
allocated`. Swarm publishes a port once for all replicas, so that this is right in a file for
`docker stack deploy`.

## What dockfix does

Which way the replicas are to be reached is for a person: each on a port of a range, `8080-8082:80`, or
all through a proxy of the stack that alone publishes a port. Files that speak of swarm (`placement`,
`update_config`, `mode`, an overlay network ...) are left alone.

## Fix safety

Manual.

## References

Compose specification, ports; Compose Deploy specification, replicas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Stack
from fixes.conflicts._ports import bindings

fix = Fix(
    summary="A service in several replicas publishes one port of the host.",
    severity=Severity.ERROR,
    safety=Safety.MANUAL,
)

SWARM = ("placement", "update_config", "rollback_config", "endpoint_mode", "mode")


def detect(stack: Stack) -> Iterator[Finding]:
    """Find services with more than one replica and a port of their own on the host."""
    if _is_for_swarm(stack):
        return
    for service in stack.services.values():
        taken = list(bindings(service)) if service.replicas > 1 else []
        if taken:
            number, port = taken[0].number, taken[0].port
            message = (
                f"{service.name} has {service.replicas} replicas that all publish port {number}, so `up`"
                f" fails at the second: Bind for {taken[0].where} failed: port is already allocated."
            )
            last = number + service.replicas - 1
            steps = f"Publish a range, `{number}-{last}:{port.target}`, or reach them through a proxy."
            yield Finding(port.at.at, message, steps=steps)


def _is_for_swarm(stack: Stack) -> bool:
    deploys = [service.value.get("deploy") for service in stack.services.values()]
    drivers = [each.value.get("driver") for each in stack.declarations("network").values()]
    names = [file.path.rpartition("/")[2] for file in stack.files]
    is_named = any(re.search(r"(?<![a-z])(swarm|stack)(?![a-z])", name) for name in names)
    is_deployed = any(each is not None and each.get(key) for each in deploys for key in SWARM)
    return (
        is_named or is_deployed or any(each is not None and each.data == "overlay" for each in drivers)
    )
