"""What dockfix writes, given to the real programs: servers of databases, queues and pages."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cases import FIXTURES
from tests.servers import (
    after,
    free_port,
    logs_in,
    mariadb,
    needs,
    postgres,
    rabbitmq,
    running,
    service_of,
)

REDIS_CASES = [
    ("invalid-redis-option/folded", "compose.yaml", "cache", "cache_password"),
    ("invalid-redis-option/last-of-a-line", "docker-compose.yml", "cache", "pw"),
    ("invalid-redis-option/exec-form", "compose.yaml", "second", "pw"),
    ("invalid-redis-option/line-breaks", "compose.yaml", "cache", "pw"),
    ("invalid-redis-option/in-a-script", "compose.yaml", "cache", "pw"),
    ("password-in-redis-configuration/server-reads-the-file", "compose.yaml", "cache", "cache_password"),
    ("password-in-redis-configuration/list-command", "compose.yaml", "queue", "queue_password"),
]


@needs("redis-server", "redis-cli")
@pytest.mark.parametrize(("case", "file", "name", "secret"), REDIS_CASES)
def test_redis_takes_the_password_from_the_secret(
    case: str, file: str, name: str, secret: str, tmp_path: Path
) -> None:
    """The fixed command runs with the container's paths mapped into a folder. The image's
    entrypoint, which drops privileges and executes its arguments, is stood in for by `env`."""
    service = service_of(after(case), file, name)
    assert service.command is not None
    value = "right one"
    (tmp_path / secret).write_text(value)
    configuration = tmp_path / "redis.conf"
    configuration.write_text("")
    port = free_port()
    words = [
        word.replace("docker-entrypoint.sh", "env")
        .replace("/run/secrets/", f"{tmp_path}/")
        .replace("/usr/local/etc/redis/redis.conf", str(configuration))
        .replace("/etc/redis.conf", str(configuration))
        .replace("redis-server", f"redis-server --port {port} --dir {tmp_path}", 1)
        if "redis-server" in word
        else word
        for word in service.command.words
    ]
    if str(configuration) in words[-1]:
        # The configuration file has to be the first argument.
        options = f"--port {port} --dir {tmp_path}"
        words[-1] = words[-1].replace(f" {options} {configuration}", f" {configuration} {options}")

    def ask(*login: str) -> str:
        command = ["redis-cli", "-p", str(port), *login, "ping"]
        return subprocess.run(command, capture_output=True, text=True).stdout

    with running(words, "Ready to accept connections"):
        assert "PONG" in ask("--no-auth-warning", "-a", value)
        assert "NOAUTH" in ask()
        assert "PONG" not in ask("--no-auth-warning", "-a", "wrong")
        test = service.healthcheck.test if service.healthcheck else None
        if test is not None:
            line = test.words[1].replace("/run/secrets/", f"{tmp_path}/")
            line = line.replace("redis-cli", f"redis-cli -p {port}")
            assert subprocess.run(["sh", "-c", line]).returncode == 0
            (tmp_path / secret).write_text("wrong")
            told = subprocess.run(["sh", "-c", line], capture_output=True, text=True)
            # Without an option redis-cli does not fail where the server refuses it, as before.
            assert told.returncode != 0 or "NOAUTH" in told.stdout


@needs("redis-server")
def test_redis_takes_its_configuration(tmp_path: Path) -> None:
    text = (after("missing-config-file/databases") / "redis.conf").read_text()
    path = tmp_path / "redis.conf"
    path.write_text(text.replace("dir /data", f"dir {tmp_path}"))
    with running(["redis-server", str(path), "--port", str(free_port())], "Ready to accept connections"):
        pass


@needs("psql", "setpriv", "pg_ctlcluster")
def test_postgres_runs_the_init_script_twice(tmp_path: Path) -> None:
    script = after("missing-config-file/databases") / "init.sql"
    with postgres(tmp_path) as (client, _):
        for _ in range(2):
            subprocess.run([*client, "-f", str(script)], check=True, capture_output=True, cwd="/")
        listed = subprocess.run([*client, "-lqtA"], check=True, capture_output=True, text=True, cwd="/")
        assert any(line.startswith("reports|") for line in listed.stdout.splitlines())


@needs("psql", "setpriv", "pg_ctlcluster")
@pytest.mark.parametrize(
    ("case", "name", "role"),
    [
        ("a-role-of-the-application", "postgres/init/01-roles.sql", "app"),
        ("in-a-block", "init/10-roles.sql", "shop"),
    ],
)
def test_postgres_gives_the_role_the_password_of_the_environment(
    case: str, name: str, role: str, tmp_path: Path
) -> None:
    folder = after(f"password-in-init-sql/{case}")
    variables = dict(line.split("=", 1) for line in (folder / ".env").read_text().splitlines())
    with postgres(tmp_path) as (client, port):
        for step in (["-c", "CREATE DATABASE shop"], ["-d", "shop", "-f", str(folder / name)]):
            told = subprocess.run(
                [*client, *step],
                check=True,
                capture_output=True,
                cwd="/",
                env={**os.environ, **variables},
            )
            assert not any(value.encode() in told.stdout for value in variables.values())

        assert logs_in(port, role, "shop", PGPASSWORD=variables[f"{role.upper()}_PASSWORD"])
        assert not logs_in(port, role, "shop", PGPASSWORD="linen-boat-32")
        assert not logs_in(port, role, "shop")


@needs("psql", "setpriv", "pg_ctlcluster")
def test_postgres_gives_the_role_the_password_of_the_shell_script(tmp_path: Path) -> None:
    case = FIXTURES / "password-in-init-script/a-role-in-a-here-document"
    variables = dict(line.split("=", 1) for line in (case / "after/.env").read_text().splitlines())
    password = variables["PICKER_PASSWORD"]
    for tree, own in (("before", {}), ("after", variables)):
        folder = tmp_path / tree
        folder.mkdir()
        with postgres(folder) as (client, port):
            subprocess.run([*client, "-c", "CREATE DATABASE orchard"], check=True, capture_output=True)
            connection = {"PGHOST": client[2], "PGPORT": str(port)}
            image = {"POSTGRES_USER": "postgres", "POSTGRES_DB": "orchard"}
            environment = {**os.environ, **connection, **image, **own}
            script = ["bash", str(case / tree / "db/init/10-roles.sh")]
            subprocess.run(script, check=True, capture_output=True, env=environment)
            assert logs_in(port, "picker", "orchard", PGPASSWORD=password)
            assert not logs_in(port, "picker", "orchard", PGPASSWORD="plum-ladder-20")


@needs("mariadbd", "mariadb-install-db", "mariadb")
def test_mariadb_has_the_same_users_after_the_script_for_the_shell(tmp_path: Path) -> None:
    case = FIXTURES / "password-in-mysql-init-sql/a-user-of-the-application"
    variables = dict(line.split("=", 1) for line in (case / "after/.env").read_text().splitlines())
    asked = "SHOW CREATE USER guide; SHOW GRANTS FOR guide; SELECT * FROM settings"
    told: list[str] = []
    for tree in ("before", "after"):
        folder = tmp_path / tree
        folder.mkdir()
        with mariadb(folder) as client:
            subprocess.run([*client, "-e", "CREATE DATABASE museum"], check=True)
            # What the image's entrypoint does with a .sql, and with a .sh.
            words = " ".join([*client, "museum"])
            steps = {
                "before": f"{words} <{case}/before/db/init/20-users.sql",
                "after": f"docker_process_sql() {{ {words}; }}; . {case}/after/db/init/20-users.sh",
            }
            environment = {**os.environ, **variables}
            subprocess.run(["bash", "-euc", steps[tree]], check=True, env=environment)
            answer = subprocess.run([*client, "museum", "-e", asked], check=True, capture_output=True)
            told.append(answer.stdout.decode())
    assert told[0] == told[1]
    assert "separator" in told[0]


PROMTOOL = ["promtool", "check", "config"]
AMTOOL = ["amtool", "check-config"]


@needs("promtool", "amtool")
@pytest.mark.parametrize(
    ("case", "program", "name", "check"),
    [
        ("scrape-and-mail", "prometheus", "prometheus.yml", PROMTOOL),
        ("scrape-and-mail", "alertmanager", "alertmanager.yml", AMTOOL),
        ("receivers-and-folders", "prometheus", "prometheus/prometheus.yml", PROMTOOL),
        ("receivers-and-folders", "alertmanager", "alertmanager/config.yml", AMTOOL),
    ],
)
def test_monitoring_reads_its_passwords_from_files(
    case: str, program: str, name: str, check: list[str], tmp_path: Path
) -> None:
    folder = after(f"password-in-monitoring-configuration/{case}")
    service = service_of(folder, "compose.yaml", program)
    text = (folder / name).read_text()
    for secret in service.secrets:
        assert secret.target in text
        (tmp_path / secret.source).write_text("anything")
    path = tmp_path / "configuration.yml"
    path.write_text(text.replace("/run/secrets", str(tmp_path)))
    checked = subprocess.run([*check, str(path)], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@needs("rabbitmqctl")
def test_rabbitmq_knows_its_users_by_their_passwords(tmp_path: Path) -> None:
    """The default user has the password from the environment, its name from rabbitmq.conf; users of
    definitions have those that their hashes were made of."""
    shutil.copy(after("password-in-rabbitmq-configuration/a-default-user") / "rabbitmq.conf", tmp_path)
    with (tmp_path / "rabbitmq.conf").open("a") as file:
        file.write(f"listeners.tcp.default = {free_port()}\n")
    with rabbitmq(tmp_path, RABBITMQ_DEFAULT_PASS="right one") as control:
        assert "Success" in control("authenticate_user", "picker", "right one")
        assert "Success" not in control("authenticate_user", "picker", "elm-thimble-52")
        definitions = after("password-in-rabbitmq-configuration/definitions") / "rabbitmq/orchard.json"
        control("import_definitions", str(definitions))
        assert "Success" in control("authenticate_user", "picker", "granite-teasel-83")
        assert "Success" in control("authenticate_user", "packer", "osier-plinth-27")
