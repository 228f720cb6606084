"""Merge requests of GitLab, by the options of the push: no program and no further token is needed."""

from __future__ import annotations

import re

from fixer.discretion import discreet
from fixer.forge.error import ForgeError
from fixer.forge.fitting import fitting

LIMIT = 65516
"""The bytes of an option: what a packet of git's protocol holds."""

AGAIN = """

---

*`dockfix branch` writes this text anew with each push: put your own words into a comment.*
"""

_DESCRIPTION = "merge_request.description="


class GitLab:
    """A server that makes merge requests of pushes."""

    def push_options(self, base: str, title: str, body: str, *, is_new: bool) -> list[str]:
        """Give the options of the push, each for an `-o`, that open a merge request or bring the text
        of the open one up to date. Where the branch is not new on the server, people may have changed
        the title, and it stays."""
        options = ["merge_request.create", f"merge_request.target={base}"]
        if is_new:
            options.append(f"merge_request.title={title}")
        text = _harmless(body)
        while (excess := len(_description(text).encode()) - LIMIT) > 0:
            text = fitting(text, len(text.encode()) - excess)
        return [*options, _description(text)]

    def merge_request(self, said: str) -> str | None:
        """Give the URL of the merge request that a push's output names; None where it names none.

        Raises ForgeError where GitLab refuses the options; the branch is pushed all the same.
        """
        lines = [line.removeprefix("remote:").strip() for line in said.splitlines()]
        text = " ".join(line for line in lines if line)
        _, refused, rest = text.partition("Error encountered with push options")
        if refused:
            # What GitLab says comes behind all the options, and before the line under its box.
            problem = re.split("={20,}", rest)[0].rpartition("': ")[2].strip()
            raise ForgeError(f"GitLab opens no merge request: {discreet(problem)}")
        match = re.search(r"View merge request for \S+:\s+(\S+)", text)
        return match[1] if match else None


def _description(text: str) -> str:
    r"""Give the option with a text: git takes no line ends in it, GitLab makes them of each `\n`."""
    return _DESCRIPTION + (text + AGAIN).replace("\n", "\\n")


def _harmless(text: str) -> str:
    r"""Give a text in which a `\n` stays what it is, and no line starts with a slash: GitLab would carry
    it out as a command."""
    return re.sub(r"^(\s*)/", r"\1&#47;", text.replace("\\n", "&#92;n"), flags=re.MULTILINE)
