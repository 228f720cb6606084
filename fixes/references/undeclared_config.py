"""A service uses a config that the stack does not declare.

## What is wrong

Every config must stand under the top-level `configs` with its file or content. Compose refuses the
stack: `service "web" refers to undefined config nginx_conf: invalid compose project`.

## What dockfix does

- Where a declared config that nobody uses is spelled nearly so, the declaration gets the name that is
  used.
- Where another file of the same project declares the config, its declaration is added to this file
  too. Where another project declares it as external, it is external here.
- Where one file is called like the config (`nginx.conf` or `config/nginx.conf` for `nginx_conf`), the
  config is declared with that file.
- Else a person has to say what is in it.

## Fix safety

Safe: Compose refuses the stack as it is, and the file is named after the config. External is unsafe.

## References

Compose specification, Configs top-level element.
"""

from __future__ import annotations

from collections.abc import Iterator

from fixer.finding import Finding, Fix, Safety, Severity
from fixer.stack import Stack
from fixes.references._declaring import (
    Undeclared,
    declared,
    declared_elsewhere,
    files_called,
    misspelled,
    undeclared,
)

fix = Fix(
    summary="A service uses a config that the stack does not declare.",
    severity=Severity.ERROR,
    safety=Safety.SAFE,
)

FOLDERS = ("", "configs", "config", "conf", "etc")
ENDINGS = ("conf", "cfg", "ini", "yml", "yaml", "json", "toml", "xml", "properties", "txt")


def detect(stack: Stack) -> Iterator[Finding]:
    """Find configs that are used but not declared."""
    for each in undeclared(stack, "config"):
        yield misspelled(each) or declared_elsewhere(each) or _from_file(each)


def _from_file(each: Undeclared) -> Finding:
    found = files_called(each, FOLDERS, ENDINGS)
    if len(found) == 1:
        return declared(each, {"file": found[0]})
    source = f"the right one of these files: {', '.join(found)}" if found else "its file or content"
    steps = f"Declare {each.use.name} under the top-level configs, with {source}."
    return Finding(each.use.at.at, each.message, steps=steps)
