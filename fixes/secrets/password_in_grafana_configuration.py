"""A configuration file of Grafana holds a password.

## What is wrong

What stands under `secureJsonData:` of a data source, in the settings of a notification, or as
`admin_password`, `secret_key` or `client_secret` in grafana.ini is in the repository for everyone to
read. Grafana encrypts it in its own database; the file that it comes from is not encrypted.

## What dockfix does

Grafana puts variables of its environment into both kinds of files. The value goes to `.env`, which git
ignores, the service gets it as a variable, and the file names that: `$NAME` in a provisioning file,
`$__env{NAME}` in grafana.ini. A name that `.env` or a Compose file has for the value already is used.

In grafana.ini, `GF_<SECTION>_<KEY>` in the environment would override the setting without a word in the
file. The file says where its value comes from instead, and sections that Grafana's defaults do not know
are read in the same way. Where such a variable overrides the setting already, only the file changes.
In a provisioning file it is `$NAME`, not `${NAME}`, since Grafana expands the latter twice and would
change a password that has a `$`.

The value of a header is a secret where its name tells so: that of `X-Scope-OrgID` is not. A private key
has several lines, which `.env` is no place for: a person has to move it into a file. A file of data
sources without `apiVersion: 1` has an old form that takes no variables, which a person has to change.

## Fix safety

Safe: Grafana logs in with the same value. Needs Grafana 7.1, for contact points 9.1.7.

## References

Grafana documentation, Provision Grafana (Use environment variables) and Configuration (Variable
expansion); grafana/grafana, pkg/setting/expanders.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Sequence as List
from typing import NamedTuple

from fixer.changes import Change, EditText, EditYaml
from fixer.documents.ini import IniDocument
from fixer.documents.yaml import Mapping, Node, Scalar, Sequence, Set, YamlDocument, YamlSyntaxError
from fixer.finding import Finding, Fix, Safety, Severity
from fixer.place import Place
from fixer.secret_names import is_secret_name, variable_name
from fixer.stack import Service, Stack
from fixes.secrets._configurations import (
    configurations,
    contents,
    from_environment,
    has_variable,
    readers,
)
from fixes.secrets._literals import is_secret
from fixes.secrets._weak import is_well_known

fix = Fix(
    summary="A configuration file of Grafana holds a password.",
    severity=Severity.WARNING,
    safety=Safety.SAFE,
    exposed=True,
)

PROVISIONING = ("grafana-datasources", "grafana-notifiers", "grafana-alerting")

ENCRYPTED = ("secureJsonData", "secure_json_data", "secureSettings", "secure_settings")
"""The mappings all of whose values are secret."""

SECRETS = ("integrationKey", "bottoken", "userKey", "authorization_credentials")
"""Keys of a notification's settings that are not called like a secret and are one."""

CERTIFICATES = ("tlsCACert", "tlsClientCert", "serverName")
"""Keys whose values everyone may see, which Grafana keeps encrypted all the same."""

HEADER_VALUE = r"httpHeaderValue(\d+)\Z"
SECRET_HEADER = r"(?i)auth|token|key|secret|password|cookie"
SCHEME = r"(Bearer|Basic|Token|GenieKey) +(?=\S)"
"""What stands before the secret in a header."""

FILLED_IN = r"\{\{|__|<%"
"""What a script puts a value in the place of."""

PUBLISHED = ("SW2YcwTIb9zpOOhoPsMm",)
"""The `secret_key` of Grafana's own defaults."""

KEY_STEPS = (
    "Keep the key in a file that git ignores and the container's user can read, mount it, and write"
    " $__file{PATH} here."
)

OLD_STEPS = (
    "Write the file in the form of apiVersion: 1 (secureJsonData); the old one takes no variables. Then"
    " run dockfix again."
)


class Written(NamedTuple):
    """A secret in a file: what it is called there, a name for it, what stands before it in the value,
    and the secret itself."""

    key: str
    name: str
    before: str
    value: str


def detect(stack: Stack) -> Iterator[Finding]:
    """Find the passwords in the configuration files that services mount, each once."""
    named: dict[str, str] = {}
    for program in (*PROVISIONING, "grafana"):
        mounted = (path for each in stack.services.values() for path in configurations(each, program))
        for path, content in contents(stack, mounted):
            services = readers(stack, path, program)
            if program == "grafana":
                yield from _in_ini(services, path, IniDocument(content, "#;"), named)
            elif path.endswith((".yml", ".yaml")):
                try:
                    yield from _in_provisioning(services, path, YamlDocument(content), named)
                except YamlSyntaxError:
                    continue


def _in_provisioning(
    services: List[Service], path: str, document: YamlDocument, named: dict[str, str]
) -> Iterator[Finding]:
    for node in document.walk():
        if isinstance(node, Mapping) and _holds_secrets(node):
            for entry in node.entries:
                key, value = str(entry.name), entry.value
                if isinstance(value, Scalar) and _is_secret_key(node, key):
                    place = Place(path, document.position(value))
                    if "PRIVATE KEY-----" in value.value:
                        yield Finding(place, _message(key), steps=KEY_STEPS)
                    elif written := _written(services[0], node, key, value.value):
                        if _is_old(document):
                            yield Finding(place, _message(key), steps=OLD_STEPS)
                        else:
                            yield _in_value(services, place, value, written, named)


