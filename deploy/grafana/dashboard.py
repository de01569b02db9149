"""Grafana's dashboard of the flow, made from the rows below: `make docs` writes dashboards/dongtin.json.

Read from left to right and from top to bottom: how much comes through each stage, what waits, how long it
takes, what became of it, and what it runs on. Every query is run by tests/pipeline/test_monitoring.py.
"""

import json
from dataclasses import dataclass
from typing import Any

WIDTH = 24  # Grafana's columns
SOURCE = {"type": "prometheus", "uid": "${source}"}
#: Of the dashboards of Grafana 11 and later, which Grafana brings up to its own by itself.
SCHEMA = 39

_MINUTE = "60 * sum{by}(rate({metric}[$__rate_interval]))"
_OUTLET = 'outlet=~"$outlet"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One picture: its queries as (PromQL, legend)."""

    title: str
    queries: tuple[tuple[str, str], ...]
    unit: str = "short"
    kind: str = "timeseries"
    about: str = ""


def per_minute(metric: str, by: str = "") -> str:
    """PromQL for the growth of a counter in a minute."""
    return _MINUTE.format(metric=metric, by=f" by ({by}) " if by else "")


def _went_on(stage: str) -> str:
    return per_minute(f'dongtin_articles_total{{stage="{stage}",outcome="ok",{_OUTLET}}}')


def _latency(share: float) -> str:
    buckets = "sum by (stage, le) (rate(dongtin_latency_seconds_bucket[$__rate_interval]))"
    return f"histogram_quantile({share}, {buckets})"


_FLOW = (
    ("Discovered", per_minute(f"dongtin_articles_discovered_total{{{_OUTLET}}}")),
    ("Published", _went_on("crawl")),
    ("Enriched", _went_on("enrich")),
    ("Indexed", _went_on("index")),
    ("First mentions", per_minute('dongtin_alerts_total{stage="watch",outcome="first-mention"}')),
    ("Alerts delivered", per_minute('dongtin_alerts_total{stage="notify",outcome="delivered"}')),
)

