"""Kibana's saved objects, made of what `declared.toml` says; `make docs` writes them to dongtin.ndjson.

The format is that of Kibana 8.17.4's own export.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deploy.kibana.charts import chart, search
from deploy.kibana.dashboards import dashboard
from deploy.kibana.saved import PREFIX, Object, id_of, saved

FOLDER = Path(__file__).parent
FILE = FOLDER / "dongtin.ndjson"


def declared() -> Mapping[str, Any]:
    """What `declared.toml` says."""
    return tomllib.loads((FOLDER / "declared.toml").read_text(encoding="utf-8"))


def objects(told: Mapping[str, Any]) -> Iterator[Object]:
    """Every saved object, those that others point to first."""
    for name, view in told["views"].items():
        yield _view(name, view)
    for name, one in told["searches"].items():
        yield search(name, one, told["views"][one["view"]]["time"])
    for name, one in told["charts"].items():
        yield chart(name, one)
    for name, one in told["dashboards"].items():
        yield dashboard(name, one)


def lines(made: Iterator[Object]) -> str:
    """One object a line, as an import reads them."""
    rows = (json.dumps(thing, ensure_ascii=False, sort_keys=True) for thing in made)
    return "".join(f"{row}\n" for row in rows)


def _view(name: str, view: Mapping[str, Any]) -> Object:
    attributes = {
        "title": f"{PREFIX}-{name}",
        "name": view["name"],
        "timeFieldName": view["time"],
        "fields": "[]",
        "fieldAttrs": "{}",
        "fieldFormatMap": json.dumps({"url": {"id": "url", "params": {}}}),  # to be clicked on
        "runtimeFieldMap": "{}",
        "sourceFilters": "[]",
        "typeMeta": "{}",
        "allowHidden": False,
    }
    return saved("index-pattern", id_of("views", name), attributes, [])
