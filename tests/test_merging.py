"""Every rule by which Compose merges, each held against what the real one resolves."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixer.stack import Repository, stack_from_files
from tests.test_stack import compose_view, our_view, resolved, write

DECLARED = """
volumes: {data: {}, other: {}}
networks: {back: {}, front: {}}
secrets: {one: {file: ./one}, two: {file: ./two}}
"""


def service(*lines: str) -> str:
    """A service `a` of an image, with more lines."""
    return "\n".join(["services:", "  a:", "    image: web:1", *(f"    {line}" for line in lines), ""])


LAYERED = {
    "build: a mapping over a text": (
        "services:\n  a: {build: ./app}\n",
        "services:\n  a: {build: {target: dev, args: {A: '1'}}}\n",
    ),
    "build: a text over a mapping": (
        "services:\n  a: {build: {context: ./app, target: dev}}\n",
        "services:\n  a: {build: ./other}\n",
    ),
    "build: arguments in both forms": (
        "services:\n  a: {build: {context: ./app, args: [A=1]}}\n",
        "services:\n  a: {build: {args: {A: 2, B: 3}}}\n",
    ),
    "environment: no value over a value": (
        service("environment: {A: '1', B: '2'}"),
        service("environment: {A: }"),
    ),
    "environment: both forms": (service("environment: [A=1, B=2]"), service("environment: {A: 3}")),
    "environment: reset and override": (
        service("environment: {A: '1', B: '2'}", "ports: ['80:80']"),
        service("environment: {A: !reset null}", "ports: !override ['81:81']"),
    ),
    "tmpfs: a text over a text": (service("tmpfs: /tmp"), service("tmpfs: /run")),
    "tmpfs: the same twice": (service("tmpfs: /tmp"), service("tmpfs: [/tmp, /run]")),
    "ports: short and long": (
        service("ports: ['8080:80', '81:81']"),
        service("ports: [{target: 80, published: '8080'}, '81:81/tcp', '81:81/udp', '[::1]:82:82']"),
    ),
    "volumes: a slash at the end": (
        DECLARED + service("volumes: ['data:/x/']"),
        service("volumes: ['other:/x']"),
    ),
    "volumes: long over short": (
        DECLARED + service("volumes: ['data:/x:ro']"),
        service("volumes: [{type: bind, source: ./here, target: /x}]"),
    ),
    "networks: names over a mapping": (
        DECLARED + service("networks: {back: {aliases: [db]}}"),
        service("networks: [back, front]"),
    ),
    "secrets: another target": (
        DECLARED + service("secrets: [one]"),
        service("secrets: [{source: two, target: one}]"),
    ),
    "secrets: the same target": (
        DECLARED + service("secrets: [one]"),
        service("secrets: [{source: two, target: /run/secrets/one}]"),
    ),
    "depends_on: a mapping over names": (
        service("depends_on: [b]") + "  b: {image: db:1}\n",
        service("depends_on: {b: {condition: service_healthy}}"),
    ),
    "several documents": (
        service("environment: {A: '1'}", "command: [a]")
        + "---\n"
        + service("environment: {B: '2'}", "command: [b]"),
        service("ports: ['80:80']"),
    ),
    "a service reset": (service() + "  b: {image: db:1}\n", "services:\n  b: !reset null\n"),
    "extends in the base": (
        "services:\n  base: {image: web:1, ports: ['1:1']}\n  a: {extends: base, ports: ['2:2']}\n",
        "services:\n  a: {ports: ['3:3']}\n",
    ),
}

ALONE = {
    "items of a list by alias": {
        "a.yml": "x-zone: &zone TZ=UTC\nx-all: [&all debug]\n"
        + service("environment: [*zone, A=1]")
        + "  b: {image: web:1, environment: {LEVEL: *all}}\n"
    },
    "scalars that are no text": {
        "a.yml": service("environment: {A: 0644, B: 1.10, C: 1e3, D: 0x10, E: true, F: 1_000, G: .5}")
    },
    "a chain of extends": {
        "a.yml": "services:\n  a: {extends: b, tmpfs: [/a]}\n  b: {extends: c, tmpfs: [/b]}\n"
        "  c: {image: web:1, tmpfs: [/c]}\n  d: {extends: a, tmpfs: [/d]}\n"
    },
    "extends from folders": {
        "a.yml": "services:\n  a: {extends: {file: one/b.yml, service: b}, volumes: ['./x:/x']}\n",
        "one/b.yml": "services:\n  b: {extends: {file: ../two/c.yml, service: c}, volumes: [./y:/y]}\n",
        "two/c.yml": "services:\n  c: {image: web:1, volumes: ['./z:/z', '../up:/up']}\n",
    },
    "extends from the file itself": {
        "a.yml": "services:\n  b: {image: web:1, environment: {A: '1'}}\n"
        "  a: {extends: {file: a.yml, service: b}}\n"
    },
    "extends there and back": {
        "a.yml": "services:\n  c: {image: web:1}\n  a: {extends: {file: b.yml, service: b}}\n",
        "b.yml": "services:\n  b: {extends: {file: a.yml, service: c}, command: work}\n",
    },
    "an included project's own variables": {
        "a.yml": "include: [part/b.yml]\n" + service("command: run ${TAG-none}"),
        "part/b.yml": "services:\n  b: {image: 'web:${TAG}', volumes: ['./$NAME:/x'], command: $TOP}\n",
        "part/.env": "TAG=2\nNAME=there\nTOP=below\n",
        ".env": "NAME=here\nTOP=above\n",
    },
    "include with an environment file": {
        "a.yml": "include: [{path: part/b.yml, env_file: some.env}]\n" + service(),
        "part/b.yml": "include: [deep/c.yml]\nservices:\n  b: {image: 'web:${TAG}'}\n",
        "part/deep/c.yml": "services:\n  c: {image: 'web:${TAG}', volumes: ['./v:/v']}\n",
        "part/.env": "TAG=unused\n",
        "some.env": "TAG=3\n",
    },
    "include of several files": {
        "a.yml": "include: [{path: [part/b.yml, part/c.yml]}]\n" + service(),
        "part/b.yml": "services:\n  b: {image: web:1, volumes: ['./v:/v']}\n",
        "part/c.yml": "services:\n  b: {environment: {A: '1'}}\n",
    },
    "quotes in .env": {
        "a.yml": service("environment: {A: '$A', B: '$B', C: '$C', D: '$D'}"),
        ".env": "A='pa$word'\nB=\"$A-x\"\nC=x#y # note\nexport D=${NONE:-d}\n",
    },
    "a dollar that is no variable": {"a.yml": service("environment: {A: $2y$10, B: '${X:-$2y$10}'}")},
    "merge keys": {
        "a.yml": "x-one: &one {environment: {A: '1'}, tmpfs: [/a]}\n"
        "x-two: &two {environment: {B: '1'}, ports: ['1:1']}\n"
        "services:\n  a:\n    <<: [*one, *two]\n    image: web:1\n"
    },
}


def agree(folder: Path, texts: dict[str, str], files: list[str]) -> None:
    write(folder, texts)
    stacks, problems, _ = stack_from_files(Repository(folder), files)
    assert not problems
    assert our_view(stacks[0], folder) == compose_view(resolved(folder, files))


@pytest.mark.parametrize("name", LAYERED)
def test_an_override(name: str, tmp_path: Path) -> None:
    base, override = LAYERED[name]
    agree(tmp_path, {"a.yml": base, "b.yml": override}, ["a.yml", "b.yml"])


@pytest.mark.parametrize("name", ALONE)
def test_one_file_with_what_it_names(name: str, tmp_path: Path) -> None:
    agree(tmp_path, ALONE[name], ["a.yml"])


def test_an_override_keeps_what_a_network_was_given(tmp_path: Path) -> None:
    write(
        tmp_path, dict(zip(("a.yml", "b.yml"), LAYERED["networks: names over a mapping"], strict=True))
    )
    (stack,), *_ = stack_from_files(Repository(tmp_path), ["a.yml", "b.yml"])
    assert stack.services["a"].networks["back"].plain() == {"aliases": ["db"]}


def test_a_file_extended_often_is_counted_once(tmp_path: Path) -> None:
    common = "".join(f"  b{number}: {{image: web:1, dns: [a, b, c]}}\n" for number in range(300))
    users = "".join(f"  s{number}: {{extends: {{file: b.yml, service: b0}}}}\n" for number in range(300))
    write(tmp_path, {"a.yml": f"services:\n{users}", "b.yml": f"services:\n{common}"})
    (stack,), problems, _ = stack_from_files(Repository(tmp_path), ["a.yml"])
    assert not problems
    assert {each.image.text for each in stack.services.values() if each.image} == {"web:1"}
