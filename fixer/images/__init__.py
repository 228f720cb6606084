"""What is known of container images, as data: one TOML file for each, every fact with its source.

A fact is read from the file when it is asked for, so that a run pays only for the images it meets.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent


class Serves(NamedTuple):
    """A port that the image listens on. `speaks` is `http` or another protocol's name; `metrics` is
    the path under which Prometheus finds metrics, empty where there are none. `metrics_when` is what a
    service has where they are on, one of these: a variable with its value (`KC_METRICS_ENABLED=true`),
    an option of its command, a port that it publishes, exposes or configures (`:8889`); empty where
    they always are."""

    port: int
    speaks: str
    metrics: str
    metrics_when: tuple[str, ...]


class Process(NamedTuple):
    """What a container runs where the stack says nothing: the words that start the command, and those
    of the command. All of these images have a shell."""

    entrypoint: tuple[str, ...]
    command: tuple[str, ...]


class User(NamedTuple):
    """Who the program runs as in the end: a name, its number where that is the same for every tag, and
    whether the container starts as root and changes to the user later."""

    name: str
    uid: int | None
    starts_as_root: bool


class ImageFacts(NamedTuple):
    """What is known of one image.

    `file_variables` maps a variable to the one that names a file to read it from;
    `reads_files_as_root` says that the image does so as root, before it drops its rights, so that
    it can read a secret's file that is its owner's alone. `secrets` are the
    variables that hold a secret. `configuration` maps a path in the container to the program whose
    configuration belongs there. `folders` are those of them below which every path is the program's,
    too. `options` maps an option of the command that names the path of a configuration to its program.
    `is_proxy` says that the image passes requests on to others. `health` is the test of a health check,
    as Compose takes it, with what the image contains; empty where there is none. `rotation` maps a
    variable, or an option of
    the command, by which the server gets its own password to what a new one needs beside a restart,
    empty where that is enough; `{service}` stands for the service's name. `process` is None where it
    depends on the tag, or is not known; so is `user`. `data` are the paths that must outlive the
    container, `writable` those that must be writable besides, where the root file system is not.
    `capabilities` are those that are needed where all others are dropped, None where that is not known.
    `file_settings` are those of the program's configuration that have a twin, with `_file` behind its
    name, which names a file to read the value from: the keys that lead there, `/` between them and `*`
    for any, with the image's first version that has the twin.
    """

    name: str
    serves: tuple[Serves, ...]
    file_variables: dict[str, str]
    reads_files_as_root: bool
    secrets: tuple[str, ...]
    configuration: dict[str, str]
    folders: tuple[str, ...]
    options: dict[str, str]
    is_proxy: bool
    health: tuple[str, ...]
    rotation: dict[str, str]
    process: Process | None
    user: User | None
    data: tuple[str, ...]
    writable: tuple[str, ...]
    capabilities: tuple[str, ...] | None
    file_settings: dict[str, tuple[int, ...]]

    @property
    def is_store(self) -> bool:
        """Whether the image is a database or queue, which others come to in its own language."""
        return bool(self.serves) and self.serves[0].speaks != "http"


@cache
def image_facts(repository: str) -> ImageFacts | None:
    """Give what is known of an image by its repository (`postgres`, `grafana/grafana`)."""
    name = _file_name(repository)
    try:
        text = (FOLDER / f"{name}.toml").read_text("utf-8")
    except OSError:
        return None
    import tomllib

    data: dict[str, Any] = tomllib.loads(text)
    if repository not in data["repositories"]:
        return None
    if same := data.get("same_as"):
        data = tomllib.loads((FOLDER / f"{same}.toml").read_text("utf-8"))
    serves = tuple(
        Serves(
            each["port"],
            each["speaks"],
            each.get("metrics", ""),
            tuple(each.get("metrics_when", [])),
        )
        for each in data.get("serves", [])
    )
    configuration = data.get("configuration", [])
    process, user = data.get("process"), data.get("user")
    return ImageFacts(
        name=name,
        serves=serves,
        file_variables=dict(data.get("file_variables", {}).get("names", {})),
        reads_files_as_root=bool(data.get("file_variables", {}).get("as_root")),
        secrets=tuple(data.get("secrets", {}).get("variables", [])),
        configuration={each["path"]: each["program"] for each in configuration if "path" in each},
        folders=tuple(each["path"] for each in configuration if each.get("folder")),
        options={each["option"]: each["program"] for each in configuration if "option" in each},
        is_proxy=bool(data.get("proxy")),
        health=tuple(data.get("health", {}).get("test", [])),
        process=Process(tuple(process["entrypoint"]), tuple(process["command"])) if process else None,
        user=User(user["name"], user.get("uid"), user["starts_as_root"]) if user else None,
        data=tuple(data.get("data", {}).get("paths", [])),
        writable=tuple(data.get("writable", {}).get("paths", [])),
        capabilities=tuple(data.get("capabilities", {}).get("needed", [])) if user else None,
        rotation={each["sets"]: each["steps"] for each in data.get("rotation", [])},
        file_settings={
            setting: tuple(map(int, each["since"].split(".")))
            for each in data.get("file_settings", [])
            for setting in each["settings"]
        },
    )


def _file_name(repository: str) -> str:
    """The data file that would speak of a repository: its last part."""
    return repository.rpartition("/")[2].lower()
