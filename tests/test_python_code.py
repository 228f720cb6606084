"""The Python modules of the fixtures run for real: as they were, and as they are after the fixes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from dotenv import dotenv_values

from tests.cases import FIXTURES, dockfix, repository_of

SECRET = "a-secret-of-this-test"

READING = [
    module
    for case in ("places-that-read", "windows-line-endings", "settings-classes")
    for module in sorted((FIXTURES / "variable-not-read-from-file" / case / "before").glob("*/*.py"))
]
HOLDING = [
    *sorted((FIXTURES / "credential-in-python-code/unusual-places/before/shop").glob("*.py")),
    FIXTURES / "default-password-in-python-code/unusual-places/before/shop/main.py",
]


def name(module: Path) -> str:
    return "/".join(module.parts[-4:]).replace("before/", "")


def after(module: Path) -> Path:
    return Path(str(module).replace("/before/", "/after/"))


def printed(module: Path, variables: Mapping[str, str]) -> str:
    """What a module prints, with these variables and no others of its own."""
    environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **variables}
    result = subprocess.run(
        [sys.executable, module.name], cwd=module.parent, env=environment, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("module", READING, ids=name)
def test_a_module_gets_the_same_from_the_file(module: Path, tmp_path: Path) -> None:
    expected = printed(module, {"DB_PASSWORD": SECRET})
    assert SECRET in expected
    mounted = tmp_path / "db_password"
    changed = tmp_path / module.name
    changed.write_bytes(after(module).read_bytes().replace(b"/run/secrets", bytes(tmp_path)))
    assert printed(changed, {"DB_PASSWORD": SECRET}) == expected
    mounted.write_text(f"{SECRET}\n")
    assert printed(changed, {"DB_PASSWORD_FILE": str(mounted)}) == expected


@pytest.mark.parametrize("module", HOLDING, ids=name)
def test_a_module_gets_from_the_variable_what_it_had(module: Path) -> None:
    changed = after(module)
    values = dotenv_values(changed.parent.parent / ".env")
    variables = {key: value for key, value in values.items() if value}
    assert printed(changed, variables) == printed(module, {})


@pytest.mark.parametrize(
    "text",
    [
        "(" * 3000 + ")" * 3000,
        "~" * 20_000 + "1",
        "f'{'a'}' " + "{" * 3000,
        "1" + ".real" * 20_000,
        "'a line of an old Mac'\rprint(1)",
        "'\udc80'",
    ],
    ids=["brackets", "operators", "newer", "names", "carriage return", "bytes"],
)
def test_what_is_hardly_python_is_left_alone(text: str, tmp_path: Path) -> None:
    before = FIXTURES / "variable-not-read-from-file/windows-line-endings/before"
    repository = repository_of(before, tmp_path / "repository")
    odd = f'import os\nprint(os.environ["DB_PASSWORD"])\nx = {text}\n'.encode(errors="surrogateescape")
    (repository / "shop" / "odd.py").write_bytes(odd)
    result = dockfix(repository, "--apply", "--unsafe", "--select", "variable-not-read-from-file")
    assert (result.returncode, result.stderr) == (0, b"")
    assert (repository / "shop" / "odd.py").read_bytes() == odd
    assert (repository / "shop" / "main.py").read_bytes() == after(before / "shop/main.py").read_bytes()
