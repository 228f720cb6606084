"""A published port is written in a way that Compose cannot read.

## What is wrong

A port in short form is `[[address:]published:]port[/protocol]`, its numbers from 1 to 65535 or ranges
of one length. On anything else Compose stops: `invalid containerPort: 8080->80`, `invalid hostPort:`,
`invalid proto: http`, `invalid IP address: localhost`, `invalid ranges specified for container and host
Ports`.

## What dockfix does

It repairs what can only mean one thing: blanks around the colon, `8080->80`, `=` or `;` for the colon,
a comment or a stray quote inside, the protocol at the wrong part or behind a colon (`80:80:udp`),
`localhost` and `*` as the address, `http` and `https` as port names, several ports in one text. An
empty item goes. A scheme before one port (`https://8443`) says nothing of the other one and is for a
person. Else the finding says how a port is written.

## Fix safety

Safe: Compose refuses the stack as it is.

## References

Compose specification, ports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixer.changes import EditYaml
from fixer.documents.yaml import Append, Delete, Operation, Set
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Stack, Value

fix = Fix(
    summary="A published port is written in a way that Compose cannot read.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

ENDS = ((r"\s+#.*", ""), (r"\A[\s\"']+|[\s\"']+\Z", ""))
"""What is mended first, and in a port with a variable only, and how."""

REPAIRS = (
    (r"\A\s+|\s+\Z|\s*(?=:)|(?<=:)\s+", ""),
    (r"\A(\d+)\s*(?:[-=]>|=|;)\s*(\d+(?:/\w+)?)\Z", r"\1:\2"),
    (r"\A(\w+)://(?=.*:)", ""),
    (r"\A(.+)/(tcp|udp):(\d+)(?:/\2)?\Z", r"\1:\3/\2"),
    (r":(\d+)[:-](tcp|udp|sctp)\Z", r":\1/\2"),
    (r"\Alocalhost:(?=.+:)", "127.0.0.1:"),
    (r"\A\*:(?=.+:)", "0.0.0.0:"),
    (r"(?<=:)https(?=/|\Z)", "443"),
    (r"(?<=:)http(?=/|\Z)", "80"),
)
"""What is mended then, in this order."""

LONGEST = 200
"""No port that is meant has more characters."""

STEPS = (
    'Write it as "published:port", for instance "8080:80"; before it may stand an address'
    ' ("127.0.0.1:8080:80") and behind it a protocol ("53:53/udp").'
)


def detect(stack: Stack) -> Iterator[Finding]:
    """Find ports in short form that Compose refuses. One with a variable without a value depends on who
    runs it."""
    for service in stack.services.values():
        ports = service.value.get("ports")
        for item in ports.items() if ports else ():
            is_single = not isinstance(item.data, dict | list) and item.data is not None
            if is_single and len(item.text) > LONGEST:
                message = f"Compose refuses the stack: invalid containerPort: {item.text}."
                yield Finding(item.at, message, steps=STEPS)
            elif is_single and stack.is_known(item.text):
                refusal = _refusal(stack.interpolate(item.text, item.file), item)
                if refusal:
                    yield _finding(stack, item, refusal)


def _finding(stack: Stack, item: Value, refusal: str) -> Finding:
    message = f"Compose refuses the stack: {refusal}."
    operations = _repaired(stack, item)
    if not operations or item.node.anchor is not None:
        return Finding(item.at, message, steps=STEPS)
    return Finding(item.at, message, (EditYaml(item.file.path, operations),))


def _repaired(stack: Stack, item: Value) -> tuple[Operation, ...]:
    route, document = item.route, item.node.document
    if item.text == "":
        return (Delete(route, document),)
    text = item.text
    for pattern, mended in ENDS if "$" in text else ENDS + REPAIRS:
        text = re.sub(pattern, mended, text)
    parts = re.split(r"\s*[,\s]\s*", text)
    if len(parts) > 1 and not all(":" in part for part in parts):
        return ()
    if any(_refusal(stack.interpolate(part, item.file), item) for part in parts):
        return ()
    more = [Append(route[:-1], part, document) for part in parts[1:]]
    return (Set(route, parts[0], document), *more)


def _refusal(text: str, item: Value) -> str:
    """What Compose says of a port in short form; empty where it takes it."""
    if isinstance(item.data, float):
        return "ports: invalid type float64 for port"
    *head, last = text.split(":")
    target, _, protocol = last.partition("/")
    published = head.pop() if head else ""
    address = ":".join(head)
    if not target or protocol.lower() not in ("", "tcp", "udp", "sctp"):
        return f"invalid proto: {protocol}".rstrip()
    if address and not _is_address(address):
        return f"invalid IP address: {address}"
    target_range, published_range = _range(target), _range(published)
    if target_range is None:
        return f"invalid containerPort: {target}"
    if published and published_range is None:
        return f"invalid hostPort: {published}"
    several = len(target_range) > 1 or not published_range
    if published_range and several and len(target_range) != len(published_range):
        return f"invalid ranges specified for container and host Ports: {target} and {published}"
    return ""


def _is_address(text: str) -> bool:
    from ipaddress import ip_address

    try:
        ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _range(text: str) -> range | None:
    """The ports of a number or a range, None where it is neither."""
    match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", text)
    if match is None:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    return range(first, last + 1) if first <= last <= 65535 else None