#: Rows of panels, each as wide as the others of its row, with the height of the row.
ROWS: tuple[tuple[str, int, tuple[Panel, ...]], ...] = (
    (
        "The flow, a minute",
        5,
        tuple(Panel(title=t, queries=((q, ""),), kind="stat") for t, q in _FLOW),
    ),
    (
        "How much, what waits, how long",
        8,
        (
            Panel(
                title="Articles a minute",
                queries=(
                    (per_minute(f"dongtin_articles_total{{{_OUTLET}}}", "stage"), "{{stage}}"),
                ),
            ),
            Panel(
                title="Lag",
                queries=(("sum by (group) (dongtin_consumer_lag)", "{{group}}"),),
                about="Messages that a stage has not finished yet.",
            ),
            Panel(
                title="Since discovery",
                queries=(
                    (_latency(0.5), "{{stage}}, half"),
                    (_latency(0.95), "{{stage}}, 19 of 20"),
                ),
                unit="s",
                about="Seconds from an article's discovery in a feed until the stage had done with it.",
            ),
        ),
    ),
    (
        "What became of it",
        8,
        (
            Panel(
                title="Outcomes a minute",
                queries=(
                    (
                        per_minute(f"dongtin_articles_total{{{_OUTLET}}}", "stage, outcome"),
                        "{{stage}}: {{outcome}}",
                    ),
                ),
            ),
            Panel(
                title="Dead letters in an hour",
                queries=(
                    (
                        "sum by (stage, reason) (increase(dongtin_dead_letters_total[1h]))",
                        "{{stage}}: {{reason}}",
                    ),
                ),
                kind="bargauge",
            ),
            Panel(
                title="Newest article of each outlet",
                queries=(
                    (
                        "time() - max by (outlet)"
                        f" (dongtin_outlet_newest_article_timestamp_seconds{{{_OUTLET}}})",
                        "{{outlet}}",
                    ),
                ),
                unit="s",
                kind="bargauge",
                about="Seconds since it was discovered.",
            ),
        ),
    ),
    (
        "Promises",
        8,
        (
            Panel(
                title="Ledger",
                queries=(("sum by (state) (dongtin_ledger_articles)", "{{state}}"),),
                about="Where every article ever discovered is.",
            ),
            Panel(
                title="Missing articles",
                queries=(("max(dongtin_ledger_unbalanced)", ""),),
                kind="stat",
            ),
            Panel(
                title="Alerts",
                queries=(
                    (
                        per_minute('dongtin_alerts_total{stage="notify"}', "outcome"),
                        "{{outcome}}, a minute",
                    ),
                    ("sum(dongtin_notify_pending)", "waiting"),
                ),
            ),
            Panel(
                title="Looks at feeds, a minute",
                queries=(
                    (
                        per_minute(f"dongtin_feed_polls_total{{{_OUTLET}}}", "outcome"),
                        "{{outcome}}",
                    ),
                ),
            ),
        ),
    ),
    (
        "What it runs on",
        8,
        (
            Panel(
                title="Processes",
                queries=(
                    ('up{job="dongtin"}', "{{instance}}"),
                    ("dongtin_process_up", "{{process}}"),
                    ("dongtin_server_up", "{{instance}}: {{server}}"),
                ),
                about="1: it answers.",
            ),
            Panel(
                title="Starts in an hour",
                queries=(
                    ('changes(process_start_time_seconds{job="dongtin"}[1h])', "{{instance}}"),
                ),
            ),
            Panel(
                title="Lanes of enrich",
                queries=(
                    ("sum by (state) (dongtin_pool_lanes)", "{{state}}"),
                    (
                        "sum by (cause) (increase(dongtin_pool_restarts_total[1h]))",
                        "{{cause}}, in an hour",
                    ),
                ),
            ),
            Panel(
                title="Refused by Elasticsearch, a minute; pages on disk",
                queries=(
                    (per_minute("dongtin_elasticsearch_refused_total", "cause"), "{{cause}}"),
                    ("sum(dongtin_outbox_pages)", "pages that wait for Kafka"),
                ),
            ),
            Panel(
                title="Work",
                queries=(
                    (
                        "sum by (stage) (rate(dongtin_stage_seconds_sum[$__rate_interval]))",
                        "{{stage}}",
                    ),
                ),
                unit="s",
                about="Seconds of work in each second.",
            ),
        ),
    ),
)


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": number,
        "title": panel.title,
        "type": panel.kind,
        "datasource": SOURCE,
        "gridPos": place,
        "targets": [
            {
                "refId": chr(ord("A") + at),
                "datasource": SOURCE,
                "expr": expr,
                "legendFormat": legend,
            }
            for at, (expr, legend) in enumerate(panel.queries)
        ],
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
    }
    if panel.about:
        made["description"] = panel.about
    if panel.kind != "timeseries":
        made["options"] = {"reduceOptions": {"calcs": ["lastNotNull"]}}
    return made


def _panels() -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    top = 0
    for title, height, panels in ROWS:
        place = {"x": 0, "y": top, "w": WIDTH, "h": 1}
        row = {"id": len(made) + 1, "type": "row", "title": title, "gridPos": place, "panels": []}
        made.append(row | {"collapsed": False})
        edges = [WIDTH * at // len(panels) for at in range(len(panels) + 1)]
        for panel, left, right in zip(panels, edges, edges[1:], strict=False):
            place = {"x": left, "y": top + 1, "w": right - left, "h": height}
            made.append(_panel(panel, len(made) + 1, place))
        top += 1 + height
    return made


def dashboard() -> str:
    """The dashboard as Grafana reads it."""
    variables = [
        {"name": "source", "type": "datasource", "query": "prometheus", "label": "Prometheus"},
        {
            "name": "outlet",
            "type": "query",
            "label": "Outlet",
            "datasource": SOURCE,
            "query": "label_values(dongtin_articles_total, outlet)",
            "refresh": 2,
            "multi": True,
            "includeAll": True,
            "allValue": ".*",
            "current": {"text": "All", "value": "$__all"},
        },
    ]
    made = {
        "uid": "dongtin",
        "title": "dongtin: the flow",
        "schemaVersion": SCHEMA,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": variables},
        "panels": _panels(),
    }
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"
