"""The programs that install Python's packages, and how each is called."""

from __future__ import annotations

from typing import NamedTuple


class Manager(NamedTuple):
    """A program that installs packages into the virtual environment that `VIRTUAL_ENV` names.

    `packages` are what pip installs to have it, none where it is pip itself, `cache` the folder that it
    keeps downloads in, `environment` its settings. The commands install the `dependencies`, the project
    `itself`, and what is for `developing`; `{list}` stands for a list of requirements.
    """

    packages: tuple[str, ...]
    cache: str
    dependencies: str
    itself: str
    developing: str = ""
    environment: dict[str, str] = {}  # noqa: RUF012


UV_PACKAGES, UV_CACHE = ("uv>=0.9,<1",), "/root/.cache/uv"
UV_SETTINGS = {"UV_COMPILE_BYTECODE": "1", "UV_LINK_MODE": "copy"}
PIP_CACHE = "/root/.cache/pip"
PIP_SETTINGS = {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}

PIP = Manager(
    packages=(),
    cache=PIP_CACHE,
    dependencies="pip install --requirement {list}",
    itself="pip install --no-deps --editable .",
    developing="pip install --requirement {list}",
    environment=PIP_SETTINGS,
)
SETUP = Manager(
    packages=(),
    cache=PIP_CACHE,
    dependencies="",
    itself="pip install --editable .",
    environment=PIP_SETTINGS,
)
PYPROJECT = Manager(
    packages=UV_PACKAGES,
    cache=UV_CACHE,
    dependencies="uv pip install --requirements pyproject.toml",
    itself="uv pip install --no-deps --editable .",
    environment=UV_SETTINGS,
)
UV = Manager(
    packages=UV_PACKAGES,
    cache=UV_CACHE,
    dependencies="uv sync --frozen --no-dev --no-install-project",
    itself="uv sync --frozen --no-dev",
    developing="uv sync --frozen --no-install-project --inexact",
    # The project's own .python-version may name another release of the same version.
    environment={
        **UV_SETTINGS,
        "UV_PROJECT_ENVIRONMENT": "/opt/venv",
        "UV_PYTHON": "/opt/venv/bin/python",
    },
)
POETRY = Manager(
    packages=("poetry>=2,<3",),
    cache="/root/.cache/pypoetry",
    dependencies="poetry install --no-interaction --only main --no-root",
    itself="poetry install --no-interaction --only-root",
    developing="poetry install --no-interaction --no-root",
)
PDM = Manager(
    # Releases of pdm up to 2.29 ask for any hishel, and do not start with the second one.
    packages=("hishel<2", "pdm>=2,<3"),
    cache="/root/.cache/pdm",
    dependencies="pdm sync --prod --no-self",
    itself="pdm sync --prod",
    developing="pdm sync --no-self",
)
PIPENV = Manager(
    packages=("pipenv>=2024",),
    cache="/root/.cache/pipenv",
    dependencies="pipenv sync",
    itself="pip install --no-deps --editable .",
    developing="pipenv sync --dev",
    environment={"PIPENV_VERBOSITY": "-1"},
)
