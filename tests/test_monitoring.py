"""What dockfix writes for monitoring, given to the real programs: servers, exporters and checks."""

from __future__ import annotations

import http.server
import json
import os
import re
import socket
import subprocess
import threading
import tomllib
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fixer.scaffold.rendering import FOLDER
from tests.cases import FIXTURES, compose_says, dockfix, repository_of
from tests.servers import after, backend, free_port, needs, postgres, running, service_of

RULES = Path(__file__).parent / "rules"
STACK = "scaffold-monitoring/shop"


def written(name: str) -> list[Path]:
    """Every file of that name in what the fixtures end as."""
    return sorted(
        path
        for folder in ("missing-config-file", "scaffold-monitoring")
        for path in FIXTURES.glob(f"{folder}/*/after/**/{name}")
    )


def names(path: Path) -> str:
    return "/".join(path.relative_to(FIXTURES).parts)


def ask(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as response:
        return str(response.read().decode())


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@needs("promtool")
@pytest.mark.parametrize("path", written("prometheus.yml"), ids=names)
def test_prometheus_takes_its_configuration(path: Path) -> None:
    command = ["promtool", "check", "config", "--syntax-only", str(path)]
    check = subprocess.run(command, capture_output=True, text=True)
    assert check.returncode == 0, check.stderr


@needs("promtool")
@pytest.mark.parametrize("path", written("alerts.yml"), ids=names)
def test_prometheus_takes_its_rules(path: Path) -> None:
    command = ["promtool", "check", "rules", "--lint-fatal", str(path)]
    check = subprocess.run(command, capture_output=True, text=True)
    assert check.returncode == 0, check.stdout + check.stderr


def test_every_group_of_rules_has_its_test() -> None:
    groups = {path.name.removesuffix(".j2") for path in FOLDER.glob("prometheus/rules/*")}
    assert groups == {path.name for path in RULES.glob("*.yml")}


@needs("promtool")
@pytest.mark.parametrize("path", sorted(RULES.glob("*.yml")), ids=lambda path: path.stem)
def test_alerts_fire_when_they_should(path: Path) -> None:
    template = next(FOLDER.glob(f"prometheus/rules/{path.name}*")).read_text()
    alerts = set(re.findall(r"alert: (\w+)", template))
    assert alerts == set(re.findall(r"alertname: (\w+)", path.read_text()))
    check = subprocess.run(["promtool", "test", "rules", str(path)], capture_output=True, text=True)
    assert check.returncode == 0, check.stdout + check.stderr


@needs("amtool")
@pytest.mark.parametrize("path", written("alertmanager.yml"), ids=names)
def test_alertmanager_takes_its_configuration(path: Path) -> None:
    check = subprocess.run(["amtool", "check-config", str(path)], capture_output=True, text=True)
    assert check.returncode == 0, check.stderr


class Scraped(http.server.BaseHTTPRequestHandler):
    """Tells that it was asked: then Prometheus has loaded all of its targets."""

    asked = threading.Event()

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.asked.set()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A Prometheus with what the command writes for a stack, once it scrapes."""
    folder, port = tmp_path_factory.mktemp("prometheus"), free_port()
    written = after(STACK) / "monitoring/prometheus"
    target = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Scraped)
    threading.Thread(target=target.serve_forever, daemon=True).start()
    text = (written / "prometheus.yml").read_text().replace("/etc/prometheus", str(written))
    text = text.replace("localhost:9090", f"127.0.0.1:{target.server_address[1]}")
    (folder / "prometheus.yml").write_text(text)
    command = [
        "prometheus",
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with running(command, "Server is ready to receive web requests"):
        assert Scraped.asked.wait(60)
        yield port
    target.shutdown()


@needs("prometheus")
def test_prometheus_scrapes_what_the_stack_has(server: int) -> None:
    targets = json.loads(ask(server, "/api/v1/targets"))["data"]["activeTargets"]
    found = {each["scrapePool"]: each["scrapeUrl"] for each in targets}
    own = {"prometheus", "alertmanager", "grafana", "loki", "alloy", "node-exporter", "cadvisor"}
    assert found.keys() == own | {"api", "queue", "db-exporter", "cache-exporter"}
    assert found["api"] == "http://api:8000/metrics"
    assert found["queue"] == "http://queue:15692/metrics"
    groups = json.loads(ask(server, "/api/v1/rules"))["data"]["groups"]
    expected = {"availability", "host", "containers", "postgres", "redis", "rabbitmq", "requests"}
    assert {each["name"] for each in groups} == expected


def panels(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text())["panels"])


@needs("prometheus")
def test_prometheus_understands_every_panel(server: int) -> None:
    rows = tomllib.loads((FOLDER / "grafana/dashboard.toml").read_text())["rows"]
    queries = {panel["query"] for row in rows for panel in row["panels"]}
    for path in written("stack.json"):
        queries.update(each["expr"] for panel in panels(path) for each in panel.get("targets", []))
    for query in queries:
        text = urllib.parse.quote(query.replace("$__rate_interval", "1m"))
        assert json.loads(ask(server, f"/api/v1/query?query={text}"))["status"] == "success"


@pytest.mark.parametrize("path", written("stack.json"), ids=names)
def test_a_dashboard_is_laid_out(path: Path) -> None:
    found = panels(path)
    assert len({each["id"] for each in found}) == len(found)
    places = [each["gridPos"] for each in found]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(cells)) == len(cells), "panels overlap"
    assert max(x for x, _ in cells) < 24


@pytest.mark.parametrize("path", written("dashboards.yml"), ids=names)
def test_grafana_finds_its_dashboards_where_they_are_mounted(path: Path) -> None:
    """The provider's folder is one that the container has, by a mount or as provisioning's own."""
    found = re.findall(r"(?m)^ +path: (\S+)$", path.read_text())
    tree = next(each for each in path.parents if each.name == "after")
    text = "".join(each.read_text() for each in tree.rglob("*compose*.y*ml"))
    assert found
    for folder in found:
        assert f":{folder}" in text or f":{folder.rpartition('/')[0]}" in text


@needs("prometheus-blackbox-exporter")
def test_the_blackbox_exporter_probes(tmp_path: Path) -> None:
    path = after("missing-config-file/blackbox-exporter") / "blackbox.yml"
    port = free_port()
    command = [
        "prometheus-blackbox-exporter",
        f"--config.file={path}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with running(command, "Listening on"), backend("api") as http:
        closed = free_port()
        for module, target, success in (
            ("http_2xx", f"http://127.0.0.1:{http}/health", 1),
            ("tcp_connect", f"127.0.0.1:{http}", 1),
            ("tcp_connect", f"127.0.0.1:{closed}", 0),
        ):
            answer = ask(port, f"/probe?module={module}&target={urllib.parse.quote(target)}")
            assert f"\nprobe_success {success}\n" in answer


def test_a_password_in_the_stack_is_not_repeated(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    database = "services:\n  db:\n    image: mysql:8.4\n    environment:\n"
    (tree / "compose.yaml").write_text(f"{database}      MYSQL_ROOT_PASSWORD: oak-kettle-31\n")
    repository = repository_of(tree, tmp_path / "repository")
    assert dockfix(repository, "scaffold", "monitoring").returncode == 0
    text = (repository / "compose.monitoring.yaml").read_text()
    assert "oak-kettle-31" not in text
    assert "Set MYSQL_ROOT_PASSWORD in .env to the password that db has." in text
    files = ("compose.yaml", "compose.monitoring.yaml")
    assert "MYSQL_ROOT_PASSWORD is missing a value" in compose_says(repository, *files)
    (repository / ".env").write_text("MYSQL_ROOT_PASSWORD=oak-kettle-31\n")
    assert not compose_says(repository, *files)


def command_of(case: str, file: str, name: str, program: str, installed: str, folder: Path) -> list[str]:
    """The command of a service that runs in a shell, for an installed program and secrets elsewhere."""
    service = service_of(after(case), file, name)
    assert service.command is not None
    line = service.command.words[0].replace("$$", "$").replace(program, installed)
    return ["sh", "-c", line.replace("/run/secrets", str(folder))]


@needs("redis-server", "prometheus-redis-exporter")
def test_the_redis_exporter_logs_in(tmp_path: Path) -> None:
    port, own = free_port(), free_port()
    (tmp_path / "cache_password").write_text("right one\n")
    server = ["redis-server", "--port", str(port), "--dir", str(tmp_path), "--requirepass", "right one"]
    case, file = "scaffold-monitoring/every-database", "docker-compose.monitoring.yml"
    command = command_of(
        case, file, "cache-exporter", "/redis_exporter", "prometheus-redis-exporter", tmp_path
    )
    environment = {
        **os.environ,
        "REDIS_ADDR": f"redis://127.0.0.1:{port}",
        "REDIS_EXPORTER_WEB_LISTEN_ADDRESS": f"127.0.0.1:{own}",
    }
    with (
        running(server, "Ready to accept connections"),
        running(command, "Providing metrics", env=environment) as exporter,
    ):
        # It says so a moment before it listens.
        while exporter.poll() is None and not listens(own):
            pass
        answer = ask(own, "/metrics")
    assert "\nredis_up 1\n" in answer
    assert missing(answer, "redis") == set()


@needs("psql", "setpriv", "pg_ctlcluster", "prometheus-postgres-exporter")
def test_the_postgres_exporter_logs_in(tmp_path: Path) -> None:
    own = free_port()
    command = command_of(
        STACK, "compose.monitoring.yaml", "db-exporter", "/bin/postgres_exporter",
        "prometheus-postgres-exporter", tmp_path,
    )  # fmt: skip
    with postgres(tmp_path) as (client, port):
        statement = "CREATE ROLE shop SUPERUSER LOGIN PASSWORD 'right-one'"
        subprocess.run([*client, "-c", statement], check=True, capture_output=True)
        environment = {
            **os.environ,
            "POSTGRES_USER": "shop",
            "POSTGRES_PASSWORD": "right-one",
            "DATA_SOURCE_URI": f"127.0.0.1:{port}/postgres?sslmode=disable",
            "PG_EXPORTER_WEB_LISTEN_ADDRESS": f"127.0.0.1:{own}",
        }
        with running(command, "Listening on", env=environment):
            answer = ask(own, "/metrics")
    assert "\npg_up 1\n" in answer
    assert missing(answer, "postgres") == set()


@needs("prometheus-node-exporter")
def test_the_node_exporter_has_what_the_rules_ask_for() -> None:
    own = free_port()
    command = ["prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{own}"]
    with running(command, "Listening on"):
        answer = ask(own, "/metrics")
    assert missing(answer, "host") == set()


def missing(answer: str, group: str) -> set[str]:
    """The metrics that a group's rules and panels name, and an exporter's answer has not."""
    rows = tomllib.loads((FOLDER / "grafana/dashboard.toml").read_text())["rows"]
    texts = re.findall(
        r"(?s)expr: (.*?)\n +for:", (FOLDER / f"prometheus/rules/{group}.yml").read_text()
    )
    texts += [panel["query"] for row in rows if row["needs"] == group for panel in row["panels"]]
    prefix = {"host": "node", "postgres": "pg"}.get(group, group)
    named = set(re.findall(rf"\b{prefix}_\w+", "\n".join(texts)))
    return {name for name in named if f"\n{name}" not in answer}
