"""Grafana's dashboard for a stack: a row for each kind of metrics that the stack has."""

from __future__ import annotations

from typing import Any

from fixer.scaffold.configuration.prometheus import Job, groups_of, requests_of
from fixer.scaffold.rendering import FOLDER

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH, HEIGHT = 8, 8
"""A third of the page, and as high as Grafana makes a panel."""


def dashboard(jobs: list[Job]) -> str:
    """Give the dashboard's JSON."""
    import json
    import tomllib

    # The rows are data: `needs` names the group of alert rules that has the same metrics.
    rows = tomllib.loads((FOLDER / "grafana/dashboard.toml").read_text("utf-8"))["rows"]
    groups = groups_of(jobs)
    found = [(row["title"], row["panels"]) for row in rows if row["needs"] in groups]
    if counters := requests_of(jobs):
        found.append(("Requests", _requests(counters)))
    return json.dumps(_with_rows(found), indent=2) + "\n"


def _requests(counters: list[tuple[str, str]]) -> list[dict[str, str]]:
    """The panels for the applications, whatever their libraries call their counters."""
    served = [f"sum by (job) (rate({counter}[$__rate_interval]))" for counter, _ in counters]
    failed = [
        f"sum by (job) (rate({counter}{{{label}}}[$__rate_interval])) / {whole}"
        for (counter, label), whole in zip(counters, served, strict=True)
    ]
    return [
        {"title": title, "query": " or ".join(queries), "legend": "{{job}}", "unit": unit}
        for title, queries, unit in (
            ("Requests per second", served, "reqps"),
            ("Failed requests", failed, "percentunit"),
        )
    ]


def _with_rows(rows: list[tuple[str, list[dict[str, str]]]]) -> dict[str, Any]:
    panels: list[dict[str, Any]] = []
    top = 0
    for title, contents in rows:
        place = {"x": 0, "y": top, "w": 24, "h": 1}
        panels.append(
            {"id": len(panels) + 1, "type": "row", "title": title, "gridPos": place, "panels": []}
        )
        for index, each in enumerate(contents):
            row, column = divmod(index, 24 // WIDTH)
            place = {"x": column * WIDTH, "y": top + 1 + row * HEIGHT, "w": WIDTH, "h": HEIGHT}
            panels.append({"id": len(panels) + 1, **_panel(each), "gridPos": place})
        top += 1 + -(-len(contents) // (24 // WIDTH)) * HEIGHT
    return {
        "uid": "stack",
        "title": "Stack",
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [
                {
                    "name": "datasource",
                    "label": "Data source",
                    "type": "datasource",
                    "query": "prometheus",
                }
            ]
        },
        "panels": panels,
    }


def _panel(panel: dict[str, str]) -> dict[str, Any]:
    target = {
        "refId": "A",
        "datasource": SOURCE,
        "expr": panel["query"],
        "legendFormat": panel["legend"],
    }
    return {
        "type": panel.get("type", "timeseries"),
        "title": panel["title"],
        "datasource": SOURCE,
        "fieldConfig": {"defaults": {"unit": panel["unit"], "min": 0}, "overrides": []},
        "targets": [target],
    }
