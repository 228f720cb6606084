"""Where the sources of a service stand: in a folder of their own, or in a workspace."""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles.node.managers import Manager, manager_of
from fixer.scaffold.dockerfiles.node.package import Package
from fixer.scaffold.dockerfiles.node.workspaces import Workspace, member_named, members_of, root_above
from fixer.scaffold.dockerfiles.scaffold import CannotBuild
from fixer.scaffold.project import Project
from fixer.stack.merging import join


class Place(NamedTuple):
    """The package's own project, the one with the lock file, which is copied to `folder` in the image,
    and the workspace that both are of, if they are."""

    project: Project
    package: Package
    root: Project
    folder: str
    manager: Manager
    workspace: Workspace | None = None

    @property
    def prefix(self) -> str:
        """What stands before the package's paths below the root: `apps/web/`, or nothing."""
        return self.project.prefix if self.workspace else ""

    @property
    def source(self) -> str:
        """What stands before the root's paths in the build's context."""
        return self.root.prefix

    @property
    def packages(self) -> list[Package]:
        """The manifests of all that is installed."""
        if self.workspace is None:
            return [self.package]
        needed = [each.package for each in (self.workspace.own, *self.workspace.siblings)]
        return [Package(self.root), *needed]

    def path(self, *names: str) -> str:
        """Give the path in the image of what stands below the package's folder."""
        return posixpath.normpath(posixpath.join(self.folder, self.prefix, *names))


def place_of(project: Project, demands: Demands) -> Place | None:
    """Give where a package stands; None where there is none.

    Raises CannotBuild where the lock file stands outside of the build's context.
    """
    package = Package(project)
    if not package.data:
        return None
    folder = demands.folder or "/app"
    context = Project(project.repository, project.context)
    members = members_of(context)
    if project.prefix:
        own = next((each for each in members if f"{each.folder}/" == project.prefix), None)
    else:
        own = member_named(members, demands.name)
    if own is not None:
        member = Project(project.repository, project.context, join(project.context, own.folder))
        manager = manager_of(context, Package(context))
        return Place(member, own.package, context, folder, manager, Workspace(members, own))
    manager = manager_of(project, package)
    above = None if manager.is_locked else root_above(project)
    if above is not None:
        dockerfile = join(posixpath.relpath(project.folder, above), "Dockerfile")
        folder = "the root" if above == "." else above
        raise CannotBuild(
            f"Build from {folder}, which has the lock file and the packages beside this one: set"
            f" `context` to that folder and `dockerfile` to {dockerfile}; then dockfix writes that file."
        )
    return Place(project, package, project, folder, manager)
