"""The texts of the fix branch: what its commits and its pull request say of a repository."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from fixer import engine
from fixer.branch import Commit, FixBranch, KeptCommit
from fixer.judging import judged, refused_before
from fixer.options import Options
from fixer.plan import Step
from fixer.render import commit_message, pull_request
from fixer.render.diagram import Diagram, diagram
from fixer.stack import Repository, discover
from tests.cases import COMPOSE, FIXTURES, Case, git, repository_of
from tests.test_discretion import CASES, moved

REPORT = FIXTURES / "stacks" / "report" / "before"

SECRETS = list({case.fix: case for case in CASES}.values())
"""One case of each fix that moves secrets."""

HOSTILE = "a|b`c` <img src=x> @someone #12 closes GH-7 http:⧸⧸example.org\n⧸close\x1b[31m\u202e"
"""A folder's name, with what a path may hold."""

HOSTILE_STACK = """\
services:
  "w`e|b @someone #12 <b>":
    image: nginx
    depends_on: ["web%%{init}%%", "end"]
    volumes: ["data:/data", "\\"]);@someone:/other"]
    networks: [front]
  "web%%{init}%%":
    image: "<img src=x onerror=alert(1)>"
  end:
    image: redis
    environment:
      - A =1
volumes:
  "\\"]);@someone":
"""


def branch_of(
    folder: Path, options: Options, paths: Sequence[str] = (), kept: tuple[KeptCommit, ...] = ()
) -> FixBranch:
    """A fix branch with what the engine plans for a repository, judged by Compose."""
    repository = Repository(folder)
    check = partial(engine.check, repository, paths, fix=True)
    report = judged(check(options), str(COMPOSE), check, options)
    states = {change.path: change.after for change in report.plan.changes}
    return FixBranch(
        name="dockfix/fixes",
        base="main",
        commits=tuple(
            Commit(f"{index:02x}" * 20, step) for index, step in enumerate(report.plan.steps, 10)
        ),
        kept=kept,
        report=report,
        refused=refused_before(report, str(COMPOSE)),
        local=tuple(path for path in states if path.endswith(".env") or "secrets/" in path),
        stacks=tuple(discover(repository.with_changes(states), []).stacks),
    )


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> FixBranch:
    folder = repository_of(REPORT, tmp_path_factory.mktemp("report") / "repository")
    return branch_of(folder, Options(unsafe=True))


@pytest.fixture(scope="module")
def safe_report(tmp_path_factory: pytest.TempPathFactory) -> FixBranch:
    folder = repository_of(REPORT, tmp_path_factory.mktemp("report") / "repository")
    kept = KeptCommit("ab" * 20, "Closes #3, @all | <b>", "Robin (@robin)")
    return branch_of(folder, Options(), kept=(kept,))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> FixBranch:
    folder = tmp_path_factory.mktemp("hostile") / "repository"
    path = folder / HOSTILE / "compose.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(HOSTILE_STACK)
    kept = KeptCommit("ab" * 20, "`x` @someone\n\n/close", "<img src=x>")
    return branch_of(folder, Options(unsafe=True), kept=(kept,))


def step_of(branch: FixBranch, fix: str) -> Step:
    return next(commit.step for commit in branch.commits if commit.step.fix == fix)


