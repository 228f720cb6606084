"""GitHub's runner, as far as a composite action's steps know it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

GITHUB = "https://github.com"


class Ran(NamedTuple):
    """What the action's steps did: the exit status of the last one that ran, and what it left."""

    status: int
    log: str
    outputs: dict[str, str]
    summary: str


class Runner:
    """Runs a composite action's steps as GitHub's runner does."""

    def __init__(self, checkout: Path, temporary: Path) -> None:
        self.checkout = checkout
        self.temporary = temporary
        self.action = YAML(typ="safe").load(checkout / "action.yml")

    def install(self) -> None:
        ran = self._run(self.action["runs"]["steps"][0], self.temporary, GITHUB, {})
        assert ran.status == 0, ran.log

    def run(self, folder: Path, server: str = GITHUB, **inputs: str) -> Ran:
        """Run what comes after the installation in a checkout from a server; in the name of an input
        `_` stands for `-`."""
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        assert given.keys() <= self.action["inputs"].keys()
        return self._run(self.action["runs"]["steps"][1], folder, server, given)

    def settings(
        self, step: Mapping[str, Any], given: Mapping[str, str], server: str = GITHUB
    ) -> dict[str, str]:
        """The variables of a step, its expressions evaluated."""
        known = {"github.token": "the-job's-token", "github.server_url": server}
        for name, declared in self.action["inputs"].items():
            known[f"inputs.{name}"] = given.get(name, evaluated(declared["default"], known))
        return {name: evaluated(value, known) for name, value in step.get("env", {}).items()}

    def _run(self, step: Mapping[str, Any], folder: Path, server: str, given: Mapping[str, str]) -> Ran:
        assert step["shell"] == "bash"
        assert "${{" not in step["run"]
        files = {name: self.temporary / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for path in files.values():
            path.write_text("")
        script = self.temporary / "step.sh"
        script.write_text(step["run"])
        result = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=folder,
            env={
                **os.environ,
                **self.settings(step, given, server),
                **{name: str(path) for name, path in files.items()},
                "GITHUB_ACTIONS": "true",
                "GITHUB_SERVER_URL": server,
                "GITHUB_ACTION_PATH": str(self.checkout),
                "RUNNER_OS": "Linux",
                "RUNNER_TEMP": str(self.temporary),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
        assert outputs.keys() <= self.action["outputs"].keys()
        return Ran(result.returncode, result.stdout, outputs, files["GITHUB_STEP_SUMMARY"].read_text())


def evaluated(text: str, known: Mapping[str, str]) -> str:
    """A text with its GitHub expressions evaluated, as far as the action uses them."""

    def value(found: re.Match[str]) -> str:
        python = found[1].replace("&&", "and").replace("||", "or")
        named = re.sub(r"\b(?:github|inputs)\.[\w-]+", lambda name: repr(known[name[0]]), python)
        return str(eval(named.strip()))

    return re.sub(r"\$\{\{(.*?)\}\}", value, text)
