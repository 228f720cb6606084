"""The pull request by the real `gh`, which asks a server that answers as GitHub does; the merge request
by what a real bare repository gets of a push."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fixer.discretion import discreet
from fixer.forge import Forge, ForgeError, GitHub, GitLab, which
from tests.cases import git
from tests.hub import TOKEN, Hub
from tests.servers import needs


def repository(hub: Hub, name: str = "octo/app") -> GitHub:
    forge = which(f"https://user:{TOKEN}@{hub.host}/{name}.git", {"GH_HOST": hub.host})
    assert isinstance(forge, GitHub)
    return forge


def refusal(forge: GitHub) -> str:
    with pytest.raises(ForgeError) as caught:
        forge.open_or_update("dockfix/fixes", "main", "Two fixes", "Text.")
    assert TOKEN not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/octo/app.git", GitHub("github.com", "octo", "app")),
        (f"https://x-access-token:{TOKEN}@github.com/octo/app", GitHub("github.com", "octo", "app")),
        ("git@github.com:octo/app.git", GitHub("github.com", "octo", "app")),
        ("github.com:octo/app", GitHub("github.com", "octo", "app")),
        ("ssh://git@ssh.github.com:443/octo/app.git/", GitHub("github.com", "octo", "app")),
        ("https://GitHub.com/Octo/my.app", GitHub("github.com", "Octo", "my.app")),
        ("ssh://git@ghe.example.org:2222/octo/app", GitHub("ghe.example.org:8443", "octo", "app")),
        ("git@code.example.org:octo/app.git", GitHub("code.example.org", "octo", "app")),
        ("https://github.com/octo", None),
        ("https://github.example.org/octo/app", None),
        ("https://github.com.example.org/octo/app", None),
        ("https://example.org/octo/app", None),
        ("/srv/github.com/octo/app.git", None),
        ("../github.com:octo/app", None),
        ("file:///srv/gitlab/app.git", None),
        ("C:/code/gitlab/app", None),
        ("https://[github.com/octo/app", None),
        ("ext::ssh gitlab %S", None),
    ],
)
def test_the_url_of_a_remote_tells_its_forge(url: str, expected: Forge | None) -> None:
    environment = {"GH_HOST": "ghe.example.org:8443", "GITHUB_SERVER_URL": "https://code.example.org"}
    assert which(url, environment) == expected


def test_gitlab_is_known_by_its_name_or_in_its_ci() -> None:
    assert isinstance(which("https://gitlab.com/group/sub/app.git", {}), GitLab)
    assert isinstance(which("git@gitlab.example.org:app", {}), GitLab)
    own = "https://gitlab-ci-token:secret@code.example.org:8443/group/app.git"
    assert isinstance(which(own, {"GITLAB_CI": "true", "CI_SERVER_HOST": "code.example.org"}), GitLab)
    assert which(own, {"GITLAB_CI": "true", "CI_SERVER_HOST": "other.example.org"}) is None
    assert which(own, {"CI_SERVER_HOST": "code.example.org"}) is None


def test_what_opens_something_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_JOB_TOKEN", "0123456789")
    said = f"fatal: https://user:p@ss@example.org/app.git: 0123456789 {TOKEN} ssh://git@host/x"
    assert discreet(said) == "fatal: https://example.org/app.git: *** *** ssh://host/x"


@needs("gh", "openssl")
def test_a_pull_request_is_opened_then_updated(hub: Hub) -> None:
    forge = repository(hub)
    hub.open("octo/fork", "dockfix/fixes", {"title": "Mine", "body": None})
    url = forge.open_or_update("dockfix/fixes", "main", "Two <fixes> & more", "First text: é, `x`.")
    assert url == f"https://{hub.host}/octo/app/pull/2"
    pull = hub.pulls[1]
    assert (pull["title"], pull["base"]) == ("Two <fixes> & more", "main")
    assert "First text: é, `x`." in pull["body"]

    assert forge.open_or_update("dockfix/fixes", "main", "Three fixes", "Second text.") == url
    assert len(hub.pulls) == 2
    assert pull["title"] == "Three fixes"
    assert "First text" not in pull["body"]
    assert hub.pulls[0]["title"] == "Mine"
    assert hub.pulls[0]["body"] is None


@needs("gh", "openssl")
def test_what_people_wrote_into_a_pull_request_stays(hub: Hub) -> None:
    forge = repository(hub, "octo/old")
    forge.open_or_update("dockfix/fixes", "main", "Two fixes", "First text.")
    pull = hub.pulls[0]
    pull["title"] = "Draft of somebody"
    pull["body"] = f"Please look at this.\n\n{pull['body']}\nSee also the wiki.\n".replace("\n", "\r\n")
    for text in ("Second text.", r"Third text: \1 \n"):
        forge.open_or_update("dockfix/fixes", "main", "Three fixes", text)
    assert pull["title"] == "Draft of somebody"
    assert pull["body"].startswith("Please look at this.\n\n<!-- dockfix")
    assert pull["body"].endswith("-->\n\nSee also the wiki.\n")
    assert r"Third text: \1 \n" in pull["body"]
    assert "First text." not in pull["body"]
    assert "Second text." not in pull["body"]


@needs("gh", "openssl")
def test_a_long_text_is_cut_where_nothing_is_open(hub: Hub) -> None:
    rows = "| a row é |\n" * 3000
    text = f"{rows}\n<details>\n\n{rows}\n</details>\n\n```mermaid\n{rows}```\n"
    repository(hub).open_or_update("dockfix/fixes", "main", "Many fixes", text)
    body = hub.pulls[0]["body"]
    assert len(body.encode()) <= 65536
    assert "<details>" not in body
    assert body.count("| a row é |") == 3000
    assert "too long for this place" in body


@needs("gh", "openssl")
@pytest.mark.parametrize(
    ("status", "answer", "advice"),
    [
        (403, {"message": "Resource not accessible by integration"}, "pull-requests: write"),
        (
            403,
            {"message": "GitHub Actions is not permitted to create or approve pull requests."},
            "Allow GitHub Actions to create and approve pull requests",
        ),
        (404, {"message": "Not Found"}, "octo/app"),
        (
            422,
            {"message": "Validation Failed", "errors": [{"field": "base", "code": "invalid"}]},
            "no branch main",
        ),
        (
            422,
            {"message": "Validation Failed", "errors": [{"message": "No commits between a and b"}]},
            "No commits between a and b",
        ),
        (502, {"message": f"Bad gateway https://a:{TOKEN}@b/c {TOKEN}"}, "https://b/c ***"),
    ],
)
def test_a_refusal_says_what_to_do(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, status: int, answer: dict[str, Any], advice: str
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    hub.refusal = status, answer
    assert advice in refusal(repository(hub))


@needs("gh", "openssl")
def test_who_is_not_logged_in_is_told_how_to(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GH_ENTERPRISE_TOKEN", "ghp_of_somebody_else_0123456789")
    assert "Bad credentials" in refusal(repository(hub))
    monkeypatch.delenv("GH_ENTERPRISE_TOKEN")
    assert f"gh auth login --hostname {hub.host}" in refusal(repository(hub))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert "GH_ENTERPRISE_TOKEN: ${{ github.token }}" in refusal(repository(hub))


@needs("gh")
def test_no_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GH_ENTERPRISE_TOKEN", TOKEN)
    assert "no answer from localhost:1" in refusal(GitHub("localhost:1", "octo", "app"))


def test_a_machine_without_gh_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert "gh is not installed" in refusal(GitHub("github.com", "octo", "app"))


def pushed(tmp_path: Path, options: list[str]) -> dict[str, str]:
    """Push a branch with options to a new server, and give what it gets, by the option's name."""
    server, work = tmp_path / "server.git", tmp_path / "work"
    git(tmp_path, "init", "-q", "--bare", str(server))
    git(server, "config", "receive.advertisePushOptions", "true")
    hook = server / "hooks" / "post-receive"
    hook.write_text(
        "#!/bin/sh\nfor i in $(seq 0 $((GIT_PUSH_OPTION_COUNT - 1))); do\n"
        'eval "printf \'%s\\n\' \\"\\$GIT_PUSH_OPTION_$i\\""\ndone > options\n'
    )
    hook.chmod(0o755)
    git(tmp_path, "init", "-q", str(work))
    git(work, "commit", "-qm", "a commit", "--allow-empty")
    words = [word for option in options for word in ("-o", option)]
    git(work, "push", "-q", *words, str(server), "HEAD:refs/heads/dockfix/fixes")
    lines = (server / "options").read_text().splitlines()
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def test_gitlab_gets_the_text_by_the_push(tmp_path: Path) -> None:
    body = "# Fixes\n\n| é | `a\\nb` |\n/merge\n  /close\nhttps://example.org/x\n"
    options = GitLab().push_options("main", "Two fixes", body, is_new=True)
    got = pushed(tmp_path, options)
    assert list(got) == [
        "merge_request.create",
        "merge_request.target",
        "merge_request.title",
        "merge_request.description",
    ]
    assert got["merge_request.target"] == "main"
    assert got["merge_request.title"] == "Two fixes"
    # As GitLab reads it.
    text = got["merge_request.description"].replace("\\n", "\n")
    assert "# Fixes\n\n| é | `a&#92;nb` |\n&#47;merge\n  &#47;close\nhttps://example.org/x\n" in text
    assert "put your own words into a comment" in text