def outside_of_code(markdown: str) -> str:
    """What GitHub shows of a text as words: not the code, in which nobody is called, and no markup."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    return "\n".join(
        "".join(each.content for each in token.children or () if each.type in ("text", "html_inline"))
        if token.type == "inline"
        else token.content
        for token in tokens
        if token.type in ("inline", "html_block")
    )


def test_a_commit_says_what_was_wrong_and_what_was_done(report: FixBranch) -> None:
    message = commit_message.render(step_of(report, "undeclared-volume"))
    subject, blank, *body = message.splitlines()
    assert subject == "Fix undeclared-volume in …/docker-compose.dev.yml and 1 other file"
    assert not blank
    text = " ".join(" ".join(body).split())
    assert "infrastructure/compose/docker-compose.dev.yml:31:9 Compose refuses the stack:" in text
    assert 'service "recommendations" refers to undefined volume notebooks' in text
    assert "What dockfix does about it:" in text
    assert "Safe: Compose refuses the stack as it is." in text
    assert "# dockfix: ignore[undeclared-volume] reason" in text


def test_a_commit_says_that_it_is_unsafe(report: FixBranch) -> None:
    assert "\nUnsafe: " in commit_message.render(step_of(report, "override-opens-network"))
    mixed = step_of(report, "undeclared-volume")._replace(unsafe=True)
    assert "This commit is unsafe:" in commit_message.render(mixed)


@pytest.mark.parametrize("name", ["report", "hostile"])
def test_every_message_is_one_that_git_reads(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    branch: FixBranch = request.getfixturevalue(name)
    steps = [commit.step for commit in branch.commits]
    assert steps
    git(tmp_path, "init", "-q")
    for message, fixes in (
        *((commit_message.render(step), [step.fix]) for step in steps),
        (commit_message.render_all(steps), list(dict.fromkeys(step.fix for step in steps))),
    ):
        subject, blank, *body = message.splitlines()
        assert 0 < len(subject) <= 72
        assert not blank
        assert all(len(line) <= 72 for line in body if " " in line.strip(" -") and "⧸" not in line)
        assert all(each.isprintable() for each in message.replace("\n", ""))
        assert not re.search(r"(?<!\w)@\w|#\d|GH-\d|^/close", message, re.MULTILINE)
        trailers = git(tmp_path, "interpret-trailers", "--parse", stdin=message.encode())
        assert trailers.decode().split("\n")[:-1] == [f"Dockfix-Fix: {fix}" for fix in fixes]


def test_a_message_tells_the_first_of_many_findings(report: FixBranch) -> None:
    step = step_of(report, "obsolete-version")
    many = step._replace(messages=tuple(f"a{index}.yml:1:1: It is so." for index in range(30)))
    message = commit_message.render(many)
    assert message.startswith("Fix obsolete-version in a0.yml and 29 other files\n")
    assert "a19.yml:1:1\n" in message
    assert "a20.yml" not in message
    assert "- and 10 more\n" in message


def test_one_commit_for_all_says_what_each_fix_found(report: FixBranch) -> None:
    steps = [commit.step for commit in report.commits]
    message = commit_message.render_all(steps)
    assert message.startswith("Fix 44 findings of 14 kinds in the Docker stack\n")
    assert "\noverride-opens-network (unsafe)\n-------" in message
    assert commit_message.render_all(steps[:1]) == commit_message.render(steps[0])


def test_the_text_says_what_compose_refused(safe_report: FixBranch) -> None:
    text = pull_request.render(safe_report)
    assert text.startswith(
        "This branch repairs 38 findings with 12 fixes, one commit for each. All of it is"
    )
    assert "On `main` Compose refuses these stacks, and accepts them on this branch:" in text
    assert text.count("mapping key") == 2, "for three stacks once, and as a finding"
    assert pull_request.title(safe_report) == "Repair the Docker stack: 38 findings, 12 fixes"


def test_the_text_claims_nothing_of_what_compose_still_refuses(safe_report: FixBranch) -> None:
    files = next(iter(safe_report.refused))
    still = safe_report.report._replace(refused={files: "no such file"})
    untouched = {**safe_report.refused, ("other/compose.yaml",): "empty compose file"}
    text = pull_request.render(safe_report._replace(report=still, refused=untouched))
    told = text.partition("Compose still refuses 2 stacks:")[2].partition("##")[0]
    assert "no such file" in told
    assert "empty compose file" in told


def test_safe_and_unsafe_stand_apart(report: FixBranch) -> None:
    text = pull_request.render(report)
    safe, _, unsafe = text.partition("## Unsafe")
    assert "2 of them change how running containers behave" in safe
    for commit in report.commits:
        row = f"| {commit.hash[:10]} |"
        assert (row in unsafe) == commit.step.unsafe
        assert (row in safe) != commit.step.unsafe
    assert (
        "| `undeclared-volume` | A service uses a named volume that the stack does not declare. |"
        " `infrastructure/compose/docker-compose.dev.yml`: 22, 30, 31<br>"
        "`infrastructure/compose/docker-compose.prod.yml`: 32, 75 |"
    ) in safe


def test_the_text_says_what_a_person_has_to_do(safe_report: FixBranch) -> None:
    text = pull_request.render(safe_report)
    assert (
        "- [ ] `infrastructure/compose/.env`: `POSTGRES_PASSWORD`, `REDIS_COMMANDER_HTTP_PASSWORD`,"
        " which `infrastructure/compose/.env.example` lists"
    ) in text
    assert "3 secrets stood in the repository" in text
    assert "- [ ] `infrastructure/redis.conf:7` The password of redis stands in its" in text
    assert "- `POSTGRES_PASSWORD` of `infrastructure/compose/.env`, in `postgres`: Data that" in text
    assert "To do: Publish a range, `80-81:80`, or reach them through a proxy." in text
    assert "## More with `--unsafe`" in text
    assert "- ababababab Closes `#3`, `@all` <code>&#124;</code> `<b>` (Robin (`@robin`))" in text
    assert f"`git revert {safe_report.commits[0].hash[:10]}`" in text


def test_nothing_of_a_repository_is_markup_or_calls_anybody(hostile: FixBranch) -> None:
    text = pull_request.render(hostile)
    assert len(hostile.commits) > 1
    assert all(each.isprintable() for each in text.replace("\n", ""))
    assert not re.search("^/", text, re.MULTILINE)
    shown = outside_of_code(text)
    words = re.sub(r"<code>.*?</code>|</?(details|summary|br)>|\[ \]", "", shown)
    assert not re.search(r"@|#\d|GH-|://|[<\[\]]", words)
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert {len(row.split("|")) for row in rows} == {6}


def test_a_long_text_is_cut_to_what_github_takes(report: FixBranch) -> None:
    many = [
        commit._replace(step=commit.step._replace(messages=commit.step.messages * 200))
        for commit in report.commits
    ]
    left = report.report._replace(findings=report.report.findings * 200)
    text = pull_request.render(report._replace(commits=tuple(many), report=left))
    assert len(text) <= 65_536
    assert "*Shortened, since GitHub takes 65536 characters:" in text
    assert all(f"| {commit.hash[:10]} |" in text for commit in many)
    assert "```mermaid" in text


def drawn(folder: Path, text: str) -> Diagram:
    (folder / "compose.yaml").write_text(text)
    return diagram(discover(Repository(folder), []).stacks[0])


def test_names_in_a_diagram_are_only_names(tmp_path: Path) -> None:
    text = drawn(tmp_path, HOSTILE_STACK).text
    assert 's0["w#96;e#124;b #64;someone #35;12 #60;b#62;"]' in text
    labels = re.findall('"(.*?)"', text)
    assert text.count('"') == 2 * len(labels)
    assert all(re.fullmatch(r"(#\d+;|[\w ./:,()-])+", label) for label in labels)


def test_a_diagram_frames_the_networks_and_tells_how_to_read_it(tmp_path: Path) -> None:
    shown = drawn(
        tmp_path,
        "services:\n"
        "  web: {image: nginx, networks: [front], ports: ['127.0.0.1:8080:80', '443:443']}\n"
        "  site: {image: nginx, networks: [front], depends_on: {db: {condition: service_healthy}}}\n"
        "  db: {image: postgres, networks: [back], volumes: ['data:/var/lib/postgresql/data']}\n"
        "  job: {image: alpine, networks: [back], volumes: ['data:/data']}\n"
        "networks: {front: {}, back: {}}\n"
        "volumes: {data: {}}\n",
    )
    assert shown.text.splitlines() == [
        "flowchart LR",
        '    subgraph n0["front"]',
        '        s0["web"]',
        '        s1["site"]',
        "    end",
        '    subgraph n1["back"]',
        '        s2[("db")]',
        '        s3["job"]',
        "    end",
        '    outside(("outside"))',
        '    outside -->|"127.0.0.1:8080, 443"| s0',
        '    s1 -->|"healthy"| s2',
        '    s2 -.- v0[/"data"/]',
        "    s3 -.- v0",
    ]
    assert shown.caption == (
        "An arrow goes from a service to one that it starts after, with what it waits for there."
        " A dashed line leads to a volume. A frame holds the services of the same networks."
    )


def test_a_large_stack_stays_readable(tmp_path: Path) -> None:
    alike = "".join(f"  worker{index}: {{image: a, depends_on: [db]}}\n" for index in range(50))
    text = f"services:\n  db: {{image: postgres}}\n{alike}"
    shown = drawn(tmp_path, text)
    assert shown.text.splitlines()[1:] == [
        '    s0[("db")]',
        '    s1["worker0<br>worker1<br>worker2<br>worker3<br>worker4<br>and 45 more"]',
        "    s1 --> s0",
    ]
    assert "share a box" in shown.caption
    many = "".join(f"  site{index}: {{image: a, ports: ['{8000 + index}:80']}}\n" for index in range(50))
    shown = drawn(tmp_path, text + many)
    assert len(shown.text.splitlines()) < 90
    assert "Of 101 services 89 are shown, those with the most arrows." in shown.caption


@pytest.mark.parametrize("case", SECRETS, ids=lambda case: case.name)
def test_no_text_repeats_a_secret(case: Case, tmp_path: Path) -> None:
    own = case.options
    options = Options(
        unsafe=own.get("unsafe", False),
        select=() if case.fix == "stacks" else (case.fix,),
        strategies=own.get("strategies", {}),
    )
    folder = repository_of(case.before, tmp_path / "repository")
    branch = branch_of(folder, options, own.get("paths", []))
    steps = [commit.step for commit in branch.commits]
    texts = [*map(commit_message.render, steps), commit_message.render_all(steps)]
    texts.append(pull_request.render(branch))
    assert not [value for value in moved(case) for text in texts if value in text]


def test_what_a_fresh_checkout_lacks_anyway_is_told_apart_from_what_moved(tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / ".env.example").write_text("TITLE=Bookshop\nLANGUAGE=en\n")
    (folder / ".gitignore").write_text(".env\n")
    (folder / "compose.yaml").write_text(
        "services:\n"
        "  shop:\n"
        "    image: ghcr.io/bookshop/shop:1.4\n"
        "    env_file: .env\n"
        "    environment:\n"
        "      DATABASE_URL: postgres://shop:kx4-orchard-58@db/shop\n"
        "  db:\n"
        "    image: postgres:17\n"
        "    environment:\n"
        "      POSTGRES_PASSWORD: kx4-orchard-58\n"
    )
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    text = pull_request.render(branch_of(folder, Options()))
    assert "- [ ] `.env`: `POSTGRES_PASSWORD`, which `.env.example` lists\n" in text
    assert "- [ ] `.env`: a copy of `.env.example`, with your own values\n" in text
    assert "On `main` Compose refuses" not in text
    assert "TITLE" not in text
