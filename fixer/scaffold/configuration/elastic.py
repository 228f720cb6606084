"""Elasticsearch with what comes to it: Kibana and Logstash."""

from __future__ import annotations

from collections.abc import Iterable

from fixer.scaffold.configuration.writing import Writer, neighbours, placed
from fixer.scaffold.connections import variables_of
from fixer.scaffold.files import Files
from fixer.scaffold.images import facts_of
from fixer.scaffold.ports import listening_ports
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack

KIBANA = ("KIBANA_SYSTEM_PASSWORD", "KIBANA_PASSWORD")
LOGSTASH = {"LOGSTASH_INTERNAL_PASSWORD": "logstash_internal", "ELASTIC_PASSWORD": "elastic"}
"""What variables with the passwords of Elasticsearch's users are called, in the containers that log in
as them; the images themselves read others."""

INPUTS = {
    "5044": "beats",
    "5000": "tcp",
    "50000": "tcp",
    "8080": "http",
    "12201": "gelf",
}
"""What usually comes in by a port of Logstash."""


def _elasticsearch(stack: Stack, service: Service, mount: Mount) -> Files:
    names = variables_of(service)
    if len(_servers(list(stack.services.values()))) > 1:
        # How nodes find and trust each other stands in their variables, or nowhere.
        return {}
    text = render(
        "elasticsearch/elasticsearch.yml.j2",
        name="" if "cluster.name" in names else service.name,
        is_alone="discovery.type" not in names,
    )
    return placed(mount, "elasticsearch.yml", text)


def _kibana(stack: Stack, service: Service, mount: Mount) -> Files:
    hosts = _hosts(service)
    if not hosts:
        return {}
    password = _password(service, KIBANA)
    text = render("kibana/kibana.yml.j2", hosts=hosts, password=password)
    return placed(mount, "kibana.yml", text)


def _pipeline(stack: Stack, service: Service, mount: Mount) -> Files:
    hosts = _hosts(service)
    if not hosts or not mount.target.endswith((".conf", "/pipeline")):
        return {}
    ports = [port for port in listening_ports(service) if port in INPUTS]
    text = render(
        "logstash/logstash.conf.j2",
        hosts=hosts,
        inputs=[(port, INPUTS[port]) for port in ports] or [("5044", "beats")],
        password=_password(service, LOGSTASH),
        users=LOGSTASH,
    )
    return placed(mount, "logstash.conf", text)


def _logstash(stack: Stack, service: Service, mount: Mount) -> Files:
    return placed(mount, "logstash.yml", render("logstash/logstash.yml.j2"))


def _hosts(service: Service) -> list[str]:
    """Where Elasticsearch answers; nothing where it speaks TLS, which needs its certificate."""
    servers = _servers(neighbours(service))
    if any(variables_of(each).get("xpack.security.http.ssl.enabled") == "true" for each in servers):
        return []
    return [f"http://{each.name}:9200" for each in servers]


def _servers(services: list[Service]) -> list[Service]:
    """Those that run Elasticsearch; what sets it up from its own network is none."""
    return [
        each
        for each in services
        if each.networks and (facts := facts_of(each)) and facts.name == "elasticsearch"
    ]


def _password(service: Service, names: Iterable[str]) -> str:
    given = variables_of(service)
    return next((name for name in names if name in given), "")


WRITERS: dict[str, Writer] = {
    "elasticsearch": _elasticsearch,
    "kibana": _kibana,
    "logstash": _logstash,
    "logstash-pipeline": _pipeline,
}
