"""Variables that the tools of a build need, or read."""

from __future__ import annotations

from fixer.scaffold.dockerfiles.node.package import Package
from fixer.scaffold.dockerfiles.node.place import Place

FIRST_WITH_WEBPACK_5 = {"webpack": 5, "react-scripts": 5, "@vue/cli-service": 5, "nuxt": 3, "next": 12}
"""From which major version on a tool builds with webpack 5, or a later one."""

TELEMETRY = {
    "astro": {"ASTRO_TELEMETRY_DISABLED": "1"},
    "gatsby": {"GATSBY_TELEMETRY_DISABLED": "1"},
    "next": {"NEXT_TELEMETRY_DISABLED": "1"},
    "nuxt": {"NUXT_TELEMETRY_DISABLED": "1"},
    "turbo": {"TURBO_TELEMETRY_DISABLED": "1"},
}
"""What keeps a tool from reporting how it is used."""


def build_variables(place: Place) -> dict[str, str]:
    """Give the variables of the stages that install and build."""
    found: dict[str, str] = {}
    if place.manager.name == "berry":
        # Without Yarn's own loader, which node would have to be started with.
        found |= {"YARN_ENABLE_GLOBAL_CACHE": "true", "YARN_NODE_LINKER": "node-modules"}
        found |= {"YARN_ENABLE_TELEMETRY": "false"}
    for package in place.packages:
        found |= telemetry(package, place.manager.name)
        for name, first in FIRST_WITH_WEBPACK_5.items():
            major = package.major(name)
            if major is not None and major < first:
                # webpack 4 hashes with MD4, which OpenSSL 3 has among its legacy algorithms only.
                found["NODE_OPTIONS"] = "--openssl-legacy-provider"
    return found


def telemetry(package: Package, program: str) -> dict[str, str]:
    """Give the variables that keep the tools of a package from reporting how they are used."""
    found: dict[str, str] = {"DO_NOT_TRACK": "1"} if program == "bun" else {}
    for name, variables in TELEMETRY.items():
        found |= variables if package.asks_for(name) else {}
    return found
