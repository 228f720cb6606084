"""Exporters for what a stack has that speaks no HTTP of its own: each is a service to be added."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from fixer.scaffold.configuration.writing import version_of
from fixer.scaffold.credentials import Given, VariableFile, given, redis_password
from fixer.stack import Service


class Exporter(NamedTuple):
    """A service that gives another one metrics. `program` is its path in the image where that has a
    shell, `health` the path that it answers where it has one to ask with. `options` are those of its
    command, `values` what it takes from variables."""

    service: Service
    kind: str
    image: str
    port: int
    program: str = ""
    health: str = ""
    options: tuple[str, ...] = ()
    values: tuple[tuple[str, Given], ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        """The variables that Compose gives it."""
        return {name: each.text for name, each in self.values if each.text}

    @property
    def read_in_shell(self) -> dict[str, str]:
        """The variables that only a shell in the container can give it."""
        return {name: each.in_shell for name, each in self.values if not each.text}

    @property
    def required(self) -> list[str]:
        """The variables that the user has to set before Compose takes the stack."""
        return [each.required for _, each in self.values if each.required]

    @property
    def secrets(self) -> list[str]:
        """The Compose secrets that it reads."""
        return list(dict.fromkeys(each.secret for _, each in self.values if each.secret))

    @property
    def env_files(self) -> list[VariableFile]:
        """The files of variables that it reads."""
        return list(dict.fromkeys(file for _, each in self.values for file in each.env_files))


def exporter_of(service: Service) -> Exporter | None:
    """Give the exporter for a service, None where there is none that can be told how to get in."""
    facts = service.facts
    if facts is None or not facts.serves or service.build is not None or not service.networks:
        return None
    make = BY_LANGUAGE.get(facts.serves[0].speaks) or BY_NAME.get(facts.name)
    exporter = make(service) if make else None
    # Without a shell, it cannot be given what only a shell can read.
    return exporter if exporter and (exporter.program or not exporter.read_in_shell) else None


def _postgres(service: Service) -> Exporter | None:
    password = given(service, "POSTGRES_PASSWORD")
    if password is None:
        return None
    return Exporter(
        service,
        "postgres-exporter",
        "prometheuscommunity/postgres-exporter:v0.17.1",
        9187,
        "/bin/postgres_exporter",
        "/",
        values=(
            ("DATA_SOURCE_URI", Given(f"{service.name}:5432/postgres?sslmode=disable")),
            ("DATA_SOURCE_USER", given(service, "POSTGRES_USER") or Given("postgres")),
            ("DATA_SOURCE_PASS", password),
        ),
    )


def _mysql(service: Service) -> Exporter | None:
    # Only the administrator may see all that the exporter asks for.
    password = given(service, "MYSQL_ROOT_PASSWORD", "MARIADB_ROOT_PASSWORD")
    if password is None:
        return None
    return Exporter(
        service,
        "mysqld-exporter",
        "prom/mysqld-exporter:v0.17.2",
        9104,
        "/bin/mysqld_exporter",
        "/",
        (f"--mysqld.address={service.name}:3306", "--mysqld.username=root"),
        (("MYSQLD_EXPORTER_PASSWORD", password),),
    )


def _redis(service: Service) -> Exporter | None:
    password = redis_password(service)
    values = [("REDIS_ADDR", Given(f"redis://{service.name}:6379"))]
    values += [("REDIS_PASSWORD", password)] if password else []
    return Exporter(
        service,
        "redis_exporter",
        "oliver006/redis_exporter:v1.74.0-alpine",
        9121,
        "/redis_exporter",
        "/health",
        values=tuple(values),
    )


def _mongodb(service: Service) -> Exporter | None:
    user = given(service, "MONGO_INITDB_ROOT_USERNAME")
    password = given(service, "MONGO_INITDB_ROOT_PASSWORD")
    values = [("MONGODB_URI", Given(f"mongodb://{service.name}:27017/?authSource=admin"))]
    values += [("MONGODB_USER", user)] if user else []
    values += [("MONGODB_PASSWORD", password)] if password else []
    return Exporter(
        service,
        "mongodb_exporter",
        "percona/mongodb_exporter:0.47.1",
        9216,
        options=("--collector.diagnosticdata",),
        values=tuple(values),
    )


def _memcached(service: Service) -> Exporter | None:
    return Exporter(
        service,
        "memcached-exporter",
        "prom/memcached-exporter:v0.15.3",
        9150,
        "/bin/memcached_exporter",
        "/",
        (f"--memcached.address={service.name}:11211",),
    )


def _elasticsearch(service: Service) -> Exporter | None:
    variables = {name: each.value for name, each in service.environment.items()}
    # Who asks is not checked unless the stack says so, which changed with version 8.
    is_old = () < version_of(service) < (8,)
    is_open = variables.get("xpack.security.enabled", "false" if is_old else "true") == "false"
    has_no_tls = variables.get("xpack.security.http.ssl.enabled") == "false"
    password = given(service, "ELASTIC_PASSWORD")
    if is_open:
        login: tuple[tuple[str, Given], ...] = ()
    elif has_no_tls and password:
        login = (("ES_USERNAME", Given("elastic")), ("ES_PASSWORD", password))
    else:
        return None
    return Exporter(
        service,
        "elasticsearch-exporter",
        "prometheuscommunity/elasticsearch-exporter:v1.9.0",
        9114,
        "/bin/elasticsearch_exporter",
        "/",
        (f"--es.uri=http://{service.name}:9200",),
        login,
    )


def _nginx(service: Service) -> Exporter | None:
    """Only where the configuration has a place with the server's state, open to other containers."""
    repository = service.stack.repository
    for mount in service.bind_mounts:
        for path in (mount.path, *repository.below(mount.path)) if mount.path else ():
            text = (repository.searchable(path) or b"").decode("utf-8", "replace")
            text = re.sub("#.*", "", text)
            place = re.search(r"location\s+=?\s*(/\S+)\s*\{([^}]*\bstub_status\b[^}]*)\}", text)
            if place is None or "deny" in place[2]:
                continue
            port = re.findall(r"\blisten\s+(\d+)\b(?![^;]*\bssl\b)", text[: place.start()])
            return Exporter(
                service,
                "nginx-prometheus-exporter",
                "nginx/nginx-prometheus-exporter:1.4.2",
                9113,
                options=(
                    f"--nginx.scrape-uri=http://{service.name}:{port[-1] if port else 80}{place[1]}",
                ),
            )
    return None


BY_LANGUAGE: dict[str, Callable[[Service], Exporter | None]] = {
    "postgres": _postgres,
    "mysql": _mysql,
    "redis": _redis,
    "mongodb": _mongodb,
    "memcached": _memcached,
}
BY_NAME: dict[str, Callable[[Service], Exporter | None]] = {
    "elasticsearch": _elasticsearch,
    "nginx": _nginx,
    "nginx-unprivileged": _nginx,
}
