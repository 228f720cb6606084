"""Pull requests of GitHub, by its program `gh`.

Of `gh` only its `api` is used. `gh pr edit` fails before 2.82, since it asks for the classic projects
that GitHub has no more, and wants more rights than a job's token has; `gh pr create` starts git, which
would run what the repository's configuration names.
"""

from __future__ import annotations

import html
import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from fixer.discretion import discreet
from fixer.forge.error import ForgeError
from fixer.forge.fitting import fitting
from fixer.marks import with_part

BEGIN = "<!-- dockfix branch: what follows is written by that command -->"
END = "<!-- end of what dockfix branch writes -->"
TITLE = "<!-- the title by dockfix: {} -->"

LIMIT = 65536
"""The characters of a pull request's text. Bytes are counted against it, so that it does not matter
as how many characters GitHub counts one."""

YOURSELF = "or use --pr-body FILE and open the pull request yourself"

_CHANGING = ("GH_DEBUG", "DEBUG", "GH_FORCE_TTY", "CLICOLOR_FORCE", "GH_REPO")
"""Variables by which `gh` prints something else than it is asked for."""


class GitHub(NamedTuple):
    """A repository: the host that `gh` asks, its owner's name, and its own."""

    host: str
    owner: str
    name: str

    def open_or_update(self, branch: str, base: str, title: str, body: str) -> str:
        """Open a pull request for a branch that was pushed, or bring the open one up to date, and give
        its URL. What people wrote into its text stays, and their title.

        Raises ForgeError.
        """
        # A repository that was renamed has other names than its URL says, by which nothing is found.
        repository = self._ask("GET", f"repos/{quote(self.owner, '')}/{quote(self.name, '')}")
        path = f"repos/{repository['full_name']}/pulls"
        of_branch = {"state": "open", "head": f"{repository['owner']['login']}:{branch}"}
        for pull in self._ask("GET", f"{path}?{urlencode(of_branch)}"):
            # A fork of the same owner may have a branch of that name; one may be gone.
            if (pull["head"]["repo"] or {}).get("full_name") == repository["full_name"]:
                changed = {"body": _text(pull["body"], title, body)}
                if TITLE.format(html.escape(pull["title"])) in (pull["body"] or ""):
                    changed["title"] = title
                self._ask("PATCH", f"{path}/{pull['number']}", changed)
                return str(pull["html_url"])
        new = {"title": title, "head": branch, "base": base, "body": _text(None, title, body)}
        return str(self._ask("POST", path, new)["html_url"])

    def _ask(self, method: str, path: str, content: Mapping[str, str] | None = None) -> Any:
        import json
        import subprocess

        command = ["gh", "api", "--include", "--method", method, path]
        command += ["--input", "-"] if content else []
        environment = {name: value for name, value in os.environ.items() if name not in _CHANGING}
        environment |= {"GH_HOST": self.host, "GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1"}
        sent = json.dumps(content).encode() if content else b""
        try:
            result = subprocess.run(command, input=sent, capture_output=True, env=environment)
        except OSError:
            raise ForgeError(
                f"gh is not installed: install it (https://cli.github.com), {YOURSELF}"
            ) from None
        head, _, text = result.stdout.partition(b"\r\n\r\n")
        status = re.match(rb"HTTP/\S+ (\d+)", head)
        if status is None:
            raise ForgeError(
                self._without_answer(result.returncode, result.stderr.decode(errors="replace"))
            )
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        if result.returncode or answer is None:
            raise ForgeError(discreet(self._refusal(int(status[1]), answer, content)))
        return answer

    def _without_answer(self, status: int, said: str) -> str:
        if status == 4:
            return f"gh has no token for {self.host}: {self._login()}, {YOURSELF}"
        why = discreet("; ".join(said.split("\n")).strip("; "))
        return f"gh gets no answer from {self.host} ({why}): try again, {YOURSELF}"

    def _login(self) -> str:
        is_cloud = self.host == "github.com" or self.host.endswith(".ghe.com")
        variable = "GH_TOKEN" if is_cloud else "GH_ENTERPRISE_TOKEN"
        if _in_actions():
            return f"give the step `env: {{ {variable}: ${{{{ github.token }}}} }}`"
        return f"run `gh auth login --hostname {self.host}`, or set {variable}"

    def _refusal(self, status: int, answer: Any, content: Mapping[str, str] | None) -> str:
        """Say what is wrong, and what to do about it."""
        name = f"{self.owner}/{self.name}"
        said = "; ".join(_messages(answer)) or f"HTTP {status}"
        if status == 401:
            return f"{self.host} does not take gh's token ({said}): {self._login()}"
        if status == 404:
            return (
                f"gh's token sees no repository {name} on {self.host}, or may not write there: "
                f"{self._rights()}"
            )
        if "not permitted to create" in said:
            return (
                f'{name} does not let GitHub Actions open pull requests: turn on "Allow GitHub Actions '
                f'to create and approve pull requests" in its settings (Actions, General; an '
                f"organization may have to allow it first), {YOURSELF}"
            )
        if status == 403:
            return f"gh's token may not do that in {name} ({said}): {self._rights()}"
        invalid = {error.get("field") for error in _errors(answer) if error.get("code") == "invalid"}
        if content and "base" in invalid & content.keys():
            return (
                f"{name} has no branch {content['base']} to merge into: push it, or name another --base"
            )
        if status == 422:
            return f"{self.host} refuses the pull request: {said}; change that, {YOURSELF}"
        return f"{self.host} answers with an error ({said}): try again, {YOURSELF}"

    def _rights(self) -> str:
        if _in_actions():
            return (
                "give the job `permissions: { contents: write, pull-requests: write }`; a run for "
                "a pull request of a fork never has them"
            )
        return "it needs the scope `repo`, or, fine-grained, to read and write pull requests"


def _text(old: str | None, title: str, body: str) -> str:
    """Give a pull request's text with dockfix's part in it."""
    before = (old or "").replace("\r\n", "\n")  # the forms of a browser
    mark = TITLE.format(html.escape(title))
    for each in (BEGIN, END):
        body = body.replace(each, html.escape(each))

    def whole(body: str) -> str:
        return with_part(before, f"{BEGIN}\n{mark}\n\n{body.strip()}\n\n{END}\n", BEGIN, END)

    excess = len(whole(body).encode()) - LIMIT
    return whole(fitting(body, len(body.encode()) - excess)) if excess > 0 else whole(body)


def _in_actions() -> bool:
    return os.environ.get("GITHUB_ACTIONS") == "true"


def _errors(answer: Any) -> list[dict[str, Any]]:
    errors = answer.get("errors") if isinstance(answer, dict) else None
    return [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []


def _messages(answer: Any) -> list[str]:
    """What is wrong, in GitHub's words: the errors where there are any, since its message is general."""
    messages = [str(error["message"]) for error in _errors(answer) if "message" in error]
    if messages or not isinstance(answer, dict) or "message" not in answer:
        return messages
    return [str(answer["message"])]
