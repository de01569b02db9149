"""The mappings as they are declared in `mappings/*.json`, each with its version.

A new field is added to the indices that are there. Whatever else changes in a mapping needs a higher
`version`: articles then move into indices of that version as they are written anew.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from connectors.elasticsearch import names
from streams.errors import ConfigError
from streams.settings import Settings

FOLDER = Path(__file__).parent / "mappings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One kind of documents, as `mappings/<kind>.json` has it."""

    version: int
    settings: dict[str, Any]
    mappings: dict[str, Any]


@cache
def declared(kind: str) -> Declared:
    """A kind's declaration.

    Raises:
        ConfigError: the file has no whole `version` from 1 on.
    """
    path = FOLDER / f"{kind}.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    number = found.get("version")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise ConfigError(path, f"version: {number!r} is no whole number from 1 on")
    return Declared(version=number, settings=found["settings"], mappings=found["mappings"])


def index(prefix: str, kind: str, month: str = "") -> str:
    """The index that documents of a kind are written to today."""
    return names.index(prefix, kind, declared(kind).version, month)


def template(kind: str, settings: Settings) -> dict[str, Any]:
    """The index template of a kind, as it is put on the server."""
    found, prefix = declared(kind), settings.elasticsearch.prefix
    own = {**found.settings, "number_of_replicas": settings.elasticsearch.replicas}
    body: dict[str, Any] = {"settings": {"index": own}, "mappings": found.mappings}
    pattern = index(prefix, kind)
    if kind in names.MONTHLY:
        body["aliases"] = {names.alias(prefix, kind): {}}
        pattern += "-*"
    return {"index_patterns": [pattern], "priority": 200, "template": body}
