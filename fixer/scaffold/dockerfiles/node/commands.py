"""What each package manager is told: to install, to build, to leave out what is for development."""

from __future__ import annotations

from fixer.scaffold.dockerfiles.node.managers import Manager
from fixer.scaffold.dockerfiles.node.package import Package
from fixer.scaffold.dockerfiles.node.workspaces import Member, Workspace

PROGRAMS = "node_modules/.bin/"
"""Where the programs of packages stand, relative to the project."""

CACHES = {
    "npm": "/root/.npm",
    "pnpm": "/root/.pnpm-store",
    "yarn": "/usr/local/share/.cache/yarn",
    "berry": "/root/.yarn/berry/cache",
    "bun": "/root/.bun/install/cache",
}
"""Where root's downloads are kept."""


def install(manager: Manager, workspace: Workspace | None, production: bool) -> str:
    """Give the command that installs what the lock file says, or the manifest where there is none."""
    own = workspace.own.package.name if workspace else ""
    if manager.name == "npm":
        return f"npm {'ci' if manager.is_locked else 'install'}{' --omit=dev' if production else ''}"
    if manager.name == "berry" and production:
        return f"yarn workspaces focus --production {own or '--all'}"
    words = [manager.program, "install"]
    if manager.is_locked:
        words.append("--immutable" if manager.name == "berry" else "--frozen-lockfile")
    if production:
        words.append("--prod" if manager.name == "pnpm" else "--production")
    if manager.name == "pnpm":
        words += [f"--filter={own}..."] if own else []
        words.append(f"--store-dir={CACHES['pnpm']}")
    return " ".join(words)


def prune(manager: Manager, workspace: Workspace | None) -> str:
    """Give the command that removes what is only for development; empty where the manager cannot."""
    production = install(manager, workspace, production=True)
    if manager.name == "npm":
        return "npm prune --omit=dev"
    if manager.name == "pnpm":
        # It asks before it removes anything, unless it runs in CI, and removes it for good after a week.
        quickly = "--offline --ignore-scripts --config.modules-cache-max-age=0"
        return f"CI=true {production} \\\n    {quickly}"
    if manager.name == "yarn":
        return f"{production} --prefer-offline --ignore-scripts"
    if manager.name == "bun":
        return f"rm -rf node_modules && {production}"
    return production if manager.is_current else ""


def builds(manager: Manager, package: Package, workspace: Workspace | None) -> list[str]:
    """Give the commands that build the packages which a service needs, its own at last."""
    if workspace is None:
        return [f"{manager.program} run {package.build_script}"]
    needed = [each for each in workspace.siblings if "build" in each.package.scripts]
    return [_build(manager, each) for each in (*needed, workspace.own)]


def _build(manager: Manager, member: Member) -> str:
    if manager.name == "npm":
        return f"npm run build --workspace {member.folder}"
    if manager.program == "yarn":
        return f"yarn workspace {member.package.name} run build"
    return f"{manager.program} --filter {member.package.name} run build"
