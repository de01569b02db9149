"""Dashboards: where each panel stands, and what people choose at the top."""

import json
from collections.abc import Mapping
from typing import Any

from deploy.kibana.saved import Object, id_of, saved, to_view

VERSION = "8.17.4"  # of the Kibana whose panels these are; an older one refuses them
_KINDS = {"searches": "search", "charts": "visualization"}
_WIDTH = 48  # columns of a dashboard


def dashboard(name: str, told: Mapping[str, Any]) -> Object:
    """Rows of panels, with controls at the top."""
    panels, references = _panels(told["rows"])
    attributes = {
        "title": told["title"],
        "description": told["description"],
        "panelsJSON": json.dumps(panels),
        "optionsJSON": json.dumps(
            {"useMargins": True, "syncColors": False, "hidePanelTitles": False}
        ),
        "timeRestore": True,
        "timeFrom": told["from"],
        "timeTo": "now",
        "refreshInterval": {"pause": False, "value": 60_000},
        "version": 1,
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": json.dumps(
                {"query": {"query": "", "language": "kuery"}, "filter": []}
            )
        },
    }
    controls = _controls(told["controls"])
    if controls:
        attributes["controlGroupInput"] = {
            "controlStyle": "oneLine",
            "chainingSystem": "HIERARCHICAL",
            "panelsJSON": json.dumps(controls),
            "ignoreParentSettingsJSON": json.dumps(
                {
                    "ignoreFilters": False,
                    "ignoreQuery": False,
                    "ignoreTimerange": False,
                    "ignoreValidations": False,
                }
            ),
        }
    references += [
        to_view(told["view"], f"controlGroup_{id}:optionsListDataView") for id in controls
    ]
    return saved("dashboard", id_of("dashboards", name), attributes, references)


def _panels(rows: list[Mapping[str, Any]]) -> tuple[list[Object], list[Object]]:
    panels: list[Object] = []
    references: list[Object] = []
    top = 0
    for row in rows:
        width = _WIDTH // len(row["panels"])
        for place, panel in enumerate(row["panels"]):
            section, _, name = panel.partition(".")
            index, kind = str(len(panels) + 1), _KINDS[section]
            grid = {"x": place * width, "y": top, "w": width, "h": row["height"], "i": index}
            panels.append(
                {
                    "version": VERSION,
                    "type": kind,
                    "gridData": grid,
                    "panelIndex": index,
                    "embeddableConfig": {"enhancements": {}},
                    "panelRefName": f"panel_{index}",
                }
            )
            references.append(
                {"type": kind, "id": id_of(section, name), "name": f"{index}:panel_{index}"}
            )
        top += row["height"]
    return panels, references


def _controls(controls: Mapping[str, str]) -> Object:
    return {
        field: {
            "order": order,
            "width": "medium",
            "grow": True,
            "type": "optionsListControl",
            "explicitInput": {"id": field, "title": title, "fieldName": field, "enhancements": {}},
        }
        for order, (title, field) in enumerate(controls.items())
    }
