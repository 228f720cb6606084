"""The OpenTelemetry collector: takes OTLP, and passes each signal on to the stack's server for it."""

from __future__ import annotations

from fixer.scaffold.configuration.writing import (
    Writer,
    configured,
    neighbours,
    running,
    version_of,
)
from fixer.scaffold.files import Files
from fixer.scaffold.rendering import render
from fixer.stack import Mount, Service, Stack

TRACES = ("grafana/tempo", "jaegertracing/all-in-one", "jaegertracing/jaeger")
METRICS_PORT = "8889"


def _collector(stack: Stack, service: Service, mount: Mount) -> Files:
    around = neighbours(service)
    version = version_of(service)
    # Loki takes OTLP since its third version.
    loki = [each for each in running(around, "grafana/loki") if version_of(each)[:1] not in ((1,), (2,))]
    text = render(
        "otel/config.yaml.j2",
        traces=[each.name for each in running(around, *TRACES)],
        logs=[each.name for each in loki],
        metrics=METRICS_PORT if running(around, "prom/prometheus") else "",
        printing="logging" if version and version < (0, 86) else "debug",
    )
    return configured(service, mount, "config.yaml", text)


WRITERS: dict[str, Writer] = {"otel-collector": _collector}
