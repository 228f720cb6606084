"""Settings in `dockfix.toml` and `pyproject.toml`: where they are found, what they do, what is wrong."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from fixer.cli.check import run
from fixer.cli.request import Request
from tests.cases import dockfix, git

BROKEN = "services:\n  db:\n    image: redis:7\n    volumes: [data:/data]\n"
OVERRIDE = "services:\n  db:\n    volumes: [more:/more]\n"
SECRET = """\
services:
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: Tr0ub4dor
"""
SECRET_IN_IMAGE = "FROM alpine:3.20\nENV DB_PASSWORD=Tr0ub4dor3x\n"
OLD = 'version: "3"\nservices:\n  web:\n    image: nginx:1.27\n'

FIX = '''"""An image is named."""

from fixer.finding import Finding, Fix, Safety, Severity

from ._words import WORD

fix = Fix(summary="An image is named.", severity=Severity.NOTE, safety=Safety.MANUAL)


def detect(stack):
    for service in stack.services.values():
        yield Finding(service.value.at, f"{service.name} {WORD}.", steps="Build it.")
'''

EVERY_KEY = """\
select = ["references", "secrets", "compose", "own"]
ignore = ["token-in-repository"]
exclude = ["old/", "*.example.yaml"]
fixes = ["tools/image_named.py"]

[per-path-ignores]
"demo/**" = ["secrets"]

[severities]
references = "warning"
undeclared-volume = "note"

[strategies]
secrets = "env"
hardcoded-password = "file"

