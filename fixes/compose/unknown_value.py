"""A setting with a few known values has another one.

## What is wrong

Some settings take one of a few words. Compose stops at another one:
`services.web.depends_on.db.condition value must be one of 'service_started', 'service_healthy',
'service_completed_successfully'`, `services.web.pull_policy 'allways' does not match pattern`. A
restart policy it passes on as it is, and Docker refuses the container: `invalid restart policy: unknown
policy 'on_failure'`. A network mode in capitals, a logging driver and the modes of `deploy` it passes on
too.

## What dockfix does

Where exactly one of the words is spelled nearly so, or has the word as its part (`healthy` for
`service_healthy`), it writes that one. Else the finding names the words. Logging drivers can be
plug-ins, and Compose does not check the modes of `deploy`: there only a slip of the keyboard is
reported.

## Fix safety

Safe where Compose or Docker refuses the stack as it is. Unsafe for logging drivers, the modes of
`deploy` and the network mode, which Compose accepts as they are.

## References

Compose specification; Docker documentation, Start containers automatically.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Node, Scalar, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.spelling import nearest, slip
from fixer.stack import ComposeFile, Service, Stack, Value
from fixer.stack.service import NETWORK_MODES
from fixer.stack.specification import Complaint

fix = Fix(
    summary="A setting with a few known values has another one.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

PULL_POLICY = "always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+"

PULL_POLICIES = ("always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly")

RESTART = r"(no|none|any|always|unless-stopped|on-failure(:\d+)?)?\Z"

RESTARTS = {
    "no": "no",
    "never": "no",
    "always": "always",
    "on-failure": "on-failure",
    "unless-stopped": "unless-stopped",
}

NEAR = {
    ("logging", "driver"): (
        "json-file", "local", "syslog", "journald", "gelf", "fluentd", "awslogs", "splunk", "gcplogs",
    ),
    ("deploy", "mode"): ("replicated", "global", "replicated-job", "global-job"),
    ("deploy", "endpoint_mode"): ("vip", "dnsrr"),
    ("deploy", "restart_policy", "condition"): ("none", "on-failure", "any"),
    ("deploy", "update_config", "failure_action"): ("continue", "rollback", "pause"),
}  # fmt: skip
"""Words of settings that Compose does not check, and that may have others: a near one is meant."""


def detect(stack: Stack) -> Iterator[Finding]:
    """Find words that are none of those known in their place."""
    for file in stack.files:
        for complaint in file.complaints:
            if complaint.problem == "choice":
                yield _choice(file, complaint)
    for service in stack.services.values():
        yield from _restart(service)
        yield from _pull_policy(service)
        yield from _near(service)


def _choice(file: ComposeFile, complaint: Complaint) -> Finding:
    node, choices = complaint.node, complaint.shape.choices
    assert isinstance(node, Scalar)
    listed = ", ".join(f"'{each}'" for each in choices)
    words = f"must be one of {listed}" if len(choices) > 1 else f"must be {listed}"
    message = f"Compose refuses the file: {complaint.location} value {words}."
    place = Place(file.path, file.document.position(node))
    return _finding(place, message, file.path, node, _meant(node.value, choices), choices)


def _meant(word: str, choices: tuple[str, ...]) -> str | None:
    plain = re.sub(r"[\s-]", "_", word.lower())
    meant = {each for each in choices if len(plain) > 3 and (plain in each or each in plain)}
    near = nearest(word, choices)
    meant |= {near} if near else set()
    return meant.pop() if len(meant) == 1 else None


def _finding(
    place: Place, message: str, path: str, node: Node, meant: str | None, known: tuple[str, ...]
) -> Finding:
    if meant is None or node.anchor is not None:
        return Finding(place, message, steps=f"Write one of {', '.join(known)}.")
    operation = Set(node.route, meant, node.document)
    return Finding(place, message, (EditYaml(path, (operation,)),))


def _restart(service: Service) -> Iterator[Finding]:
    value = _text(service, ("restart",))
    if value is None or re.match(RESTART, value.text):
        return
    message = (
        f"Docker refuses to create the container of {service.name}: invalid restart policy: unknown"
        f" policy '{value.text}'."
    )
    policy, colon, retries = value.text.replace(" ", "").partition(":")
    near = nearest(policy, RESTARTS)
    meant = f"{RESTARTS[near]}{colon}{retries}" if near else None
    meant = meant if meant and re.match(RESTART, meant) else None
    known = tuple(dict.fromkeys(RESTARTS.values()))
    yield _finding(value.at, message, value.file.path, value.node, meant, known)


def _pull_policy(service: Service) -> Iterator[Finding]:
    value = _text(service, ("pull_policy",))
    if value is None or re.search(PULL_POLICY, value.text):
        return
    message = (
        f"Compose refuses the stack: services.{service.name}.pull_policy '{value.text}' does not match"
        f" pattern '{PULL_POLICY}'."
    )
    meant = nearest(value.text, PULL_POLICIES)
    yield _finding(value.at, message, value.file.path, value.node, meant, PULL_POLICIES)


def _near(service: Service) -> Iterator[Finding]:
    for path, words in NEAR.items():
        value = _text(service, path)
        if value is None or value.text in words:
            continue
        meant = slip(value.text, words)
        if meant is not None:
            message = (
                f"{'.'.join(path)} of {service.name} is '{value.text}', which Compose does not check and"
                f" which reads like a slip of '{meant}'."
            )
            found = _finding(value.at, message, value.file.path, value.node, meant, words)
            yield found._replace(safety=Safety.UNSAFE)
    mode = _text(service, ("network_mode",))
    if mode is not None and mode.text.lower() in NETWORK_MODES and not mode.text.islower():
        message = f"Docker takes the network_mode '{mode.text}' of {service.name} for a network's name."
        word = mode.text.lower()
        found = _finding(mode.at, message, mode.file.path, mode.node, word, (word,))
        yield found._replace(safety=Safety.UNSAFE)


def _text(service: Service, path: tuple[str, ...]) -> Value | None:
    """A text of a service, if it stands for itself."""
    value: Value | None = service.value
    for key in path:
        value = value.get(key) if value is not None else None
    is_text = value is not None and isinstance(value.data, str) and "$" not in value.text
    return value if is_text else None
