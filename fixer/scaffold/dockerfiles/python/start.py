"""How a project is started."""

from __future__ import annotations

from typing import NamedTuple


class Start(NamedTuple):
    """A project's start: the words of its `command`, and those that start it anew when its sources
    change, `{port}` for the port that it listens on, which is empty where it listens on none.

    `directory` is the folder below the project's that it is started in, `search_path` the one that its
    modules are found in besides, `needs_install` says that it has to be installed itself. `variables`
    are those that it reads its address from, `health_path` is a page that tells that it is well,
    `migrations` are run before the command.
    """

    command: tuple[str, ...]
    reloading: tuple[str, ...] = ()
    port: str = ""
    directory: str = ""
    search_path: str = ""
    needs_install: bool = False
    variables: dict[str, str] = {}  # noqa: RUF012
    health_path: str = ""
    static_files: tuple[str, ...] = ()
    migrations: tuple[str, ...] = ()
