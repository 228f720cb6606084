"""A service mounts a configuration file that does not exist.

## What is wrong

`docker compose config` accepts it. `docker compose up` makes an empty folder where the file should
be, and the container fails: "Are you trying to mount a directory onto a file (or vice-versa)?", or
the program starts without the settings it needs.

## What dockfix does

- Where the file stands elsewhere in the repository and the relative path is wrong, the path is
  corrected. Where several fit equally well, a person has to choose; the finding names them.
- Else it writes what belongs there from the image, the mount's target and the stack itself: nginx,
  Traefik, Caddy and HAProxy with the stack's HTTP services behind them, prometheus with a job for
  each service that has metrics, alert rules for what is scraped, alertmanager, grafana's data sources
  and a dashboard of the stack, loki, promtail, alloy, tempo, the OpenTelemetry collector, the blackbox
  exporter.
- For databases: init scripts of PostgreSQL, MySQL and MariaDB with the databases that the stack's
  services connect to and the extensions that their sources name, those of MongoDB with the users whose
  passwords the container has; settings of these, of redis, valkey, rabbitmq, mosquitto, pgbouncer,
  clickhouse, elasticsearch, kibana and logstash, within the memory that the container may take.
- For what starts a container: supervisord's programs from a Procfile, an entrypoint that waits for what
  the service depends on, and scripts that wait for addresses.
- A file whose program it does not know, or that only a person can write (a schema, hashes of
  passwords), is left to a person.

A path that git ignores, or that a script of the repository makes, is not missing. Folders that a
container fills with data are not either. Nothing is overwritten, ever.

## Fix safety

Safe: only what is missing is added, or a path corrected that leads nowhere.

## References

Docker documentation, Bind mounts; docker/compose#5920; the documentation of each program.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from fixer.changes import CreateFile, EditYaml
from fixer.documents.yaml import Operation, Rewrite, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Mount, Service, Stack

fix = Fix(
    summary="A service mounts a configuration file that does not exist.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

CONFIGURATION = (
    r"(?i)\.(conf|cnf|cfg|ini|ya?ml|json|toml|xml|properties|sql|sh|env|acl|lua|hcl|rules|htpasswd"
    r"|pem|crt|cer|key|template|tmpl|alloy|py|js|ts|html|txt|md|lock)\Z|/Caddyfile\Z"
)
CERTIFICATES = r"(?i)/(ssl|tls|certs?|certificates?)(/|\Z)|\.(pem|crt|cer|key)\Z"
"""Targets that hold what nobody but the owner of the name can make."""

BY_HAND = {
    r"(?i)/acme[\w-]*\.json\Z": (
        "Traefik keeps its certificates and their keys there and wants the file for itself alone:"
        " install -m 600 /dev/null {path}, and have git ignore it."
    ),
    r"(?i)dhparams?(-?\d+)?\.pem\Z": "Make the parameters: openssl dhparam -out {path} 2048.",
    r"(?i)htpasswd[^/]*\Z": "Make it with the first user: htpasswd -cB {path} NAME.",
}
"""Targets that hold what is different on each machine, and how it is made."""

OUT_OF_USE = (
    r"(?i)(^|/)(archives?|deprecated|old|backups?|node_modules|vendor|third[_-]?party|examples?|"
    r"samples?|tests?|testdata|fixtures?)(/|\Z)"
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find mounts of files, and of folders a program reads its settings from, that are missing."""
    for service in stack.services.values():
        for mount in service.bind_mounts:
            if _is_missing(stack, mount):
                from fixer.scaffold.configuration import program_at

                program = program_at(service, mount.target)
                if program or _is_file(mount) or _holds_certificates(mount):
                    finding = _finding(stack, service, mount, program)
                    if finding is not None:
                        yield finding


def _is_missing(stack: Stack, mount: Mount) -> bool:
    repository, path = stack.repository, mount.path
    source = mount.at.get("source") or mount.at
    if not path or not stack.is_known(source.text):
        return False
    if not repository.is_missing(path):
        return False
    return not repository.is_left_out(path) and repository.generated(path) is None


def _is_file(mount: Mount) -> bool:
    """Whether a file is meant: both ends of the mount are called like one."""
    source, target = mount.source.rstrip("/"), mount.target
    return bool(re.search(CONFIGURATION, source) and re.search(CONFIGURATION, target))


def _holds_certificates(mount: Mount) -> bool:
    return re.search(CERTIFICATES, mount.target) is not None


