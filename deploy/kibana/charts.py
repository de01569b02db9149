"""Saved searches and charts: what they ask, and how Kibana draws it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from deploy.kibana.saved import Object, id_of, saved, source, to_view

_ROWS = 20  # of a table, and of what rises
_COLOURS = 8


def search(name: str, told: Mapping[str, Any], time: str) -> Object:
    """A saved search, the newest first by the field `time`."""
    attributes = {
        "title": f"dongtin: {told['title']}",
        "description": "",
        "columns": told["columns"],
        "sort": [[time, "desc"]],
        "grid": {},
        "hideChart": True,
        "isTextBasedQuery": False,
        "timeRestore": False,
        "kibanaSavedObjectMeta": source(told.get("where", {})),
    }
    return saved("search", id_of("searches", name), attributes, [to_view(told["view"])])


def chart(name: str, told: Mapping[str, Any]) -> Object:
    """A number, a table or bars."""
    kind = {"number": "metric", "table": "table", "bars": "histogram"}[told["kind"]]
    title = f"dongtin: {told['title']}"
    aggs = [*_metrics(told["metrics"]), *_buckets(told)]
    params = {"metric": _NUMBER, "table": _TABLE, "histogram": _bars(told["metrics"])}[kind]
    attributes = {
        "title": title,
        "description": "",
        "visState": json.dumps({"title": title, "type": kind, "aggs": aggs, "params": params}),
        "uiStateJSON": "{}",
        "version": 1,
        "kibanaSavedObjectMeta": source(told.get("where", {})),
    }
    return saved("visualization", id_of("charts", name), attributes, [to_view(told["view"])])


def _agg(id: int, kind: str, schema: str, **params: Any) -> Object:
    return {"id": str(id), "enabled": True, "type": kind, "schema": schema, "params": params}


def _metrics(metrics: Mapping[str, str]) -> Iterator[Object]:
    for id, (label, what) in enumerate(metrics.items(), 1):
        if what == "count":
            yield _agg(id, "count", "metric", customLabel=label)
        else:
            yield _agg(id, "cardinality", "metric", field=what, customLabel=label)


def _buckets(told: Mapping[str, Any]) -> Iterator[Object]:
    id = len(told["metrics"]) + 1
    for field in told.get("by", ()):
        yield _terms(id, "bucket", field, _ROWS)
        id += 1
    if "rising" in told:
        yield _agg(id, "significant_terms", "bucket", field=told["rising"], size=_ROWS)
    if "over" in told:
        yield _agg(
            id,
            "date_histogram",
            "segment",
            field=told["over"],
            interval="auto",
            useNormalizedEsInterval=True,
            scaleMetricValues=False,
            drop_partials=False,
            min_doc_count=1,
            extended_bounds={},
        )
        yield _terms(id + 1, "group", told["split"], _COLOURS)


def _terms(id: int, schema: str, field: str, size: int) -> Object:
    return _agg(
        id,
        "terms",
        schema,
        field=field,
        size=size,
        orderBy="1",  # the first metric
        order="desc",
        otherBucket=False,
        otherBucketLabel="Other",
        missingBucket=False,
        missingBucketLabel="Missing",
    )


_TABLE = {
    "perPage": 10,
    "showPartialRows": False,
    "showMetricsAtAllLevels": False,
    "showTotal": False,
    "totalFunc": "sum",
    "percentageCol": "",
    "showToolbar": True,
}
_NUMBER = {
    "type": "metric",
    "addTooltip": True,
    "addLegend": False,
    "metric": {
        "percentageMode": False,
        "useRanges": False,
        "colorSchema": "Green to Red",
        "metricColorMode": "None",
        "colorsRange": [{"from": 0, "to": 10000}],
        "labels": {"show": True},
        "invertColors": False,
        "style": {
            "bgFill": "#000",
            "bgColor": False,
            "labelColor": False,
            "subText": "",
            "fontSize": 36,
        },
    },
}


def _bars(metrics: Mapping[str, str]) -> Object:
    label = next(iter(metrics))
    series = {
        "show": True,
        "type": "histogram",
        "mode": "stacked",
        "data": {"label": label, "id": "1"},
        "valueAxis": "ValueAxis-1",
        "drawLinesBetweenPoints": True,
        "lineWidth": 2,
        "showCircles": True,
    }
    axis = {"show": True, "style": {}, "title": {}}
    return {
        "type": "histogram",
        "grid": {"categoryLines": False},
        "categoryAxes": [
            axis
            | {
                "id": "CategoryAxis-1",
                "type": "category",
                "position": "bottom",
                "scale": {"type": "linear"},
                "labels": {"show": True, "filter": True, "truncate": 100},
            }
        ],
        "valueAxes": [
            axis
            | {
                "id": "ValueAxis-1",
                "name": "LeftAxis-1",
                "type": "value",
                "position": "left",
                "scale": {"type": "linear", "mode": "normal"},
                "labels": {"show": True, "rotate": 0, "filter": False, "truncate": 100},
                "title": {"text": label},
            }
        ],
        "seriesParams": [series],
        "addTooltip": True,
        "addLegend": True,
        "legendPosition": "right",
        "times": [],
        "addTimeMarker": False,
        "labels": {"show": False},
        "thresholdLine": {
            "show": False,
            "value": 10,
            "width": 1,
            "style": "full",
            "color": "#E7664C",
        },
        "palette": {"type": "palette", "name": "default"},
    }
