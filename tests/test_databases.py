"""Configuration that dockfix writes for databases, queues and what starts them, given to the real
programs."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.cases import FIXTURES
from tests.servers import after, free_port, logs_in, mariadb, needs, postgres, rabbitmq, running

CASES = "missing-config-file"
POSTGRES = needs("psql", "setpriv", "pg_ctlcluster")


def said(command: list[str], **options: object) -> str:
    """What a command prints, which must succeed."""
    told = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options,  # type: ignore[call-overload]
    )  # fmt: skip
    assert told.returncode == 0, told.stdout
    return str(told.stdout)


@POSTGRES
def test_postgres_makes_every_database_that_services_open(tmp_path: Path) -> None:
    script = after(f"{CASES}/postgres-several-databases") / "db/init/10-init.sql"
    with postgres(tmp_path) as (client, port):
        for _ in range(2):
            said([*client, "-f", str(script)], cwd="/")
        for name, owner in (("invoices", "postgres"), ("metrics", "metrics")):
            query = f"SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = '{name}'"
            assert said([*client, "-tAc", query], cwd="/").strip() == owner
            table = "CREATE TABLE mails (address citext, id uuid DEFAULT uuid_generate_v4())"
            said([*client, "-d", name, "-c", table], cwd="/")
        assert not logs_in(port, "metrics", "metrics", PGPASSWORD="")
        said([*client, "-c", "ALTER ROLE metrics PASSWORD 'right one'"], cwd="/")
        assert logs_in(port, "metrics", "metrics", PGPASSWORD="right one")


@POSTGRES
def test_postgres_makes_the_databases_that_a_variable_lists(tmp_path: Path) -> None:
    script = after(f"{CASES}/postgres-listed-databases") / "scripts/create-databases.sh"
    with postgres(tmp_path) as (client, port):
        variables = {
            "PGHOST": client[2],
            "PGPORT": str(port),
            "POSTGRES_USER": "postgres",
            "POSTGRES_DB": "postgres",
            "POSTGRES_MULTIPLE_DATABASES": "app,sessions, it's reports",
        }
        for _ in range(2):
            said([str(script)], env={**os.environ, **variables}, cwd="/")
        names = said([*client, "-tAc", "SELECT datname FROM pg_database"], cwd="/").splitlines()
        assert {"app", "sessions", "it's", "reports"} <= set(names)


@POSTGRES
def test_postgres_runs_with_its_settings_and_asks_for_passwords(tmp_path: Path) -> None:
    """The server is started as the image does it: PGDATA names the data, the command the files."""
    folder = after(f"{CASES}/postgres-settings") / "postgres"
    shutil.copytree(folder, tmp_path / "etc")
    options = ["config_file=/shop.conf", "hba_file=/pg_hba.conf"]
    words = [word for option in options for word in ("-c", option.replace("=", f"={tmp_path}/etc"))]
    with postgres(tmp_path, *words) as (client, port):
        asked = "SELECT current_setting('shared_buffers'), current_setting('data_directory')"
        assert said([*client, "-tAc", asked], cwd="/").strip() == f"512MB|{tmp_path}/data"
        said([*client, "-c", "CREATE ROLE guest LOGIN PASSWORD 'right one'"], cwd="/")
        assert logs_in(port, "guest", "postgres", PGPASSWORD="right one")
        assert not logs_in(port, "guest", "postgres", PGPASSWORD="wrong")
        assert not logs_in(port, "guest", "postgres")


@needs("mariadbd", "mariadb-install-db", "mariadb")
def test_mariadb_runs_with_its_options_and_the_databases(tmp_path: Path) -> None:
    folder = after(f"{CASES}/mariadb-options")
    included = tmp_path / "conf.d"
    included.mkdir()
    text = (folder / "my.cnf").read_text().replace("/etc/mysql/conf.d/", f"{included}/")
    options = tmp_path / "my.cnf"
    options.write_text(text.replace("user = mysql\n", ""))
    with mariadb(tmp_path, f"--defaults-file={options}") as client:
        for _ in range(2):
            said(["sh", "-c", f'"$@" <{folder}/init/10-init.sql', "sh", *client])
        asked = "SHOW CREATE DATABASE search; SELECT @@character_set_server, @@skip_name_resolve"
        told = said([*client, "-N", "-e", asked])
        assert "utf8mb4_unicode_ci" in told
        assert told.splitlines()[-1] == "utf8mb4\t1"


@needs("mariadbd", "mariadb-install-db", "mariadb")
def test_mysql_takes_its_script(tmp_path: Path) -> None:
    """MariaDB stands in, which lacks only the collation."""
    script = after(f"{CASES}/mysql-databases-and-options") / "mysql/init.sql"
    (tmp_path / "init.sql").write_text(script.read_text().replace("0900_ai_ci", "unicode_ci"))
    with mariadb(tmp_path) as client:
        said([*client, "-e", "CREATE USER writer IDENTIFIED BY 'x'"])
        for _ in range(2):
            said(["sh", "-c", f'"$@" <{tmp_path}/init.sql', "sh", *client])
        grants = said([*client, "-N", "-e", "SHOW GRANTS FOR writer; SHOW DATABASES"])
        assert "ALL PRIVILEGES ON `statistics`.*" in grants
        assert "import" in grants.splitlines()


@needs("redis-server", "redis-cli")
@pytest.mark.parametrize(("name", "policy"), [("queue", "noeviction"), ("cache", "allkeys-lru")])
def test_redis_keeps_to_its_memory(name: str, policy: str, tmp_path: Path) -> None:
    folder = after(f"{CASES}/redis-within-its-memory") / "redis"
    text = (folder / f"{name}.conf").read_text().replace("dir /data", f"dir {tmp_path}")
    path = tmp_path / "redis.conf"
    path.write_text(text.replace("/etc/queue/users.acl", str(folder / "users.acl")))
    port = str(free_port())
    with running(["redis-server", str(path), "--port", port], "Ready to accept connections"):
        assert policy in said(["redis-cli", "-p", port, "config", "get", "maxmemory-policy"])
        said(["redis-cli", "-p", port, "set", "key", "value"])
    with running(["redis-server", str(path), "--port", port], "Ready to accept connections"):
        assert said(["redis-cli", "-p", port, "get", "key"]).strip() == "value"


@needs("mosquitto", "mosquitto_passwd")
def test_mosquitto_lets_in_who_has_a_password(tmp_path: Path) -> None:
    folder = after(f"{CASES}/mosquitto-with-passwords") / "mosquitto"
    said(["mosquitto_passwd", "-b", "-c", str(tmp_path / "passwd"), "sensor", "right one"])
    port = str(free_port())
    text = (folder / "mosquitto.conf").read_text().replace("listener 1883", f"listener {port}")
    text = text.replace("listener 9001", f"listener {free_port()}")
    text = text.replace("/mosquitto/config/", f"{tmp_path}/")
    text = text.replace("/mosquitto/data/", f"{tmp_path}/")
    (tmp_path / "mosquitto.conf").write_text(f"user root\n{text}")
    with running(["mosquitto", "-c", str(tmp_path / "mosquitto.conf")], "running"):
        assert mosquitto_lets_in(port, "sensor", "right one")
        assert not mosquitto_lets_in(port, "sensor", "wrong")
        assert not mosquitto_lets_in(port)


def mosquitto_lets_in(port: str, *login: str) -> bool:
    """Whether the server accepts the first packet of a client."""
    fields = [b"MQTT", *(word.encode() for word in ("client", *login))]
    name, client, *rest = [len(field).to_bytes(2, "big") + field for field in fields]
    flags = 0b11000010 if login else 0b00000010
    body = name + bytes([4, flags, 0, 60]) + client + b"".join(rest)
    with socket.create_connection(("127.0.0.1", int(port))) as connection:
        connection.sendall(bytes([0x10, len(body)]) + body)
        return connection.recv(4) == bytes([0x20, 2, 0, 0])


@needs("mosquitto")
def test_mosquitto_lets_nobody_in_without_passwords(tmp_path: Path) -> None:
    path = after(f"{CASES}/mosquitto-without-passwords") / "mosquitto/config/mosquitto.conf"
    port = str(free_port())
    text = path.read_text().replace("listener 1883", f"listener {port}")
    text = text.replace("/mosquitto/data/", f"{tmp_path}/")
    (tmp_path / "mosquitto.conf").write_text(f"user root\n{text}")
    with running(["mosquitto", "-c", str(tmp_path / "mosquitto.conf")], "running"):
        assert not mosquitto_lets_in(port)


@needs("rabbitmqctl")
def test_rabbitmq_has_its_plugins_and_definitions(tmp_path: Path) -> None:
    folder = after(f"{CASES}/rabbitmq-with-plugins") / "broker"
    text = (folder / "rabbitmq.conf").read_text()
    text = text.replace("/etc/rabbitmq/definitions.json", str(folder / "definitions.json"))
    ports = {
        "listeners.tcp.default": free_port(),
        "management.tcp.port": free_port(),
        "prometheus.tcp.port": free_port(),
        "mqtt.listeners.tcp.default": free_port(),
    }
    text += "".join(f"{name} = {port}\n" for name, port in ports.items())
    (tmp_path / "rabbitmq.conf").write_text(text)
    shutil.copy(folder / "enabled_plugins", tmp_path / "plugins")
    with rabbitmq(tmp_path) as control:
        assert "letters" in control("list_queues")
        for port in ports.values():
            socket.create_connection(("127.0.0.1", port)).close()


@POSTGRES
@needs("pgbouncer")
def test_pgbouncer_passes_roles_on(tmp_path: Path) -> None:
    path = after(f"{CASES}/pgbouncer-before-postgres") / "pgbouncer/pgbouncer.ini"
    pool = free_port()
    with postgres(tmp_path) as (client, port):
        said([*client, "-c", "CREATE ROLE guest LOGIN PASSWORD 'right one'"], cwd="/")
        asked = """SELECT format('"%s" "%s"', rolname, rolpassword) FROM pg_authid
                   WHERE rolname = 'guest'"""
        (tmp_path / "userlist.txt").write_text(said([*client, "-tAc", asked], cwd="/"))
        text = path.read_text().replace("host=db port=5432", f"host=127.0.0.1 port={port}")
        text = text.replace("listen_port = 5432", f"listen_port = {pool}")
        (tmp_path / "pgbouncer.ini").write_text(text.replace("/etc/pgbouncer", str(tmp_path)))
        server = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "pgbouncer"]
        with running([*server, str(tmp_path / "pgbouncer.ini")], "process up"):
            assert logs_in(pool, "guest", "postgres", PGPASSWORD="right one")
            assert not logs_in(pool, "guest", "postgres", PGPASSWORD="wrong")


@needs("supervisord")
def test_supervisord_runs_the_programs(tmp_path: Path) -> None:
    text = (after(f"{CASES}/supervisor-of-a-procfile") / "docker/supervisord.conf").read_text()
    text = text.replace("/tmp/supervisord.pid", str(tmp_path / "pid"))
    path = tmp_path / "supervisord.conf"
    path.write_text(text)
    for name in ("gunicorn", "celery"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\nprintf "%s|" {name} "$@" >{tmp_path}/{name}\nexec sleep 600\n')
        program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "PORT": "8000"}
    with running(["supervisord", "-c", str(path)], "worker entered RUNNING state", env=environment):
        logged = "0.0.0.0:8000|--access-logformat|%(h)s %(s)s|"
        assert (tmp_path / "gunicorn").read_text() == f"gunicorn|shop.wsgi|--bind|{logged}"
        assert (tmp_path / "celery").read_text() == "celery|-A|shop|worker|"


def test_start_scripts_wait_and_run_the_command(tmp_path: Path) -> None:
    folder = after(f"{CASES}/scripts-that-wait")
    waiting = str(folder / "scripts/wait-for-it.sh")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        at = f"127.0.0.1:{listener.getsockname()[1]}"
        assert said([waiting, at, "-t", "5", "--", "echo", "it's there"]) == "it's there\n"
        assert said([waiting, at]) == ""
        start = tmp_path / "start.sh"
        text = (folder / "docker-entrypoint.sh").read_text()
        for address in ("db 5432", "cache 6379"):
            text = text.replace(f"wait_for {address}", f"wait_for {at.replace(':', ' ')}")
        start.write_text(text)
        start.chmod(0o755)
        assert said([str(start), "echo", "started"]) == "started\n"
    closed = f"127.0.0.1:{free_port()}"
    told = subprocess.run([waiting, closed, "-t", "1", "-s", "--", "echo"], capture_output=True)
    assert told.returncode == 1
    assert told.stdout == b""
    assert said([waiting, closed, "-q", "--timeout=1", "--", "echo", "later"]) == "later\n"


@needs("shellcheck")
@pytest.mark.parametrize(
    "path",
    [
        "postgres-listed-databases/after/scripts/create-databases.sh",
        "postgres-with-vectors/after/init.sh",
        "scripts-that-wait/after/docker-entrypoint.sh",
        "scripts-that-wait/after/scripts/wait-for-it.sh",
    ],
)
def test_scripts_are_clean(path: str) -> None:
    said(["shellcheck", str(after(CASES).parent / path)])


BACKUPS = "scaffold-backup"
SCRIPTS = {
    "postgres": "a-database-and-a-queue/after/backup",
    "redis": "a-database-and-a-queue/after/backup",
    "mysql": "mysql-and-mongo/after/docker/backup",
}


def backup(kind: str, folder: Path, script: str, *arguments: str, **variables: str) -> list[str]:
    """Run a script of a backup with a folder for the dumps; give what it says, line by line."""
    environment = {
        **os.environ,
        "BACKUP_HOST": "127.0.0.1",
        "BACKUP_FOLDER": str(folder / "backups"),
        "BACKUP_EVERY_HOURS": "24",
        "BACKUP_KEEP": "2",
        **variables,
    }
    path = FIXTURES / BACKUPS / SCRIPTS[kind] / script
    return said(["sh", str(path), *arguments], env=environment, cwd="/").splitlines()


@POSTGRES
def test_a_backup_of_postgres_comes_back_on_a_new_server(tmp_path: Path) -> None:
    made = """CREATE ROLE reader LOGIN PASSWORD 'right one'; CREATE TABLE pears (name text, picked date);
              INSERT INTO pears VALUES ('conference', '2026-09-14'), ('it''s ripe', NULL);
              GRANT SELECT ON pears TO reader"""
    asked = "SELECT * FROM pears ORDER BY name"
    login = {"POSTGRES_USER": "postgres", "POSTGRES_PASSWORD": "of the owner"}
    for name in ("old", "new"):
        folder = tmp_path / name
        folder.mkdir()
        with postgres(folder) as (client, port):
            login["PGPORT"] = str(port)
            said([*client, "-c", "ALTER ROLE postgres PASSWORD 'of the owner'"], cwd="/")
            if name == "old":
                said([*client, "-c", "CREATE DATABASE orchard"], cwd="/")
                said([*client, "-d", "orchard", "-c", made], cwd="/")
                before = said([*client, "-d", "orchard", "-tAc", asked], cwd="/")
                backup("postgres", tmp_path, "once.sh", "postgres", **login)
            else:
                dump = next((tmp_path / "backups").iterdir())
                for _ in range(2):
                    backup("postgres", tmp_path, "postgres.sh", "restore", str(dump), **login)
                assert said([*client, "-d", "orchard", "-tAc", asked], cwd="/") == before
                assert logs_in(port, "reader", "orchard", PGPASSWORD="right one")


@POSTGRES
def test_a_backup_that_fails_is_none(tmp_path: Path) -> None:
    with postgres(tmp_path) as (_, port):
        login = {"POSTGRES_PASSWORD": "wrong", "PGPORT": str(port)}
        with pytest.raises(AssertionError, match="password"):
            backup("postgres", tmp_path, "once.sh", "postgres", **login)
    assert not list((tmp_path / "backups").iterdir())
    with pytest.raises(AssertionError, match="no backup"):
        backup("postgres", tmp_path, "fresh.sh", "0")


def test_backups_grow_old_and_the_oldest_go(tmp_path: Path) -> None:
    scripts = tmp_path / "scripts"
    shutil.copytree(FIXTURES / BACKUPS / SCRIPTS["postgres"], scripts)
    (scripts / "none.sh").write_text('touch "$2/done"\n')
    variables = {"BACKUP_HOST": "none", "BACKUP_FOLDER": str(tmp_path / "backups")}
    variables |= {"BACKUP_EVERY_HOURS": "24", "BACKUP_KEEP": "2"}
    for day in ("2020-01-01", "2020-01-02"):
        (tmp_path / "backups" / f"{day}T000000Z").mkdir(parents=True)
        os.utime(tmp_path / "backups" / f"{day}T000000Z", (0, 0))
    environment = {**os.environ, **variables}
    fresh = ["sh", str(scripts / "fresh.sh"), "0"]
    assert subprocess.run(fresh, env=environment, capture_output=True).returncode == 1
    said(["sh", str(scripts / "once.sh"), "none"], env=environment)
    said(fresh, env=environment)
    left = sorted(path.name for path in (tmp_path / "backups").iterdir())
    assert left[0] == "2020-01-02T000000Z"
    assert len(left) == 2


@needs("mariadbd", "mariadb-install-db", "mariadb")
def test_a_backup_of_mariadb_comes_back_on_a_new_server(tmp_path: Path) -> None:
    made = """CREATE DATABASE app; CREATE TABLE app.notes (id int, text varchar(40));
              INSERT INTO app.notes VALUES (1, 'it''s ripe'), (2, NULL);
              CREATE PROCEDURE app.count_notes() SELECT count(*) FROM app.notes"""
    asked = "SELECT * FROM app.notes ORDER BY id; CALL app.count_notes()"
    for name in ("old", "new"):
        folder = tmp_path / name
        folder.mkdir()
        with mariadb(folder) as client:
            said([*client, "-e", "ALTER USER root@localhost IDENTIFIED BY 'right one'"])
            client.append("--password=right one")
            (folder / ".my.cnf").write_text(f"[client]\nsocket = {folder}/socket\n")
            login = {"BACKUP_HOST": "localhost", "MYSQL_ROOT_PASSWORD": "right one", "HOME": str(folder)}
            if name == "old":
                said([*client, "-e", made])
                before = said([*client, "-e", asked])
                backup("mysql", tmp_path, "once.sh", "mysql", **login)
            else:
                dump = next((tmp_path / "backups").iterdir())
                for _ in range(2):
                    backup("mysql", tmp_path, "mysql.sh", "restore", str(dump), **login)
                assert said([*client, "-e", asked]) == before


@needs("redis-server", "redis-cli", "redis-check-rdb")
def test_a_backup_of_redis_comes_back_on_a_new_server(tmp_path: Path) -> None:
    for name in ("old", "new"):
        folder = tmp_path / name
        folder.mkdir()
        port = str(free_port())
        options = ["--port", port, "--dir", str(folder), "--appendonly", "yes"]
        login = {"REDISCLI_AUTH": "right one", "REDIS_PORT": port}
        ask = ["redis-cli", "-p", port, "--no-auth-warning", "-a", "right one"]
        server = ["redis-server", *options, "--requirepass", "right one"]
        with running(server, "Ready to accept connections"):
            if name == "old":
                said([*ask, "set", "pear", "it's ripe"])
                backup("redis", tmp_path, "once.sh", "redis", **login)
            else:
                said([*ask, "set", "pear", "rotten"])
                dump = next((tmp_path / "backups").iterdir())
                backup("redis", tmp_path, "redis.sh", "restore", str(dump), **login)
                assert said([*ask, "get", "pear"]).strip() == "it's ripe"
                assert "role:master" in said([*ask, "info", "replication"])
        with running(server, "Ready to accept connections"):
            assert said([*ask, "get", "pear"]).strip() == "it's ripe"


@needs("shellcheck")
@pytest.mark.parametrize("folder", sorted(set(SCRIPTS.values())))
def test_scripts_of_backups_are_clean(folder: str) -> None:
    paths = sorted((FIXTURES / BACKUPS / folder).glob("*.sh"))
    said(["shellcheck", *map(str, paths)])
