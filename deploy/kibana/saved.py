"""What all of Kibana's saved objects have in common.

Each type's version is one that 8.8 and every later 8.x reads: an importing Kibana brings older objects up
to its own, and refuses newer ones. Ids are names, so that an import over an earlier one replaces it.
"""

import json
from collections.abc import Mapping
from typing import Any

PREFIX = "dongtin"  # of the aliases: [elasticsearch] prefix

_CORE = "8.8.0"
_VERSIONS = {
    "index-pattern": "8.0.0",
    "search": "8.0.0",
    "visualization": "8.5.0",
    "dashboard": "8.9.0",
}
_SOURCE = "kibanaSavedObjectMeta.searchSourceJSON.index"

Object = dict[str, Any]


def saved(kind: str, id: str, attributes: Object, references: list[Object]) -> Object:
    """One object, with its type's version."""
    return {
        "type": kind,
        "id": id,
        "attributes": attributes,
        "references": references,
        "coreMigrationVersion": _CORE,
        "typeMigrationVersion": _VERSIONS[kind],
        "managed": False,
    }


def id_of(section: str, name: str) -> str:
    """The id of what stands under a name in a section of `declared.toml`."""
    return f"{PREFIX}-{section}-{name}"


def to_view(name: str, reference: str = _SOURCE) -> Object:
    """A reference to a data view."""
    return {"type": "index-pattern", "id": id_of("views", name), "name": reference}


def source(where: Mapping[str, str]) -> Object:
    """Where a search or a chart takes its documents from."""
    query = " and ".join(f"{field} : {json.dumps(value)}" for field, value in where.items())
    told = {
        "query": {"query": query, "language": "kuery"},
        "filter": [],
        "indexRefName": _SOURCE,
    }
    return {"searchSourceJSON": json.dumps(told)}
