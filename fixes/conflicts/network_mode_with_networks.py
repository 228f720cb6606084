"""A service has both a `network_mode` and `networks`.

## What is wrong

A `network_mode` such as `host` gives a container another network than the stack's, so Compose refuses
a service that lists networks beside it:
``service web declares mutually exclusive `network_mode` and `networks` ``. Both often meet only by
merging: the base lists networks, and an override sets `network_mode: host`.

## What dockfix does

Where an override or a service that extends another brings one of the two, that one is meant, and the
other gets `!reset null` there, which takes it away in that stack alone. Where a service writes the
mode out and its networks come through a merge key, `networks: []` hides these.

Where one service writes both, `network_mode: bridge` or `default`, or a mode that is one of the listed
networks, goes: what it asks for is what networks give. A deliberate `host`, `service:` or `container:`
stays, and the networks, which are pasted to every service, go. Anything else is for a person.

## Fix safety

Safe where an override decides, or a mode goes that says nothing else than the networks: Compose refuses
the stack as it is. Unsafe where the networks go, since the service is then not found there by its name.
`!reset` needs Compose 2.18.0.

## References

Compose specification, network_mode, and Merge and override (reset value).
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Delete, Insert, Mapping, Reset, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import ComposeFile, Service, Stack, Value

fix = Fix(
    summary="A service has both network_mode and networks.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

LIKE_NETWORKS = ("bridge", "default")
DELIBERATE = ("host", "service:", "container:")


def detect(stack: Stack) -> Iterator[Finding]:
    """Find services whose merged settings have both."""
    for service in stack.services.values():
        mode, networks = service.value.get("network_mode"), service.value.get("networks")
        if mode is None or networks is None or networks.is_empty or not stack.is_known(mode.text):
            continue
        if stack.interpolate(mode.text, mode.file):
            yield _finding(service, mode, networks)


def _finding(service: Service, mode: Value, networks: Value) -> Finding:
    message = (
        f"Compose refuses the stack: service {service.name} declares mutually exclusive"
        " `network_mode` and `networks`."
    )
    for file in reversed(service.files):
        written = service.written_in(file)
        own_mode, own_networks = _said(service, file, "network_mode"), _said(service, file, "networks")
        decided = own_mode or own_networks
        if written is None or decided is None:
            continue
        if own_mode is None or own_networks is None:
            other = "networks" if own_mode else "network_mode"
            operation = Set((*written.route, other), Reset(), written.document)
            return Finding(decided.at, message, (EditYaml(file.path, (operation,)),))
        return _in_one_file(service, file, written, message, own_mode, own_networks)
    return Finding(mode.at, message, steps=f"Keep one of the two in what {service.name} extends.")


def _said(service: Service, file: ComposeFile, key: str) -> Value | None:
    """A setting as one file says it, None where it says nothing of it."""
    value = service.value_in(file)
    setting = value.get(key) if value else None
    return None if setting is None or setting.is_empty else setting


def _in_one_file(
    service: Service,
    file: ComposeFile,
    written: Mapping,
    message: str,
    mode: Value,
    networks: Value,
) -> Finding:
    text = service.stack.interpolate(mode.text, mode.file)
    if written.entry("network_mode") and not written.entry("networks"):
        hidden = Insert((*written.route, "networks"), [], "network_mode", written.document)
        return Finding(mode.at, message, (EditYaml(file.path, (hidden,)),))
    has_both = written.entry("network_mode") and written.entry("networks")
    if has_both and (text in LIKE_NETWORKS or text in service.networks):
        return _removal(file, written, "network_mode", message, mode)
    if has_both and text.startswith(DELIBERATE):
        removal = _removal(file, written, "networks", message, mode)
        return removal._replace(safety=Safety.UNSAFE)
    steps = (
        f"Keep `network_mode: {text}` if {service.name} needs it, and remove its networks;"
        " else remove network_mode."
    )
    return Finding(mode.at, message, steps=steps)


def _removal(file: ComposeFile, written: Mapping, key: str, message: str, mode: Value) -> Finding:
    operation = Delete((*written.route, key), written.document)
    return Finding(mode.at, message, (EditYaml(file.path, (operation,)),))
