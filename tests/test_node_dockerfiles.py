"""What the Dockerfile of a Node.js project starts, on which version, and what it serves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from fixer.documents.dockerfile import DockerfileDocument
from fixer.scaffold.demands import Demands
from fixer.scaffold.dockerfiles import files_for
from fixer.stack import Repository

TSX = {"devDependencies": {"tsx": "^4.0.0"}}
KNEX = {"dependencies": {"knex": "^3.0.0"}}


def dockerfile_of(folder: Path, package: Mapping[str, object], *files: str) -> DockerfileDocument | None:
    (folder / "package.json").write_text(json.dumps(package))
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    made = files_for(Repository(folder), ".", "Dockerfile", Demands())
    return DockerfileDocument(made["Dockerfile"].encode()) if made else None


@pytest.mark.parametrize(
    ("scripts", "more", "files", "command"),
    [
        ({"start": "node server.js"}, {}, ["server.js"], ["node", "server.js"]),
        ({"start": "node ./src/server"}, {}, ["src/server.js"], ["node", "src/server.js"]),
        ({"start": "NODE_ENV=production node app.js"}, {}, ["app.js"], ["node", "app.js"]),
        (
            {"start": "cross-env A=1 node app.js --port 80"},
            {},
            ["app.js"],
            ["node", "app.js", "--port", "80"],
        ),
        ({"start": "nodemon app.js"}, {}, ["app.js"], ["node", "app.js"]),
        ({"start": "node --env-file=.env app.js"}, {}, ["app.js"], ["node", "app.js"]),
        ({"start": "node dist/main", "build": "tsc"}, {}, [], ["node", "dist/main"]),
        (
            {"start": "npm run build && node out/main.js", "build": "tsc"},
            {},
            [],
            ["node", "out/main.js"],
        ),
        ({"start": "yarn serve", "serve": "node app.js"}, {}, ["app.js"], ["node", "app.js"]),
        ({"start": "tsx watch app.ts"}, TSX, ["app.ts"], ["node_modules/.bin/tsx", "app.ts"]),
        (
            {"start": "npx knex migrate:latest && node app.js"},
            KNEX,
            ["app.js"],
            ["sh", "-c", "node_modules/.bin/knex migrate:latest && exec node app.js"],
        ),
        ({}, {"main": "app.js"}, ["app.js"], ["node", "app.js"]),
    ],
)
def test_the_program_behind_npm_start(
    scripts: dict[str, str],
    more: dict[str, object],
    files: list[str],
    command: list[str],
    tmp_path: Path,
) -> None:
    document = dockerfile_of(tmp_path, {"scripts": scripts, **more}, *files)
    assert document is not None
    (started,) = document.stages[-1].instructions[-1:]
    assert (started.name, list(started.words)) == ("CMD", command)


@pytest.mark.parametrize(
    "start",
    [
        "node missing.js",
        "node a.js & node b.js",
        "concurrently npm:a npm:b",
        "turbo run start",
        "react-scripts start",
        "node $FILE",
        "./start.sh",
    ],
)
def test_none_where_the_start_cannot_be_told(start: str, tmp_path: Path) -> None:
    assert dockerfile_of(tmp_path, {"scripts": {"start": start}}, "a.js", "b.js") is None


@pytest.mark.parametrize(
    ("engines", "version"),
    [
        ("", "22"),
        (">=18", "22"),
        ("^20.9.0", "20"),
        ("18 || 20", "20"),
        (">=18 <21", "20"),
        ("18 - 20", "20"),
        ("^18.17.0 || >=21.0.0", "22"),
        (">=24", "24"),
        ("16.x", "16"),
        ("lts/*", "22"),
    ],
)
def test_the_version_that_engines_allow(engines: str, version: str, tmp_path: Path) -> None:
    document = dockerfile_of(tmp_path, {"main": "a.js", "engines": {"node": engines}}, "a.js")
    assert document is not None
    assert document.instructions[0].words == (f"NODE_VERSION={version}",)


@pytest.mark.parametrize(
    ("file", "text", "version"),
    [
        (".nvmrc", "v20.11.1\n", "20.11.1"),
        (".nvmrc", "lts/iron", "20"),
        (".node-version", "24", "24"),
        (".tool-versions", "nodejs 20.10.0\n", "20.10.0"),
    ],
)
def test_the_version_that_a_file_names(file: str, text: str, version: str, tmp_path: Path) -> None:
    (tmp_path / file).write_text(text)
    document = dockerfile_of(tmp_path, {"main": "a.js", "engines": {"node": ">=18"}}, "a.js")
    assert document is not None
    assert document.instructions[0].words == (f"NODE_VERSION={version}",)


@pytest.mark.parametrize(
    ("packages", "files", "folder"),
    [
        (["vite"], {}, "dist"),
        (["vite"], {"vite.config.ts": "export default { build: { outDir: 'out' } }"}, "out"),
        (["react-scripts"], {}, "build"),
        (["gatsby"], {}, "public"),
        (["astro"], {}, "dist"),
        (["next"], {"next.config.js": "module.exports = { output: 'export' }"}, "out"),
        (["@docusaurus/core"], {}, "build"),
        (["@sveltejs/kit", "@sveltejs/adapter-static"], {}, "build"),
        (["@vue/cli-service"], {"vue.config.js": "module.exports = { outputDir: 'www' }"}, "www"),
    ],
)
def test_the_folder_that_is_served(
    packages: list[str], files: dict[str, str], folder: str, tmp_path: Path
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "index.html").write_text("")
    package = {"scripts": {"build": "vite build"}, "devDependencies": dict.fromkeys(packages, "*")}
    document = dockerfile_of(tmp_path, package)
    assert document is not None
    copied = [each.words[0] for each in document.stages[-1].instructions if each.name == "COPY"]
    assert copied == ["nginx.conf", f"/app/{folder}"]
