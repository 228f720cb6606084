"""Prometheus: a job for each service of the stack that has metrics, and alert rules."""

from __future__ import annotations

from fixer.scaffold.configuration.writing import Writer, neighbours, placed
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack


def _prometheus(stack: Stack, service: Service, mount: Mount) -> Files:
    from fixer.scaffold.configuration import program_at

    jobs = []
    for other in neighbours(service):
        facts = other.facts
        if facts is not None and other.build is None:
            jobs += [
                {"name": other.name, "port": each.port, "path": each.metrics}
                for each in facts.serves
                if each.metrics
            ]
    rules = [
        mount.target if mount.target.endswith((".yml", ".yaml")) else f"{mount.target}/*.yml"
        for mount in service.bind_mounts
        if program_at(service, mount.target) == "prometheus-rules"
    ]
    alerting = [job for job in jobs if job["port"] == 9093]
    text = render("prometheus/prometheus.yml.j2", jobs=jobs, rules=rules, alerting=alerting)
    return placed(mount, "prometheus.yml", text)


def _rules(stack: Stack, service: Service, mount: Mount) -> Files:
    return placed(mount, "availability.yml", render("prometheus/availability.yml.j2"))


WRITERS: dict[str, Writer] = {"prometheus": _prometheus, "prometheus-rules": _rules}
