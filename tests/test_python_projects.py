"""Small Python projects: which version they get, and how they are started."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles import files_for
from fixer.stack import Repository

FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n"
FLASK = "from flask import Flask\ndef create_app():\n    app = Flask(__name__)\n    return app\n"
RUNS = 'if __name__ == "__main__":\n    print("runs")\n'
SERVED = {"requirements.txt": "fastapi\nuvicorn\nflask\ngunicorn\n"}
PROJECT = '[project]\nname = "x"\nversion = "1"\ndependencies = ["fastapi", "uvicorn"]\n'
POETRY = '[tool.poetry.dependencies]\npython = "{}"\nfastapi = "*"\nuvicorn = "*"\n'


def dockerfile(folder: Path, files: dict[str, str], demands: Demands) -> str:
    """What is written for a project of these files; empty where nothing is."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    written = files_for(Repository(folder), ".", "Dockerfile", demands)
    return written["Dockerfile"] if written else ""


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({}, "3.13"),
        ({".python-version": "3.12.3\n"}, "3.12"),
        ({"runtime.txt": "python-3.10.14"}, "3.10"),
        ({".tool-versions": "nodejs 22.1.0\npython 3.11.9\n"}, "3.11"),
        ({"pyproject.toml": PROJECT + 'requires-python = ">=3.10,<3.12"\n'}, "3.11"),
        ({"pyproject.toml": PROJECT + 'requires-python = ">=3.14"\n'}, "3.14"),
        ({"pyproject.toml": PROJECT + 'requires-python = "==3.12.*"\n'}, "3.12"),
        ({"pyproject.toml": PROJECT + 'requires-python = "~=3.9"\n'}, "3.13"),
        ({"pyproject.toml": POETRY.format("^3.9")}, "3.13"),
        ({"pyproject.toml": POETRY.format("~3.10")}, "3.10"),
        ({"pyproject.toml": POETRY.format(">=3.9 <3.11 || ~3.8")}, "3.10"),
        ({".github/workflows/test.yml": 'python-version: ["3.9", "3.11"]\n'}, "3.11"),
        ({"requirements.txt": "fastapi\nuvicorn\nnumpy==1.24.4\n"}, "3.11"),
        ({"requirements.txt": "fastapi\nuvicorn\nnumpy==2.2.0\nPillow==9.5.0\n"}, "3.11"),
    ],
)
def test_the_version_is_one_that_the_project_allows(
    files: dict[str, str], version: str, tmp_path: Path
) -> None:
    manifest = {} if "pyproject.toml" in files else SERVED
    written = dockerfile(tmp_path, {"main.py": FASTAPI, **manifest, **files}, Demands())
    assert re.findall(r"ARG PYTHON_VERSION=(.+)", written) == [version]


@pytest.mark.parametrize(
    ("files", "target"),
    [
        ({"app/main.py": "from app.db import x\n" + FASTAPI, "app/db.py": "x = 1\n"}, "app.main:app"),
        ({"backend/main.py": "import db\n" + FASTAPI, "backend/db.py": ""}, "main:app"),
        ({"src/shop/api.py": FASTAPI, "src/shop/__init__.py": ""}, "shop.api:app"),
        ({"main.py": FASTAPI, "tests/app.py": FASTAPI, "examples/app.py": FASTAPI}, "main:app"),
        ({"main.py": "import sub\n" + FASTAPI, "sub.py": FASTAPI}, "main:app"),
        ({"a.py": FASTAPI, "b.py": FASTAPI, "Procfile": "web: uvicorn b:app\n"}, "b:app"),
        ({"a.py": FASTAPI, "b.py": FASTAPI}, None),
        ({"shop/__init__.py": FLASK}, "shop:create_app()"),
        ({"shop/__init__.py": FLASK, "wsgi.py": "import shop\napp = shop.create_app()\n"}, "wsgi:app"),
        (
            {
                "shop/factory.py": FLASK,
                "shop/__init__.py": "",
                "shop/web.py": "from .factory import create_app as make\nserver = make()\n",
            },
            "shop.web:server",
        ),
        ({"main.py": f"def app():\n    return 1\n{RUNS}"}, "main.py"),
        ({"tool/__main__.py": "print(1)\n", "tool/__init__.py": "", "x.py": RUNS}, "tool"),
        ({"a.py": RUNS, "b.py": RUNS}, None),
        ({"a.py": RUNS, "b.py": RUNS, "README.md": "Start it with `python b.py`.\n"}, "b.py"),
        ({"main.py": "app = FastAPI(\n"}, "main.py"),
    ],
)
def test_the_application_is_found_by_what_makes_it(
    files: dict[str, str], target: str | None, tmp_path: Path
) -> None:
    written = dockerfile(tmp_path, {**SERVED, **files}, Demands())
    commands = re.findall(r"(?m)^CMD \[(.+)\]$", written)
    words = [word.strip('"') for word in commands[0].split(", ")] if commands else []
    assert (target in words) if target else not written


def test_nothing_is_written_where_no_server_is_installed(tmp_path: Path) -> None:
    assert not dockerfile(tmp_path, {"main.py": FASTAPI, "requirements.txt": "fastapi\n"}, Demands())


@pytest.mark.parametrize("name", ["worker", "mail-beat"])
def test_a_worker_is_no_web_application(name: str, tmp_path: Path) -> None:
    files = {**SERVED, "main.py": FASTAPI}
    assert not dockerfile(tmp_path, files, Demands(name=name))
    jobs = {"jobs.py": 'from celery import Celery\nqueue = Celery("jobs")\n'}
    words = 'CMD ["celery", "--app", "jobs:queue", "' + ("beat" if "beat" in name else "worker")
    assert words in dockerfile(tmp_path, {**files, **jobs}, Demands(name=name))


def test_a_command_of_the_stack_is_the_image_s(tmp_path: Path) -> None:
    demands = Demands(name="worker", command=("python", "-m", "rq.cli", "worker"))
    written = dockerfile(tmp_path, {**SERVED, "main.py": FASTAPI}, demands)
    assert 'CMD ["python", "-m", "rq.cli", "worker"]' in written


def test_a_program_that_the_project_installs(tmp_path: Path) -> None:
    scripts = '[project.scripts]\nserve = "x.cli:main"\n[build-system]\nrequires = ["hatchling"]\n'
    files = {"pyproject.toml": PROJECT + scripts, "x/cli.py": "def main():\n    pass\n"}
    written = dockerfile(tmp_path, files, Demands())
    assert "uv pip install --no-deps --editable ." in written
    assert 'CMD ["serve"]' in written


def test_what_is_local_needs_the_sources_first(tmp_path: Path) -> None:
    files = {"requirements.txt": "fastapi\nuvicorn\n-e ./lib\n", "main.py": FASTAPI}
    written = dockerfile(tmp_path, files, Demands())
    assert written.index("COPY . .") < written.index("pip install")
    assert "type=bind" not in written


def test_git_is_there_where_a_library_comes_from_it(tmp_path: Path) -> None:
    files = {
        "requirements.txt": "fastapi\nuvicorn\ntoolbox @ git+https://example.org/toolbox.git\n",
        "main.py": FASTAPI,
    }
    _, build, final = dockerfile(tmp_path, files, Demands()).split("\n\nFROM ")
    assert "install -y --no-install-recommends git" in build
    assert "apt-get" not in final
