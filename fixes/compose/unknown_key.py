"""A key is one that Compose does not know.

## What is wrong

The specification lists the keys that may stand in a service, a build, a network and so on. On any
other Compose stops: `services.web additional properties 'enviroment' not allowed`.

## What dockfix does

Where exactly one key of that place is spelled nearly so (`contanier_name`, `dependsOn`, `env-file`,
`"image "`), or is what people mean by it (`env`, `cmd`, `workdir`), takes such a value and is not there
already, it renames the key. A key at the top that only holds an anchor for others gets the `x-` in
front that makes it an extension. Otherwise the finding says what to do.

## Fix safety

Safe: Compose refuses the file as it is.

## References

Compose specification; Extensions.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Mapping, Rename, resolve_alias
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.spelling import nearest
from fixer.stack import ComposeFile, Stack
from fixer.stack.placement import VERSION_1
from fixer.stack.specification import Complaint, kind_of

fix = Fix(
    summary="A key is one that Compose does not know.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

MEANT = {
    "cmd": "command", "env": "environment", "envs": "environment", "container": "container_name",
    "workdir": "working_dir", "work_dir": "working_dir", "working_directory": "working_dir",
    "restart_policy": "restart", "arguments": "args", "build_args": "args", "buildargs": "args",
    "file": "dockerfile", "opt": "options", "opts": "options", "mem": "memory", "cpu": "cpus",
}  # fmt: skip
"""Words for keys that are spelled otherwise; each counts only where Compose knows the key."""

ADVICE = {
    "apiVersion": "A Kubernetes object goes into a file of its own, which Compose does not read.",
    "kind": "A Kubernetes object goes into a file of its own, which Compose does not read.",
    "metadata": "Kubernetes metadata: write labels instead.",
    "spec": "Kubernetes: write the settings of its containers in the service itself.",
    "network": "Write networks for those declared at the top, network_mode for host or none.",
    "subnet": "Write it below ipam of the network, in an item of config.",
    "gateway": "Write it below ipam of the network, in an item of config.",
    "memory": "Write mem_limit in the service, or memory below deploy.resources.limits or reservations.",
    "cpus": "Write cpus in the service, or below deploy.resources.limits or reservations.",
    "name": "Write container_name for the container's name; the service is called by its key.",
    "driver": "Write it in the network or volume that is declared at the top of the file.",
    "external": "Write it in the network or volume that is declared at the top of the file.",
}
"""What to do with keys that stand in many files and have no one place to go."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find keys that the specification does not list and that have no fix of their own."""
    for file in stack.files:
        for complaint in file.complaints:
            is_service = complaint.path[:1] == ("services",) and len(complaint.path) == 2
            is_old = is_service and complaint.key in VERSION_1
            if complaint.problem == "unknown" and not is_old and not file.is_stray(complaint.node):
                yield _finding(file, complaint)


def _finding(file: ComposeFile, complaint: Complaint) -> Finding:
    key, node = complaint.key, complaint.node
    place = Place(file.path, file.document.position(node))
    where = f"{'.'.join(complaint.path)} " if complaint.path else ""
    message = f"Compose refuses the file: {where}additional properties '{key}' not allowed."
    is_template = not complaint.path and node.anchor in file.document.alias_count
    name = f"x-{key.lstrip('.')}" if is_template else _meant(complaint)
    if name is None:
        steps = ADVICE.get(key, f"Remove {key}, move it to where it belongs, or name it x-{key}.")
        return Finding(place, message, steps=steps)
    operation = Rename(node.route, name, node.document)
    return Finding(place, message, (EditYaml(file.path, (operation,)),))


def _meant(complaint: Complaint) -> str | None:
    """The one key of the place that the author means: it takes the value and is not written there."""
    parent, value = complaint.node.parent, resolve_alias(complaint.node)
    written = {entry.name for entry in parent.entries} if isinstance(parent, Mapping) else set()
    known = complaint.shape.keys or {}
    word = complaint.key.strip()
    meant = MEANT.get(word.lower())
    name = meant if meant in known else nearest(word, known)
    if name is None or name in written or value is None:
        return None
    return name if kind_of(value) in {"null", *known[name].kinds} else None
