"""A Dockerfile for a folder of sources, and what the image needs beside it.

Each language has a module with a function `scaffold`, which looks at a project and gives None where it
knows none or cannot tell how it is started.
"""

from __future__ import annotations

import re

from fixer.documents.dockerfile import DockerfileDocument
from fixer.plan import FileState
from fixer.scaffold.context import BuildContext
from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles import dotnet, elixir, go, java, node, php, python, ruby, rust, static
from fixer.scaffold.dockerfiles.scaffold import CannotBuild, Scaffold
from fixer.scaffold.dockerignore import dockerignore, ignore_file
from fixer.scaffold.files import Files, mode_of
from fixer.scaffold.project import Project, is_plain
from fixer.stack import Repository
from fixer.stack.merging import join

LANGUAGES = (
    ruby.scaffold,
    php.scaffold,
    elixir.scaffold,
    go.scaffold,
    rust.scaffold,
    java.scaffold,
    dotnet.scaffold,
    python.scaffold,
    node.scaffold,
    static.scaffold,
)
"""In the order in which they are asked: most others use Node.js for their pages too."""

PLACES = ("{name}", "apps/{name}", "services/{name}", "packages/{name}", "src/{name}", "cmd/{name}")
"""Where the sources of a service lie below a context that is the whole repository."""


STAGE = r"[A-Za-z][\w.-]*"
"""What a stage can be called."""


def files_for(repository: Repository, context: str, path: str, demands: Demands) -> Files | None:
    """Give the Dockerfile that stands at `path` for a build's context, both relative to the root, and
    what it needs beside it; None where no project is known there.

    Raises CannotBuild where no Dockerfile in that place could work.
    """
    scaffold = _scaffold(repository, context, path, demands)
    if scaffold is None:
        return None
    _check_stages(demands)
    files = {path: scaffold.dockerfile}
    files |= {join(context, name): text for name, text in scaffold.files.items()}
    ignoring = ignore_file(repository, context, path)
    if not repository.exists(ignoring):
        states = {each: FileState(text.encode(), mode_of(text)) for each, text in files.items()}
        document = DockerfileDocument(scaffold.dockerfile.encode())
        built = BuildContext(repository.with_changes(states), context, [document])
        files[ignoring] = dockerignore(built)
    return files


def _check_stages(demands: Demands) -> None:
    """Raise CannotBuild where the stack builds stages that no scaffold has."""
    unknown = [name for name in demands.targets if not re.fullmatch(STAGE, name)] or demands.further
    if unknown:
        raise CannotBuild(
            f"The stack builds the stage {unknown[0]}, of which dockfix cannot know what is in it: write"
            f" the Dockerfile with this stage, or correct `target`."
        )


def _scaffold(repository: Repository, context: str, path: str, demands: Demands) -> Scaffold | None:
    for folder in _folders(repository, context, path, demands.name):
        project = Project(repository, context, folder)
        for scaffold in LANGUAGES:
            found = scaffold(project, demands)
            if found is not None:
                return found
    return None


def _folders(repository: Repository, context: str, path: str, name: str) -> list[str]:
    """The context, and the folders below it that have the Dockerfile or the service's name."""
    top = "" if context == "." else context
    start = f"{top}/" if top else ""
    own = path.rpartition("/")[0]
    is_name = re.fullmatch(r"\w[\w.-]*", name) is not None
    named = [start + place.format(name=name) for place in PLACES] if is_name else []
    below = [own] if own.startswith(start) and own != top and is_plain(own[len(start) :]) else []
    return [*below, top, *(folder for folder in named if repository.is_directory(folder))]