def _finding(stack: Stack, service: Service, mount: Mount, program: str | None) -> Finding | None:
    """The finding, or None where a folder is meant that may as well be empty."""
    assert mount.path is not None
    message = (
        f"{service.name} mounts {mount.path}, which does not exist: Docker makes an empty folder of"
        f" that name, and {mount.target} is not what the container needs."
    )
    found = _elsewhere(stack, mount)
    if len(found) > 1:
        steps = f"Mount the right one of these: {', '.join(found)}."
        return Finding(mount.at.at, message, steps=steps)
    if found:
        return Finding(mount.at.at, message, (_corrected(stack, mount, found[0]),))
    from fixer.scaffold.configuration import files_for, steps_for
    from fixer.scaffold.files import mode_of

    by_hand = next((steps for target, steps in BY_HAND.items() if re.search(target, mount.target)), None)
    if by_hand is not None:
        return Finding(mount.at.at, message, steps=by_hand.format(path=mount.path))
    files = files_for(program, stack, service, mount) if program else {}
    if not files and _holds_certificates(mount):
        return Finding(mount.at.at, message, steps=_certificate_steps(service, mount))
    known = steps_for(program, service, mount) if program else None
    is_file = _is_file(mount) or (program is not None and "." in mount.target.rpartition("/")[2])
    if not files and not known and not is_file:
        return None
    if not files:
        steps = known or f"Put the file that {service.name} needs at {mount.path}, or correct the path."
        return Finding(mount.at.at, message, steps=steps)
    changes = tuple(CreateFile(path, text.encode(), mode_of(text)) for path, text in files.items())
    return Finding(mount.at.at, message, changes)


def _certificate_steps(service: Service, mount: Mount) -> str:
    """How to come to a certificate, under the names by which the service's configuration has it."""
    from fixer.scaffold.configuration.certificates import certificate

    found = certificate(service)
    names = [each.rpartition("/")[2] for each in found] if found else ["cert.pem", "key.pem"]
    folder = f"{mount.path}/"
    if re.search(CONFIGURATION, mount.target):
        folder = f"{(mount.path or '').rpartition('/')[0]}/".lstrip("/")
    chain, key = (f"{folder}{name}" for name in names)
    return (
        f"Put the certificate at {chain} and its key at {key}; for a trial: openssl req -x509 -newkey"
        f" rsa:2048 -nodes -days 30 -subj /CN=localhost -keyout {key} -out {chain}."
    )


def _elsewhere(stack: Stack, mount: Mount) -> list[str]:
    """The files of that name that fit best: those with the same folders above them, then the nearest
    ones. Empty where none is near enough to be meant."""
    wanted = mount.path or ""
    name = wanted.rpartition("/")[2]
    ranked: dict[tuple[int, int], list[str]] = {}
    candidates = [
        path
        for path in stack.repository.named(name)
        if not re.search(OUT_OF_USE, path) and _fits(stack, path, mount)
    ]
    for path in candidates:
        shared = _shared_end(path, wanted)
        steps = os.path.relpath(path, os.path.dirname(wanted) or ".").count("/")
        if shared > 1 or len(candidates) == 1 or steps <= 2:
            ranked.setdefault((shared, -steps), []).append(path)
    return ranked[max(ranked)] if ranked else []


def _shared_end(one: str, other: str) -> int:
    """How many last parts two paths have in common."""
    count = 0
    for part, counterpart in zip(reversed(one.split("/")), reversed(other.split("/")), strict=False):
        if part != counterpart:
            break
        count += 1
    return count


def _fits(stack: Stack, path: str, mount: Mount) -> bool:
    """Whether a file can be the one that is meant: it is not what a Dockerfile copies into an image
    of its own, and an nginx.conf is a whole configuration."""
    content = stack.repository.read(path) or b""
    if mount.target == "/etc/nginx/nginx.conf" and not re.search(rb"(?m)^\s*events\b", content):
        return False
    name = path.rpartition("/")[2]
    return not any(
        source.rpartition("/")[2] == name
        for each in stack.repository.files
        if "dockerfile" in each.rpartition("/")[2].lower() and (document := stack.dockerfile(each))
        for instruction in (*document.named("COPY"), *document.named("ADD"))
        for source in instruction.words[:-1]
    )


def _corrected(stack: Stack, mount: Mount, found: str) -> EditYaml:
    file, node = mount.at.file, mount.at.node
    path = os.path.relpath(found, stack.folder_of(file) or ".")
    path = path if path.startswith("../") else f"./{path}"
    operation: Operation
    if mount.form == "long":
        operation = Set((*mount.at.route, "source"), path, node.document)
    else:
        old = mount.at.text.partition(f":{mount.target}")[0]
        operation = Rewrite(mount.at.route, old, path, node.document)
    return EditYaml(file.path, (operation,))