def _in_value(
    services: List[Service], place: Place, value: Scalar, written: Written, named: dict[str, str]
) -> Finding:
    found = _moved(services, written, named)
    if found is None:
        return _told(place, written, "$NAME")
    operation = Set(value.route, f"{written.before}${found[0]}", value.document)
    changes = (EditYaml(place.path, (operation,)), *found[1])
    return Finding(place, _message(written.key), changes)


def _is_old(document: YamlDocument) -> bool:
    """Whether a file of data sources has the form that Grafana had before it counted versions."""
    root = document.root
    if not isinstance(root, Mapping) or root.get("datasources") is None:
        return False
    version = root.get("apiVersion")
    return not isinstance(version, Scalar) or version.value in ("", "0")


def _holds_secrets(node: Mapping) -> bool:
    is_item = isinstance(node.parent, Sequence) and node.parent.step == "datasources"
    return is_item or node.step == "settings" or node.step in ENCRYPTED


def _is_secret_key(node: Mapping, key: str) -> bool:
    if found := re.match(HEADER_VALUE, key):
        header = _header(node, found[1])
        return header is not None and re.search(SECRET_HEADER, header) is not None
    if node.step in ENCRYPTED:
        return key not in CERTIFICATES
    return key in SECRETS or is_secret_name(_words(key))


def _header(node: Mapping, number: str) -> str | None:
    """The name of the header that a value in `secureJsonData` is of."""
    owner = node.parent
    plain = owner.get("jsonData") if isinstance(owner, Mapping) else None
    name = plain.get(f"httpHeaderName{number}") if isinstance(plain, Mapping) else None
    return name.value if isinstance(name, Scalar) else None


def _written(service: Service, node: Mapping, key: str, text: str) -> Written | None:
    """The secret in a value; None where it is a reference, or opens nothing."""
    found = re.match(SCHEME, text)
    before, value = (found[0], text[found.end() :]) if found else ("", text)
    if "$" in value.replace("$$", "") or re.search(FILLED_IN, value):
        return None
    value = value.replace("$$", "$")
    if not is_secret(value) or is_well_known(value):
        return None
    last = "TOKEN" if re.match(HEADER_VALUE, key) else _words(key)
    return Written(key, _name(service.name, *_owners(node), last), before, value)


def _owners(node: Node | None) -> Iterator[str]:
    """The name of the data source or notification that a mapping is a part of."""
    while node is not None:
        name = node.get("name") if isinstance(node, Mapping) else None
        if isinstance(name, Scalar):
            yield name.value
            return
        node = node.parent


def _in_ini(
    services: List[Service], path: str, document: IniDocument, named: dict[str, str]
) -> Iterator[Finding]:
    for setting in document.settings:
        value = setting.value
        is_reference = re.search(rf"\$(__\w+)?\{{|%\(|{FILLED_IN}", value)
        is_known = value in PUBLISHED or is_well_known(value)
        if is_secret_name(setting.name) and is_secret(value) and not is_reference and not is_known:
            place = Place(path, document.source.position(setting.start))
            name = _name("GF", setting.section, setting.name)
            written = Written(setting.name, name, "", value)
            is_overridden = all(_overrides(service, name) for service in services)
            found = (name, []) if is_overridden else _moved(services, written, named)
            if found is None:
                yield _told(place, written, "$__env{NAME}")
            else:
                edit = EditText(path, (document.set(setting, f"$__env{{{found[0]}}}"),))
                yield Finding(place, _message(written.key), (edit, *found[1]))


def _overrides(service: Service, name: str) -> bool:
    """Whether a service has the variable that counts in place of the file's setting, or the one that
    names a file to read it from."""
    return has_variable(service, name) or has_variable(service, f"{name}__FILE")


def _moved(
    services: List[Service], written: Written, named: dict[str, str]
) -> tuple[str, list[Change]] | None:
    """The variable that the services get a value by, and the changes; None where the name is another
    value's, here or in what was found before."""
    same = next((name for name, value in named.items() if value == written.value), written.name)
    found = from_environment(services, written.value, same)
    if found is not None and named.setdefault(found[0], written.value) != written.value:
        return None
    return found


def _told(place: Place, written: Written, reference: str) -> Finding:
    steps = (
        f"Keep the value in .env under a name that is free, give it to the service as a variable, and"
        f" write {reference} here."
    )
    return Finding(place, _message(written.key), steps=steps)


def _message(key: str) -> str:
    return f"A value for {key} is written out here, for everyone who reads the repository."


def _words(key: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key)


def _name(*parts: str) -> str:
    return re.sub("__+", "_", variable_name(*parts)).rstrip("_")
