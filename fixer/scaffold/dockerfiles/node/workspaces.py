"""Workspaces: several packages below one lock file, of which a service is one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fixer.scaffold.dockerfiles.node.package import Package
from fixer.scaffold.project import Project


class Member(NamedTuple):
    """A package of a workspace, in a folder relative to the workspace's root."""

    folder: str
    package: Package


class Workspace(NamedTuple):
    """The packages of a workspace, those that a service is built from marked."""

    members: tuple[Member, ...]
    own: Member

    @property
    def siblings(self) -> list[Member]:
        """The members that the service's package depends on, each after those that it needs itself."""
        found: list[Member] = []
        seen, waiting = {self.own.folder}, [(self.own, self._needed_by(self.own))]
        while waiting:
            member, needed = waiting[-1]
            each = next((each for each in needed if each.folder not in seen), None)
            if each is None:
                found.append(member)
                waiting.pop()
            else:
                seen.add(each.folder)
                waiting.append((each, self._needed_by(each)))
        return found[:-1]

    def _needed_by(self, member: Member) -> Iterator[Member]:
        names = member.package.dependencies
        return (each for each in self.members if each.package.name in names)


def members_of(root: Project) -> tuple[Member, ...]:
    """Give the packages that the manifest of a workspace's root names; none where it is no such root."""
    patterns = [re.sub(r"^\./|/+$", "", each) for each in _patterns(root)]
    wanted = [_expression(each) for each in patterns if not each.startswith("!")]
    unwanted = [_expression(each[1:]) for each in patterns if each.startswith("!")]
    folders = [
        path.removesuffix("/package.json") for path in root.files if path.endswith("/package.json")
    ]
    return tuple(
        Member(folder, Package(Project(root.repository, root.context, _join(root.folder, folder))))
        for folder in folders
        if any(re.fullmatch(each, folder) for each in wanted)
        and not any(re.fullmatch(each, folder) for each in unwanted)
        and "node_modules" not in folder.split("/")
    )


def member_named(members: tuple[Member, ...], name: str) -> Member | None:
    """Give the one package whose folder or name is a service's."""
    found = [each for each in members if each.folder.rpartition("/")[2] == name]
    found = found or [each for each in members if each.package.name.rpartition("/")[2] == name]
    return found[0] if len(found) == 1 else None


def root_above(project: Project) -> str | None:
    """Give the folder above a project's context whose workspace the project belongs to."""
    folder = project.context
    while folder:
        folder = folder.rpartition("/")[0]
        below = project.folder[len(folder) :].strip("/")
        root = Project(project.repository, folder)
        if any(each.folder == below for each in members_of(root)):
            return folder or "."
    return None


def _patterns(root: Project) -> list[str]:
    listed: object = root.json("package.json").get("workspaces")
    if isinstance(listed, dict):
        listed = listed.get("packages")
    if root.has("pnpm-workspace.yaml"):
        listed = _yaml(root.text("pnpm-workspace.yaml")).get("packages")
    return [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []


def _yaml(text: str) -> dict[str, object]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        data = YAML(typ="safe", pure=True).load(text)
    except (YAMLError, RecursionError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _expression(pattern: str) -> str:
    """The regular expression of a pattern in which `*` is one folder and `**` any number."""
    parts = re.split(r"(\*\*/?|\*)", pattern)
    special = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
    return "".join(special.get(part, re.escape(part)) for part in parts)


def _join(folder: str, below: str) -> str:
    return f"{folder}/{below}" if folder else below