[stacks]
shop = ["compose.yaml", "compose.more.yaml"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with a broken stack."""
    return repository(tmp_path / "shop", {"compose.yaml": BROKEN})


def repository(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir()
    git(folder, "init", "-q")
    write(folder, files)
    return folder


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def findings(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    result = dockfix(folder, *arguments, "--format", "json")
    assert result.returncode in (0, 1), result.stderr.decode()
    found: list[dict[str, Any]] = json.loads(result.stdout)["findings"]
    return found


def found(folder: Path, *arguments: str) -> list[tuple[str, str]]:
    """The paths and fixes of what is found."""
    return [(each["path"], each["fix"]) for each in findings(folder, *arguments)]


def complaint(folder: Path, *arguments: str) -> str:
    """The one line that a wrong configuration ends with."""
    result = dockfix(folder, *arguments)
    assert (result.returncode, result.stdout) == (2, b"")
    (line,) = result.stderr.decode().splitlines()
    return line.removeprefix("dockfix: ")


def complaint_here(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    """The same without a process of its own, since there are many."""
    monkeypatch.chdir(folder)
    assert run(Request()) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    (line,) = errors.splitlines()
    return line.removeprefix("dockfix: ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("selct = []", "1:1: there is no setting selct; did you mean select?"),
        ("per_path_ignores = {}", "1:1: there is no setting per_path_ignores; did you mean per-path-ig"),
        ("# here\nunsafe = true", "2:1: there is no setting unsafe; there are select, ignore, "),
        ("[tool.dockfix]\nselect = []", "1:2: there is no setting tool; in dockfix.toml they stand at"),
        ('select = "secrets"', '1:10: select takes a list of fixes and families: select = ["sec'),
        ('ignore = ["secrets", 3]', "1:22: ignore takes a list of fixes and families: "),
        (
            'ignore = [\n  "secrets",\n  "secert",\n]',
            "3:3: there is no fix or family secert; did you mean",
        ),
        (
            'per-path-ignores = {"é" = ["zzz"]}',
            "1:28: there is no fix or family zzz (dockfix list shows them)",
        ),
        ('exclude = ["./old"]', "1:12: ./old matches nothing; leave . and .. out: a pattern starts in"),
        ('exclude = ["!"]', "1:12: '!' is no pattern; write one as in a .gitignore, such as vendor/"),
        ('exclude = [""]', "1:12: '' is no pattern"),
        ('exclude = ["[z-a]"]', "1:12: '[z-a]' is no pattern; write one as in a .gitignore"),
        (f'exclude = ["{"*a" * 12}b"]', f"1:12: {'*a' * 12}b has too many wildcards; use up to 4, or"),
        (
            'per-path-ignores = {"**/a/**/b/**/*.c.*" = []}',
            "1:21: **/a/**/b/**/*.c.* has too many wildcards",
        ),
        ('[per-path-ignores]\n"../b" = ["secrets"]', "2:1: ../b matches nothing"),
        (
            'per-path-ignores = {"a/**" = ["secert"]}',
            "1:31: there is no fix or family secert; did you mean",
        ),
        ('[per-path-ignores]\n"a/**" = "secrets"', "2:10: per-path-ignores takes a table of lists"),
        (
            '[severities]\nsecrets = "fatal"',
            "2:11: there is no severity fatal; give error, warning or note",
        ),
        ('severities.secert = "error"', "1:12: there is no fix or family secert; did you mean secrets?"),
        ("[severities]\nsecrets = 3", "2:11: severities takes a table of severities"),
        ("severities = 3", "1:14: severities takes a table of severities"),
        (
            '[strategies]\nhardcoded-password = "vault"',
            "2:22: hardcoded-password knows file, env, external,",
        ),
        ('[strategies]\nundeclared-volume = "file"', "2:21: undeclared-volume knows no strategies"),
        (
            '[stacks]\na = [\n  "compose.yml",\n]',
            "3:3: compose.yml does not exist; did you mean compose.ya",
        ),
        (
            '[stacks]\na = ["b/c.yml"]',
            "2:6: b/c.yml does not exist; paths are relative to the folder of",
        ),
        ('[stacks]\na = ["../compose.yaml"]', "2:6: ../compose.yaml lies outside of the repository"),
        ('[stacks]\na = ["/etc/passwd"]', "2:6: /etc/passwd lies outside of the repository"),
        ("[stacks]\na = []", "2:5: stacks takes a table of lists of Compose files"),
        ('stacks = ["compose.yaml"]', "1:10: stacks takes a table of lists of Compose files"),
        (
            'fixes = ["tools"]',
            "1:10: tools does not exist; paths are relative to the folder of dockfix.toml",
        ),
        ('fixes = ["compose.yaml"]', "1:10: there is no fix in compose.yaml; a fix is a module"),
        ("select: secrets", "1:7: this is no TOML (Expected '=' after a key"),
        (
            'select = ["secrets"\n',
            "2:1: this is no TOML (Unclosed array); settings are written like this: ",
        ),
        ("select = 1\nselect = 2", "2:11: this is no TOML (Cannot overwrite a value)"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_what_to_write(
    text: str,
    says: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder / "dockfix.toml").write_text(text)
    assert complaint_here(folder, monkeypatch, capsys).startswith(f"dockfix.toml:{says}")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'ignore = [\n"\xff"]', ":2:2: this is no UTF-8; save the file in that encoding"),
        (b"\xef\xbb\xbfselct = []", ":1:1: there is no setting selct"),
        (b"a = " + b"[" * 50_000, " holds something that is nested too deeply, or too long a number"),
        (b"a = " + b"9" * 5_000, " holds something that is nested too deeply, or too long a number"),
        (b"#" * 100_001, " is larger than 100,000 bytes"),
        (b"\x00", ":1:1: this is no TOML"),
        (b'"\\u001b[31m" = 1', r":1:1: there is no setting \x1b[31m; there are "),
    ],
)
def test_hostile_files_end_in_a_line(
    content: bytes,
    says: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder / "dockfix.toml").write_bytes(content)
    assert complaint_here(folder, monkeypatch, capsys).startswith(f"dockfix.toml{says}")


def test_what_is_no_file_of_the_repository_is_told(folder: Path) -> None:
    settings = folder / "dockfix.toml"
    settings.mkdir()
    assert complaint(folder) == "dockfix.toml is no file; settings are read from it: rename it"
    settings.rmdir()
    os.mkfifo(settings)
    assert "dockfix.toml is no file" in complaint(folder)
    settings.unlink()
    (folder.parent / "elsewhere.toml").write_text('ignore = ["references"]')
    settings.symlink_to("../elsewhere.toml")
    assert "dockfix.toml is a link out of " in complaint(folder)
    settings.unlink()
    settings.symlink_to("dockfix.toml")
    assert complaint(folder) == "dockfix.toml cannot be read: Too many levels of symbolic links"


@pytest.mark.parametrize(
    "text",
    [
        "[project]\nname = 'shop'\n",
        "# [tool.dockfix]\n[tool.other]\na = 1\n",
        "no [ TOML",
        "tool = 1 # tool.dockfix",
        "[project]\ndependencies = ['dockfix']\n[tool]\nother = 1\n",
    ],
)
def test_a_pyproject_for_others_is_passed_over(text: str, folder: Path) -> None:
    (folder / "dockfix.toml").write_text('ignore = ["undeclared-volume"]')
    (folder / "app").mkdir()
    (folder / "app" / "compose.yaml").write_text(BROKEN)
    (folder / "app" / "pyproject.toml").write_text(text)
    assert found(folder / "app", "compose.yaml") == []


def test_a_table_in_pyproject_is_read_with_its_places(folder: Path) -> None:
    write(
        folder,
        {"pyproject.toml": '[project]\nname = "shop"\n\n[tool.dockfix]\nignore = ["references"]\n'},
    )
    assert found(folder) == []
    for table in ("[ tool . dockfix ]\n", '[tool."dockfix"]\n', "[tool]\ndockfix."):
        write(folder, {"pyproject.toml": f'{table}ignore = ["references"]\n'})
        assert found(folder) == []
    write(folder, {"pyproject.toml": '[tool.dockfix.severities]\nundeclared-volum = "note"\n'})
    assert complaint(folder).startswith(
        "pyproject.toml:2:1: there is no fix or family undeclared-volum;"
    )
    write(folder, {"pyproject.toml": "#" * 100_000 + "\n[tool.dockfix]\n"})
    assert complaint(folder).startswith("pyproject.toml is larger than 100,000 bytes")
    write(folder, {"pyproject.toml": "tool.dockfix = 1\n"})
    assert complaint(folder).startswith(
        "pyproject.toml:1:16: dockfix's settings are a table: write [tool."
    )


def test_the_nearest_file_counts_alone_and_none_above_the_root(tmp_path: Path) -> None:
    (tmp_path / "dockfix.toml").write_text("no TOML")
    ignoring = 'ignore = ["undeclared-volume"]'
    folder = repository(
        tmp_path / "shop",
        {
            "compose.yaml": BROKEN,
            "dockfix.toml": ignoring,
            "pyproject.toml": "[tool.dockfix]\nselct = 1",
            "a/b/compose.yaml": BROKEN,
            "c/compose.yaml": BROKEN,
            "c/dockfix.toml": "",
        },
    )
    assert found(folder, "a/b") == []
    assert found(folder, "c/compose.yaml") == [("c/compose.yaml", "undeclared-volume")]
    assert found(folder) == []
    (folder / "dockfix.toml").unlink()
    assert "pyproject.toml:2:1: there is no setting selct" in complaint(folder / "a")


def test_the_order_of_the_paths_does_not_choose_the_file(tmp_path: Path) -> None:
    files = {"sub/compose.yaml": BROKEN, "other/compose.yaml": BROKEN}
    settings = {"sub/dockfix.toml": 'ignore = ["undeclared-volume"]'}
    folder = repository(tmp_path / "shop", {**files, **settings})
    both = [("other/compose.yaml", "undeclared-volume"), ("sub/compose.yaml", "undeclared-volume")]
    assert found(folder, "sub/compose.yaml", "other/compose.yaml") == both
    assert found(folder, "other/compose.yaml", "sub/compose.yaml") == both
    assert found(folder, "sub/compose.yaml", "sub") == []
    write(folder, {"dockfix.toml": 'ignore = ["references"]'})
    assert found(folder, "other", "sub") == []


def test_patterns_and_paths_start_in_the_folder_of_the_file(tmp_path: Path) -> None:
    settings = """
        exclude = ["old/", "/vendor/compose.yaml", "*.example.yaml", "!/old/kept"]
        per-path-ignores = {"/demo/**" = ["references"]}
    """
    paths = ("", "old/", "sub/old/", "vendor/", "sub/vendor/", "x.example.yaml/", "demo/", "sub/demo/")
    files = {f"[a] b/{path}compose.yaml": BROKEN for path in paths}
    folder = repository(tmp_path / "shop", {**files, "[a] b/dockfix.toml": settings})
    left = ["", "sub/demo/", "sub/vendor/"]
    assert [path for path, _ in found(folder, "[a] b")] == [f"[a] b/{path}compose.yaml" for path in left]


def test_what_is_excluded_is_neither_found_nor_told_nor_changed(tmp_path: Path) -> None:
    files = {"compose.yaml": BROKEN, "old/compose.yaml": BROKEN, "old/torn.compose.yaml": "services: ["}
    folder = repository(tmp_path / "shop", {**files, "dockfix.toml": 'exclude = ["old/"]'})
    for arguments in ([], ["old"], ["old/compose.yaml", "compose.yaml"], ["old/torn.compose.yaml"]):
        assert not [path for path, _ in found(folder, *arguments) if path.startswith("old")]
    assert dockfix(folder, "--apply").returncode == 0
    assert (folder / "old" / "compose.yaml").read_text() == BROKEN


def test_what_a_stack_names_is_read_although_it_is_excluded(tmp_path: Path) -> None:
    base = "services:\n  web:\n    image: nginx:1.27\n"
    more = "include: [old/base.yaml]\nservices:\n  shop:\n    image: shop:1\n    depends_on: [web]\n"
    folder = repository(
        tmp_path / "shop", {"compose.yaml": more, "old/base.yaml": f'version: "3"\n{base}'}
    )
    assert found(folder) == [("old/base.yaml", "obsolete-version")]
    (folder / "dockfix.toml").write_text('exclude = ["old/"]')
    assert found(folder) == []
    (folder / "old" / "base.yaml").unlink()
    assert {path for path, _ in found(folder)} == {"compose.yaml"}


def test_a_repair_that_reaches_into_what_is_excluded_is_for_a_person(tmp_path: Path) -> None:
    folder = repository(
        tmp_path / "shop", {"compose.yaml": SECRET, "dockfix.toml": 'exclude = ["/.env"]'}
    )
    arguments = ("--select", "hardcoded-password", "--strategy", "hardcoded-password=env")
    (finding,) = findings(folder, *arguments)
    assert finding["outcome"] == "manual"
    assert "would change .env, which is excluded" in finding["steps"]


def test_stacks_that_are_named_are_the_only_ones(tmp_path: Path) -> None:
    files = {"a.yaml": BROKEN, "b.yaml": OVERRIDE, "compose.yaml": BROKEN, "web/Dockerfile": "FROM x\n"}
    stacks = '[stacks]\nshop = ["a.yaml", "b.yaml"]\nold = ["old.yaml"]\n'
    folder = repository(tmp_path / "shop", {**files, "old.yaml": OLD, "dockfix.toml": stacks})
    shop = [("a.yaml", "undeclared-volume"), ("b.yaml", "undeclared-volume")]
    assert found(folder) == [*shop, ("old.yaml", "obsolete-version")]
    assert found(folder, "b.yaml") == shop[1:]
    assert found(folder, "compose.yaml") == []
    assert found(folder, "-f", "compose.yaml") == [("compose.yaml", "undeclared-volume")]


def test_a_named_stack_waits_for_the_file_that_is_no_yaml(tmp_path: Path) -> None:
    torn = BROKEN.replace("image: ", "image:")
    files = {
        "a.yaml": torn,
        "b.yaml": OVERRIDE,
        "dockfix.toml": 'stacks = {shop = ["a.yaml", "b.yaml"]}',
    }
    folder = repository(tmp_path / "shop", files)
    assert {path for path, _ in found(folder)} == {"a.yaml"}
    assert dockfix(folder, "--apply").returncode == 0
    assert "more:" in (folder / "b.yaml").read_text()
    assert found(folder) == []


def test_a_file_of_another_kind_stands_for_the_named_stack_that_reads_it(tmp_path: Path) -> None:
    stack = f"{BROKEN}  web:\n    build: web\n"
    files = {
        "a.yaml": stack,
        "web/Dockerfile": SECRET_IN_IMAGE,
        "dockfix.toml": 'stacks.a = ["a.yaml"]',
    }
    folder = repository(tmp_path / "shop", files)
    assert found(folder, "web/Dockerfile") == [("web/Dockerfile", "secret-in-dockerfile")]


def test_severities_of_a_fix_count_before_those_of_its_family(folder: Path) -> None:
    text = '[severities]\nundeclared-volume = "note"\nreferences = "warning"\ncompose = "warning"\n'
    (folder / "compose.yaml").write_text(f'version: "3"\n{BROKEN}')
    (folder / "dockfix.toml").write_text(text)
    severities = {each["fix"]: each["severity"] for each in findings(folder)}
    assert severities == {"obsolete-version": "warning", "undeclared-volume": "note"}


def test_the_command_line_counts_before_the_file(tmp_path: Path) -> None:
    broken = f'version: "3"\n{BROKEN}'
    text = (
        'select = ["obsolete-version"]\nignore = ["undeclared-volume"]\nstrategies = {secrets = "env"}\n'
    )
    folder = repository(tmp_path / "shop", {"compose.yaml": broken, "dockfix.toml": text})
    assert found(folder) == [("compose.yaml", "obsolete-version")]
    assert found(folder, "--ignore", "compose") == []
    assert found(folder, "--select", "references") == []
    assert found(folder, "--select", "undeclared-volume") == [("compose.yaml", "undeclared-volume")]


def test_strategies_of_the_file_are_taken_but_for_those_of_the_command_line(tmp_path: Path) -> None:
    text = '[strategies]\nhardcoded-password = "env"\nsecrets = "file"\n'
    folder = repository(tmp_path / "shop", {"compose.yaml": SECRET, "dockfix.toml": text})
    arguments = ("--dry-run", "--select", "hardcoded-password")
    assert b"+      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD" in dockfix(folder, *arguments).stdout
    chosen = dockfix(folder, *arguments, "--strategy", "hardcoded-password=file").stdout
    assert b"+      POSTGRES_PASSWORD_FILE: /run/secrets/" in chosen


def own(folder: Path) -> Path:
    write(folder, {"tools/image_named.py": FIX, "tools/_words.py": 'WORD = "is named"\n'})
    write(folder, {"dockfix.toml": EVERY_KEY, "compose.more.yaml": OVERRIDE})
    return folder


def test_every_key_together_with_the_page_of_the_documentation(folder: Path) -> None:
    own(folder)
    page = (Path(__file__).parent.parent / "docs" / "configuration.md").read_text()
    example = re.search(r"```toml\n(# dockfix\.toml\n.*?)```", page, re.DOTALL)
    assert example is not None
    write(
        folder,
        {"dockfix.toml": example[1], "deploy/compose.yaml": BROKEN, "deploy/production.yaml": OVERRIDE},
    )
    write(folder, {"tools/dockfix/image_named.py": FIX, "tools/dockfix/_words.py": 'WORD = ""\n'})
    assert "image-named" in {fix for _, fix in found(folder, "--own-fixes")}
    for key in (
        "select",
        "ignore",
        "exclude",
        "per-path-ignores",
        "severities",
        "strategies",
        "stacks",
        "fixes",
    ):
        assert re.search(rf"^(\[{key}\]|{key} =)", example[1], re.MULTILINE), key


def test_own_fixes_are_run_on_request_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    own(folder)
    (folder / "tools" / "_words.py").write_text('WORD = "is named"\nopen("ran", "w").close()\n')
    result = dockfix(folder)
    notice = (
        "dockfix: the repository's own fixes (tools/image_named.py) were not run;"
        " --own-fixes runs them, which is code of the repository\n"
    )
    assert (result.returncode, result.stderr.decode()) == (1, notice)
    assert not (folder / "ran").exists()
    result = dockfix(folder, "--own-fixes")
    assert b"note image-named (needs a person)\n    db is named." in result.stdout
    assert (result.stderr, (folder / "ran").exists()) == (b"", True)
    assert not list(folder.rglob("__pycache__"))


def test_own_fixes_are_selected_listed_and_explained_as_others_are(folder: Path) -> None:
    own(folder)
    (folder / "dockfix.toml").write_text(
        'fixes = ["tools"]\nseverities.image-named = "error"\nper-path-ignores."old/" = ["taste"]\n'
    )
    write(folder, {"tools/taste/bitter_image.py": FIX, "tools/taste/_words.py": 'WORD = "is bitter"\n'})
    chosen = findings(folder, "--own-fixes", "--select", "own,taste")
    assert {(each["fix"], each["severity"]) for each in chosen} == {
        ("image-named", "error"),
        ("bitter-image", "note"),
    }
    assert found(folder, "--own-fixes", "--ignore", "own,bitter-image") == found(folder)
    listed = dockfix(folder, "list", "--own-fixes").stdout.decode()
    assert "own:\n  image-named" in listed
    assert "taste:\n  bitter-image" in listed
    assert b"# bitter-image\n\ntaste, note" in dockfix(folder, "explain", "taste", "--own-fixes").stdout
    assert b"image-named" not in dockfix(folder, "list").stdout


def test_an_own_fix_that_is_not_run_is_not_called_unknown(folder: Path) -> None:
    own(folder)
    hint = "is the repository's own: give --own-fixes, which runs code of the repository"
    for name in ("image-named", "own"):
        assert complaint(folder, "explain", name) == f"{name} {hint}"
    assert complaint(folder, "explain", "nonsense").startswith("there is no fix or family nonsense")
    write(folder, {"dockfix.toml": "selct = []"})
    assert complaint(folder, "explain", "image-named").startswith(
        "there is no fix or family image-named"
    )


def test_comments_for_own_fixes_are_no_findings_where_these_are_not_run(folder: Path) -> None:
    own(folder)
    (folder / "dockfix.toml").write_text('fixes = ["tools"]\n')
    stack = "services:\n  web:  # dockfix: ignore[image-named] It is ours.\n    image: nginx:1.27\n"
    (folder / "compose.yaml").write_text(stack)
    (folder / "compose.more.yaml").unlink()
    assert found(folder) == found(folder, "--own-fixes") == []
    (folder / "compose.yaml").write_text(stack.replace("image-named", "image-namd"))
    (finding,) = findings(folder)
    assert finding["steps"].startswith("Write image-named,")


@pytest.mark.parametrize("path", ["a.b.py", "My Fix.py", "2b.py", "image-named.py", "Img.x/named.py"])
def test_a_fix_is_named_as_python_names_modules(path: str, folder: Path) -> None:
    write(folder, {f"tools/{path}": FIX, "dockfix.toml": 'fixes = ["tools"]'})
    name = path.partition("/")[0]
    says = (
        f"dockfix.toml:1:10: tools/{name}: Python imports no such name; rename it: letters, digits and _"
    )
    assert complaint(folder).startswith(says)


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        (
            "image_named.py",
            "import nonsense\n",
            "image_named.py:1:1: this fix cannot be loaded: ModuleNotFound",
        ),
        (
            "image_named.py",
            "x = (\n",
            "image_named.py:1:5: this fix cannot be loaded: SyntaxError: '(' was",
        ),
        (
            "_words.py",
            "\nraise SystemExit(4)\n",
            "_words.py:2:1: this fix cannot be loaded: SystemExit: 4",
        ),
        (
            "_words.py",
            "",
            "image_named.py:5:1: this fix cannot be loaded: ImportError: cannot import name",
        ),
        (
            "image_named.py",
            "x = 1\n",
            "image_named.py: this module has no `fix = Fix(...)`; if it is not",
        ),
        (
            "image_named.py",
            FIX.replace("def detect", "def find"),
            "image_named.py: this fix has no function `de",
        ),
        (
            "undeclared_volume.py",
            FIX,
            "undeclared_volume.py: there is a fix undeclared-volume already; rename",
        ),
    ],
)
def test_an_own_fix_that_cannot_be_loaded_is_told(path: str, text: str, says: str, folder: Path) -> None:
    own(folder)
    (folder / "dockfix.toml").write_text('fixes = ["tools"]\n')
    (folder / "tools" / path).write_text(text)
    assert complaint(folder, "--own-fixes").startswith(f"tools/{says}")


def test_an_own_fix_that_lies_elsewhere_is_not_loaded(folder: Path) -> None:
    own(folder)
    (folder / "dockfix.toml").write_text('fixes = ["tools"]\n')
    (folder.parent / "stray.py").write_text("raise SystemExit\n")
    (folder / "tools" / "stray.py").symlink_to("../../stray.py")
    says = "dockfix.toml:1:10: tools/stray.py is a link out of the repository"
    assert complaint(folder, "--own-fixes") == says


def test_commands_that_write_look_at_the_stacks_that_the_file_leaves(tmp_path: Path) -> None:
    secret = (
        "services:\n  {0}:\n    image: shop:1\n    secrets: [{0}]\nsecrets:\n  {0}:\n    file: {0}.txt\n"
    )
    files = {f"{name}/compose.yaml": secret.format(name) for name in ("shop", "bank", "old")}
    settings = {"dockfix.toml": 'exclude = ["old/"]\n'}
    folder = repository(tmp_path / "all", {**files, **settings})
    page = dockfix(folder, "docs", "secrets", "--dry-run").stdout
    assert [name in page for name in (b"shop.txt", b"bank.txt", b"old.txt")] == [True, True, False]
    write(folder, {"dockfix.toml": '[stacks]\nshop = ["shop/compose.yaml"]\n'})
    page = dockfix(folder, "docs", "secrets", "--dry-run").stdout
    assert [name in page for name in (b"shop.txt", b"bank.txt", b"old.txt")] == [True, False, False]
    assert dockfix(folder, "scaffold", "docs", "--dry-run").returncode == 0
    write(folder, {"dockfix.toml": "selct = []\n"})
    for arguments in (["docs", "secrets"], ["scaffold", "docs"], ["scaffold", "dockerfile"]):
        assert complaint(folder, *arguments).startswith("dockfix.toml:1:1: there is no setting selct")