def test_gitlab_gets_no_more_than_a_packet_holds(tmp_path: Path) -> None:
    options = GitLab().push_options("main", "Many fixes", "| a\\nb é |\n" * 9000, is_new=False)
    got = pushed(tmp_path, options)
    text = got["merge_request.description"].replace("\\n", "\n")
    assert "merge_request.title" not in got
    assert text.count("too long for this place") == 1
    assert "put your own words into a comment" in text
    assert 60000 < max(len(option.encode()) for option in options) <= 65516


def test_the_output_of_a_push_names_the_merge_request() -> None:
    forge = GitLab()
    url = "https://gitlab.example.org/group/app/-/merge_requests/3"
    said = (
        f"remote: \nremote: View merge request for dockfix/fixes:    \nremote:   {url}    \nremote: \n"
    )
    assert forge.merge_request(said) == url
    assert forge.merge_request("Everything up-to-date\n") is None
    refused = (
        "remote: ========================================================================\n"
        "remote: WARNINGS: Error encountered with push options 'merge_request.create'\n"
        "remote: 'merge_request.target=old' 'merge_request.description=Text': Target branch\n"
        "remote: group/app:old does not exist\n"
        "remote: ========================================================================\n"
        "remote: To create a merge request for dockfix/fixes, visit:\n"
    )
    with pytest.raises(ForgeError, match=r"Target branch group/app:old does not exist$"):
        forge.merge_request(refused)
